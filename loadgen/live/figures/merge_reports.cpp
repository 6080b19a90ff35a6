// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/figures/merge_reports.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

namespace wsfleet {
namespace {

Result<LoadReport> read_report(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) {
    return fail(fmt::format("{} can't be read: {}", file, std::generic_category().message(errno)));
  }
  const nlohmann::json json = nlohmann::json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return fail(fmt::format("{} is no JSON", file));
  auto report = report_from_json(json);
  if (!report) return fail(fmt::format("{}: {}", file, report.error().message));
  return report;
}

}  // namespace

Result<LoadReport> merge_reports(const std::vector<std::string>& files,
                                 const std::vector<Threshold>& thresholds) {
  std::optional<LoadReport> merged;
  for (const std::string& file : files) {
    auto report = read_report(file);
    if (!report) return report;
    if (!merged) {
      merged = std::move(*report);
      continue;
    }
    if (const auto added = merge_report(*merged, *report); !added) {
      return fail(fmt::format("{}: {}", file, added.error().message));
    }
  }
  judge(*merged, thresholds);
  return std::move(*merged);
}

}  // namespace wsfleet
