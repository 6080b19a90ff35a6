// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/outputs/load_outputs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/log.h"
#include "loadgen/live/figures/figures_json.h"

namespace wsfleet {
namespace {

/// Where to write first: a file appears whole or not at all. Pipes and devices are written to as
/// they are.
std::string written_first(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  const bool is_plain =
      !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
  return is_plain ? fmt::format("{}.{}.tmp", path, getpid()) : path;
}

Result<void> write_to(const std::string& name, const std::string& text) {
  const bool to_stdout = name == "-";
  std::error_code error;
  const bool is_link = !to_stdout && std::filesystem::is_symlink(name, error);
  const std::string path = is_link ? std::filesystem::weakly_canonical(name, error).string() : name;
  const std::string first = to_stdout ? path : written_first(path);
  std::FILE* file = to_stdout ? stdout : std::fopen(first.c_str(), "w");
  const auto failed = [&] {
    return fail(fmt::format("{} can't be written: {}", to_stdout ? "stdout" : name,
                            std::generic_category().message(errno)));
  };
  if (file == nullptr) return failed();
  const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool flushed = std::fflush(file) == 0;
  if (!to_stdout && std::fclose(file) != 0) return failed();
  if (!whole || !flushed) return failed();
  if (first != path && std::rename(first.c_str(), path.c_str()) != 0) return failed();
  return {};
}

}  // namespace

Result<void> write_outputs(const LoadReport& report, const LoadOptions& options) {
  Result<void> result;
  const auto write = [&](const std::string& path, const std::string& text) {
    if (auto written = write_to(path, text); !written && result) result = written;
  };
  if (!options.json.empty()) write(options.json, report_to_json(report).dump() + "\n");
  if (!options.csv.empty()) write(options.csv, figures_to_csv(report.figures));
  if (!options.session_log.empty()) {
    write(options.session_log, session_log_csv(report.session_log));
  }
  for (const std::string& warning : report.warnings) log_warning(warning);
  for (const ThresholdResult& threshold : report.thresholds) {
    if (threshold.met) continue;
    log_error(fmt::format("threshold missed: {} (it is {:.6g})", threshold.text, threshold.value));
  }
  const bool data_on_stdout =
      options.json == "-" || options.csv == "-" || options.session_log == "-";
  const bool stdout_is_taken = data_on_stdout || options.like_original;
  if (!options.quiet) {
    const std::string summary = summary_text(report, options.color);
    if (!stdout_is_taken) {
      write("-", summary);
    } else if (options.like_original && !data_on_stdout) {
      std::fputs(summary.c_str(), stderr);
    }
  }
  return result;
}

}  // namespace wsfleet
