// SPDX-License-Identifier: Apache-2.0
#include "results/record/run_recorder.h"

#include <filesystem>
#include <system_error>

#include "results/record/files.h"
#include "results/record/json_lines.h"

namespace wsfleet {

Result<std::unique_ptr<RunRecorder>> RunRecorder::create(const std::string& directory) {
  std::unique_ptr<RunRecorder> recorder(new RunRecorder());
  if (directory.empty()) return recorder;
  auto staged = StagedDirectory::create(directory);
  if (!staged) return tl::unexpected(staged.error());
  auto decisions_file = LineFile::create((*staged)->path("decisions.ndjson"));
  if (!decisions_file) return tl::unexpected(decisions_file.error());
  auto events_file = LineFile::create((*staged)->path("events.ndjson"));
  if (!events_file) return tl::unexpected(events_file.error());
  recorder->directory_ = directory;
  recorder->staged_ = std::move(*staged);
  recorder->decisions_file_ = std::move(*decisions_file);
  recorder->events_file_ = std::move(*events_file);
  return recorder;
}

RunRecorder::RunRecorder() = default;
RunRecorder::~RunRecorder() = default;

void RunRecorder::second(const SecondRow& row) { rows_.push_back(row); }

void RunRecorder::event(const FleetEvent& event) {
  events_.push_back(event);
  if (!events_file_ || write_error_) return;
  line_.clear();
  append_event_line(line_, event);
  keep(events_file_->append(line_));
}

void RunRecorder::decision(const Observation& observation, const Decision& decision) {
  ++decisions_;
  if (decision.held) ++held_decisions_;
  if (!decisions_file_ || write_error_) return;
  line_.clear();
  append_decision_line(line_, observation, decision);
  keep(decisions_file_->append(line_));
}

void RunRecorder::clients(const ClientHistograms& histograms) { clients_ = histograms; }

void RunRecorder::figures(const RunFigures& figures) { figures_ = figures; }

void RunRecorder::keep(Result<void> written) {
  if (!written && !write_error_) write_error_ = std::move(written.error());
}

Result<std::string> RunRecorder::make_directory(const std::string& name) {
  if (!staged_) return std::string();
  std::error_code error;
  const std::string path = staged_->path(name);
  std::filesystem::create_directory(path, error);
  if (error) return tl::unexpected(file_error("make", path, error.value()));
  return path;
}

Result<void> RunRecorder::finish(const std::vector<std::pair<std::string, std::string>>& files) {
  if (!staged_) return {};
  if (!write_error_) keep(decisions_file_->close());
  if (!write_error_) keep(events_file_->close());
  for (const auto& [name, text] : files) {
    if (!write_error_) keep(staged_->write(name, text));
  }
  if (!write_error_) keep(staged_->commit());
  decisions_file_.reset();
  events_file_.reset();
  staged_.reset();  // removes what was not committed
  if (write_error_) return tl::unexpected(*write_error_);
  return {};
}

}  // namespace wsfleet
