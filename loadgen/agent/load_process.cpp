// SPDX-License-Identifier: Apache-2.0
#include "loadgen/agent/load_process.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

Result<void> write_file(const fs::path& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (stream) return {};
  return fail(fmt::format("can't write the file {}: {}", path.filename().string(),
                          std::generic_category().message(errno)));
}

}  // namespace

LoadProcess::~LoadProcess() {
  kill();
  remove_directory();
}

Result<void> LoadProcess::start(const StartRequest& request) {
  if (auto prepared = prepare(request); !prepared) {
    remove_directory();
    return prepared;
  }
  ProcessOptions options;
  options.command = {program_};
  options.command.insert(options.command.end(), request.arguments.begin(), request.arguments.end());
  options.command.insert(options.command.end(), {"--json", kReportFile});
  options.output = options.errors = log_path();
  options.group = std::nullopt;
  options.directory = directory_;
  auto process = Process::start(options);
  if (!process) {
    remove_directory();
    return tl::unexpected(process.error());
  }
  process_ = std::move(*process);
  return {};
}

Result<void> LoadProcess::prepare(const StartRequest& request) {
  std::error_code error;
  directory_ = (fs::temp_directory_path(error) / "wsfleet-loadgen-XXXXXX").string();
  if (error || mkdtemp(directory_.data()) == nullptr) {
    const std::string message = fmt::format("no temporary directory can be made: {}", directory_);
    directory_.clear();
    return fail(message);
  }
  for (const auto& [name, text] : request.files) {
    if (auto written = write_file(fs::path(directory_) / name, text); !written) return written;
  }
  return {};
}

void LoadProcess::stop() {
  if (!running() || told_to_stop_) return;
  told_to_stop_ = true;
  process_->signal(SIGTERM);
}

void LoadProcess::kill() {
  if (!running()) return;
  process_->kill();
  look();
}

void LoadProcess::look() {
  if (!running()) return;
  if (const auto end = process_->poll()) exit_status_ = end->shell_status();
}

std::string LoadProcess::path_of(const char* name) const {
  return directory_.empty() ? "" : directory_ + "/" + name;
}

void LoadProcess::remove_directory() {
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
  directory_.clear();
}

}  // namespace wsfleet
