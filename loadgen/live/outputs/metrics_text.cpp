// SPDX-License-Identifier: Apache-2.0
// The figures as Prometheus metrics, by prometheus-cpp's serializer.
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <cmath>
#include <sstream>
#include <string_view>

#include "loadgen/live/outputs/metrics_listener.h"

namespace wsfleet {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string name, std::string help, MetricType type) {
  MetricFamily result;
  result.name = std::move(name);
  result.help = std::move(help);
  result.type = type;
  return result;
}

MetricFamily gauge(std::string name, std::string help, double value) {
  MetricFamily result = family(std::move(name), std::move(help), MetricType::Gauge);
  result.metric.emplace_back().gauge.value = value;
  return result;
}

/// Figures that share a beginning are one family with a label `cause`.
struct Group {
  const char* start;
  const char* name;
  const char* help;
};
constexpr std::array<Group, 3> kGroups = {{
    {"refused_", "wsfleet_loadgen_attempts_refused_total", "Attempts refused, by cause"},
    {"failed_", "wsfleet_loadgen_attempts_failed_total", "Attempts failed, by cause"},
    {"closed_", "wsfleet_loadgen_connections_closed_total", "Connections closed, by cause"},
}};

void add_counters(const Counts& counts, std::vector<MetricFamily>& families) {
  for (const Group& group : kGroups) {
    MetricFamily grouped = family(group.name, group.help, MetricType::Counter);
    for (std::size_t i = 0; i < kFigures; ++i) {
      const std::string_view name = figure_info()[i].name;
      if (!name.starts_with(group.start)) continue;
      ClientMetric& metric = grouped.metric.emplace_back();
      metric.label.push_back(
          {"cause", std::string(name.substr(std::string_view(group.start).size()))});
      metric.counter.value = static_cast<double>(counts[i]);
    }
    families.push_back(std::move(grouped));
  }
  for (std::size_t i = 0; i < kFigures; ++i) {
    const std::string_view name = figure_info()[i].name;
    bool in_group = false;
    for (const Group& group : kGroups) in_group = in_group || name.starts_with(group.start);
    if (in_group) continue;
    MetricFamily single = family("wsfleet_loadgen_" + std::string(name) + "_total",
                                 figure_info()[i].meaning, MetricType::Counter);
    single.metric.emplace_back().counter.value = static_cast<double>(counts[i]);
    families.push_back(std::move(single));
  }
}

void add_summary(const char* name, const Histogram& histogram,
                 std::vector<MetricFamily>& families) {
  MetricFamily result = family("wsfleet_loadgen_" + std::string(name) + "_seconds",
                               "Quantiles since the start", MetricType::Summary);
  auto& summary = result.metric.emplace_back().summary;
  const double finite = histogram.count() - histogram.infinite_count();
  summary.sample_count = static_cast<std::uint64_t>(histogram.count());
  summary.sample_sum = finite > 0 ? histogram.mean() * finite / 1e9 : 0;
  for (const double quantile : {0.5, 0.9, 0.99, 0.999}) {
    summary.quantile.push_back({quantile, histogram.quantile(quantile) / 1e9});
  }
  families.push_back(std::move(result));
}

}  // namespace

std::string metrics_text(const LoadView& view, TimeNs now) {
  std::vector<MetricFamily> families;
  families.push_back(
      gauge("wsfleet_loadgen_connections", "Open connections",
            static_cast<double>(count(view.counts, Figure::opened) - closed(view.counts))));
  families.push_back(
      gauge("wsfleet_loadgen_time_seconds", "Time of the run, from its t = 0", to_seconds(now)));
  MetricFamily cpu =
      family("wsfleet_loadgen_cpu_seconds_total", "CPU time of all threads", MetricType::Counter);
  cpu.metric.emplace_back().counter.value = view.cpu_s;
  families.push_back(std::move(cpu));
  add_counters(view.counts, families);
  for (const auto& [name, histogram] : load_histograms()) {
    add_summary(name, view.histograms.*histogram, families);
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

}  // namespace wsfleet
