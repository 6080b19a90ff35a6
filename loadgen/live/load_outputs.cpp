// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/load_outputs.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/log.h"
#include "loadgen/live/figures_json.h"

namespace wsfleet {
namespace {

Result<void> write_to(const std::string& path, const std::string& text) {
  const bool to_stdout = path == "-";
  std::FILE* file = to_stdout ? stdout : std::fopen(path.c_str(), "w");
  const auto failed = [&] {
    return fail(fmt::format("{} can't be written: {}", to_stdout ? "stdout" : path,
                            std::generic_category().message(errno)));
  };
  if (file == nullptr) return failed();
  const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool flushed = std::fflush(file) == 0;
  if (!to_stdout && std::fclose(file) != 0) return failed();
  if (!whole || !flushed) return failed();
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
  for (const std::string& warning : report.warnings) log_warning(warning);
  for (const ThresholdResult& threshold : report.thresholds) {
    if (threshold.met) continue;
    log_error(fmt::format("threshold missed: {} (it is {:.6g})", threshold.text, threshold.value));
  }
  const bool stdout_is_taken = options.json == "-" || options.csv == "-" || options.like_original;
  if (!options.quiet) {
    const std::string summary = summary_text(report, options.color);
    if (!stdout_is_taken) {
      write("-", summary);
    } else if (options.like_original && options.json != "-" && options.csv != "-") {
      std::fputs(summary.c_str(), stderr);
    }
  }
  return result;
}

}  // namespace wsfleet
