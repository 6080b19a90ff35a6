// SPDX-License-Identifier: Apache-2.0
// For tests only: writes a report of sample runs, for the browser test and for looking at it.
//   sample_report comparison|run|hostile OUTPUT.html

#include <iostream>
#include <string>

#include "results/report/page/html_report.h"
#include "results/report/testing/sample_fleet.h"

namespace wsfleet {
namespace {

// Names that would break out of any place that forgot to escape them.
void make_hostile(ReportData& data) {
  const std::string attack = "</script><script>window.broken=1</script>\"'><img src=//x.invalid/>";
  data.title += attack;
  data.description += attack;
  data.recommendation += attack;
  data.policies.front().name = attack;
  data.notices.push_back(attack + "{{data}}");
  data.markers.front().label = attack;
  data.charts.front().lines.front().label = attack;
}

int write(const std::string& kind, const std::string& path) {
  ReportData data;
  if (kind == "run") {
    SampleRun run = sample_run("hpa", 1);
    run.summary.expect = {{"refused_share < 0.01", 0.0021, true},
                          {"connections_cut_by_scaling == 0", 12, false}};
    ReportContext context;
    context.description = "A crowd arrives.";
    context.details = sample_details();
    data = build_run_report(run.summary, sample_report_run(run), context);
  } else {
    data = sample_comparison({"original", "hpa", "oracle"}, kind == "hostile" ? 2 : 10);
    if (kind == "hostile") make_hostile(data);
  }
  const Result<void> written = write_report(data, path);
  if (!written) std::cerr << written.error().message << '\n';
  return written ? 0 : 1;
}

}  // namespace
}  // namespace wsfleet

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: sample_report comparison|run|hostile OUTPUT.html\n";
    return 2;
  }
  return wsfleet::write(argv[1], argv[2]);
}
