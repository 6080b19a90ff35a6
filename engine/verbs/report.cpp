// SPDX-License-Identifier: Apache-2.0
// `wsfleet report`: the HTML report of a results directory, of a run or a comparison, once more.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "core/log.h"
#include "engine/verbs/common.h"
#include "engine/verbs/comparison_report.h"
#include "results/compare/baseline.h"
#include "results/report/page/html_report.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

Result<std::vector<std::string>> write_page(const ReportData& data, const std::string& path) {
  if (auto written = write_report(data, path); !written) return tl::unexpected(written.error());
  return std::vector{path};
}

Result<std::vector<std::string>> report_run(const ReportOptions& options) {
  Result<ShownRun> shown = read_shown_run(options.directory);
  if (!shown) return tl::unexpected(shown.error());
  Result<StoredRun> stored = read_run_directory(options.directory);
  if (!stored) return tl::unexpected(stored.error());
  ReportContext context;
  context.description = description_in(stored->details.scenario_text);
  context.details = stored->details;
  const std::string path =
      options.output.empty() ? options.directory + "/report.html" : options.output;
  return write_page(build_run_report(stored->summary, shown->run, context), path);
}

/// The runs that the comparison kept whole, in the order of their names.
Result<std::vector<ShownRun>> kept_runs(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory + "/runs", error)) {
    paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<ShownRun> shown;
  for (const std::string& path : paths) {
    Result<ShownRun> run = read_shown_run(path);
    if (!run) return tl::unexpected(run.error());
    shown.push_back(std::move(*run));
  }
  return shown;
}

Result<std::vector<std::string>> report_comparison(const ReportOptions& options) {
  const Result<std::vector<RunSummary>> runs = read_baseline(options.directory);
  if (!runs) return tl::unexpected(runs.error());
  const Result<std::vector<ShownRun>> shown = kept_runs(options.directory);
  if (!shown) return tl::unexpected(shown.error());
  const Comparison comparison = build_comparison(*runs);
  if (!options.output.empty() && comparison.scenarios.size() > 1) {
    return fail(ErrorKind::usage,
                fmt::format("{} compares {} scenarios, each with a page of its own: leave out -o",
                            options.directory, comparison.scenarios.size()));
  }
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < comparison.scenarios.size(); ++i) {
    const std::string path = options.output.empty()
                                 ? options.directory + "/" + report_name(comparison, i)
                                 : options.output;
    const auto written = write_page(comparison_report(comparison.scenarios[i], *shown), path);
    if (!written) return written;
    paths.push_back(path);
  }
  return paths;
}

}  // namespace

int report(const ReportOptions& options, const Terminal&) {
  std::error_code error;
  if (!fs::is_directory(options.directory, error)) {
    return tell({ErrorKind::usage, options.directory + " is no results directory"});
  }
  const bool single = fs::exists(fs::path(options.directory) / "run.json", error);
  const auto paths = single ? report_run(options) : report_comparison(options);
  if (!paths) return tell(paths.error());
  for (const std::string& path : *paths) print(path + "\n");
  return 0;
}

}  // namespace wsfleet
