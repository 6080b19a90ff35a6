// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunRecorder: keeps a run's rows, events and histograms in memory for scoring and, when given a
// directory, streams decisions.ndjson and events.ndjson into a staging directory beside it, which
// is renamed at the end: a results directory is there whole or not at all. The first write error is
// kept and reported. Called by one task at a time.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/seam/run_record.h"

namespace wsfleet {

class StagedDirectory;
class LineFile;

class RunRecorder : public Recorder {
 public:
  /// `directory` "" keeps everything in memory. An existing one is ErrorKind::usage; one that can't
  /// be made is an error with its path and the system's reason.
  static Result<std::unique_ptr<RunRecorder>> create(const std::string& directory);
  ~RunRecorder() override;  // without finish(), what was staged is removed

  void second(const SecondRow& row) override;
  void event(const FleetEvent& event) override;
  void decision(const Observation& observation, const Decision& decision) override;
  void clients(const ClientHistograms& histograms) override;
  void figures(const RunFigures& figures) override;

  const std::vector<SecondRow>& rows() const { return rows_; }
  const std::vector<FleetEvent>& events() const { return events_; }
  const ClientHistograms& client_histograms() const { return clients_; }
  const RunFigures& run_figures() const { return figures_; }
  std::int64_t decisions() const { return decisions_; }
  std::int64_t held_decisions() const { return held_decisions_; }
  const std::string& directory() const { return directory_; }

  /// A directory among the run's results, for files of others; "" without results directory.
  Result<std::string> make_directory(const std::string& name);

  /// The first failed write (full disk): a run may stop early on it; finish() returns it.
  const std::optional<Error>& write_error() const { return write_error_; }

  /// Writes the files (name, text), closes the streams and renames the staging directory. On an
  /// error nothing is left behind. Does nothing without a directory.
  Result<void> finish(const std::vector<std::pair<std::string, std::string>>& files);

 private:
  RunRecorder();
  void keep(Result<void> written);

  std::string directory_;
  std::vector<SecondRow> rows_;
  std::vector<FleetEvent> events_;
  ClientHistograms clients_;
  RunFigures figures_;
  std::int64_t decisions_ = 0;
  std::int64_t held_decisions_ = 0;
  std::string line_;
  std::unique_ptr<StagedDirectory> staged_;
  std::unique_ptr<LineFile> decisions_file_;
  std::unique_ptr<LineFile> events_file_;
  std::optional<Error> write_error_;
};

}  // namespace wsfleet
