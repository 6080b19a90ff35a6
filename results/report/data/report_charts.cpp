// SPDX-License-Identifier: Apache-2.0
#include "results/report/data/report_charts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "core/time.h"
#include "results/report/data/downsample.h"

namespace wsfleet {
namespace {

// Counts and shares are shown over longer intervals than levels: single seconds would be noise.
constexpr std::size_t kShareSteps = 240;
constexpr std::size_t kCountSteps = 120;
constexpr double kPercent = 100.0;

/// Access to the columns of all sources, padded to the longest.
class Columns {
 public:
  explicit Columns(std::span<const ChartSource> sources) : sources_(sources) {
    for (const ChartSource& source : sources_) {
      rows_ = std::max(rows_, source.series->length());
      const auto times = source.series->column("time_s");
      if (interval_s_ == 0 && !times.empty()) interval_s_ = times.front();
    }
    if (!(interval_s_ > 0)) interval_s_ = 1;
  }

  std::size_t rows() const { return rows_; }
  double interval_s() const { return interval_s_; }
  std::span<const ChartSource> sources() const { return sources_; }

  std::vector<double> get(const ChartSource& source, std::string_view name) const {
    const auto column = source.series->column(name);
    std::vector<double> values(column.begin(), column.end());
    values.resize(rows_, std::numeric_limits<double>::quiet_NaN());
    return values;
  }

  bool any(std::string_view name) const {
    return std::ranges::any_of(sources_, [&](const ChartSource& source) {
      return std::ranges::any_of(source.series->column(name), [](double v) { return v > 0; });
    });
  }

 private:
  std::span<const ChartSource> sources_;
  std::size_t rows_ = 0;
  double interval_s_ = 0;
};

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& value : values) value *= factor;
  return values;
}

/// A chart under construction: one grid, lines added column by column.
class ChartMaker {
 public:
  ChartMaker(const Columns& columns, std::size_t max_steps)
      : columns_(columns), grid_(choose_grid(columns.rows(), max_steps)) {
    chart.step_s = columns.interval_s() * static_cast<double>(grid_.rows_per_step);
  }

  std::string step_text() const { return format_duration(from_seconds(chart.step_s)); }

  void shared_level(const char* label, std::string_view column) {
    const ChartSource& first = columns_.sources().front();
    add(label, LineStyle::area, kSharedByPolicies,
        downsample_level(columns_.get(first, column), grid_));
  }
  void levels(const char* label, LineStyle style, std::string_view column) {
    for (const ChartSource& source : columns_.sources()) {
      add(label, style, source.policy, downsample_level(columns_.get(source, column), grid_));
    }
  }
  void counts(const char* label, LineStyle style, std::string_view column) {
    for (const ChartSource& source : columns_.sources()) {
      add(label, style, source.policy, downsample_sum(columns_.get(source, column), grid_));
    }
  }
  void rates(const char* label, LineStyle style, std::string_view column) {
    for (const ChartSource& source : columns_.sources()) {
      add(label, style, source.policy,
          scaled(downsample_max(columns_.get(source, column), grid_), 1 / columns_.interval_s()));
    }
  }
  void maxima(const char* label, LineStyle style, std::string_view column) {
    for (const ChartSource& source : columns_.sources()) {
      add(label, style, source.policy, downsample_max(columns_.get(source, column), grid_));
    }
  }
  /// Percent of `whole` that is in the sum of `parts`.
  void shares(const char* label, const std::vector<std::string_view>& parts,
              std::string_view whole) {
    for (const ChartSource& source : columns_.sources()) {
      std::vector<double> part(columns_.rows(), 0.0);
      for (const std::string_view name : parts) {
        const auto values = columns_.get(source, name);
        for (std::size_t i = 0; i < part.size(); ++i) part[i] += values[i];
      }
      add(label, LineStyle::solid, source.policy,
          scaled(downsample_share(part, columns_.get(source, whole), grid_), kPercent));
    }
  }

  ReportChart chart;

 private:
  void add(const char* label, LineStyle style, int policy, std::vector<double> values) {
    chart.lines.push_back({label, style, policy, std::move(values)});
  }

  const Columns& columns_;
  StepGrid grid_;
};

ReportChart replicas(const Columns& columns) {
  ChartMaker maker(columns, kMaxPoints);
  maker.chart.id = "replicas";
  maker.chart.title = "Replicas";
  maker.chart.unit = "pods";
  maker.chart.stepped = true;
  maker.chart.shows_scaling = true;
  maker.chart.reading =
      "The grey area is the demand: the fewest pods that meet the objective. A ready line below it "
      "is a fleet too small, one above it costs pods that nobody needs; the gap between wanted and "
      "ready is the time that pods take to start. Triangles mark scale-ups and scale-downs.";
  maker.shared_level("demand", "demand_replicas");
  maker.levels("ready", LineStyle::solid, "ready_replicas");
  maker.levels("wanted", LineStyle::dashed, "spec_replicas");
  if (columns.sources().size() == 1) {
    maker.levels("past start-up", LineStyle::dotted, "supply_replicas");
  }
  return std::move(maker.chart);
}

ReportChart connections(const Columns& columns) {
  ChartMaker maker(columns, kMaxPoints);
  maker.chart.id = "connections";
  maker.chart.title = "Connections";
  maker.chart.unit = "sockets";
  maker.chart.reading =
      "The grey area is what would be open if nothing were ever refused. The distance of a line to "
      "it are users who wait, retry or have given up.";
  maker.shared_level("offered", "offered_sessions");
  maker.levels("open", LineStyle::solid, "connections");
  return std::move(maker.chart);
}

ReportChart refused(const Columns& columns) {
  ChartMaker maker(columns, kMaxPoints);
  maker.chart.id = "refused";
  maker.chart.title = "Refused and failed attempts";
  maker.chart.unit = "per second";
  maker.chart.reading =
      "Refused: the answer was 503 or no pod was there; failed: it timed out or was reset. A point "
      "is the highest of its " +
      maker.step_text() + ". At zero everybody gets in.";
  maker.rates("refused", LineStyle::solid, "refused");
  maker.rates("failed", LineStyle::dashed, "failed");
  return std::move(maker.chart);
}

ReportChart attempts_beyond(const Columns& columns) {
  ChartMaker maker(columns, kShareSteps);
  maker.chart.id = "attempts-beyond";
  maker.chart.title = "Attempts that miss the objective";
  maker.chart.unit = "%";
  maker.chart.reading =
      "The share of attempts that were refused, failed or opened too late, in steps of " +
      maker.step_text() + ". The objective is missed above 1 %.";
  maker.shares("refused, failed or late", {"refused", "attempts_late"}, "attempts");
  return std::move(maker.chart);
}

ReportChart closed(const Columns& columns) {
  ChartMaker maker(columns, kCountSteps);
  maker.chart.id = "closed";
  maker.chart.title = "Connections closed by scaling";
  maker.chart.unit = "per " + maker.step_text();
  maker.chart.stepped = true;
  maker.chart.reading =
      "Cut: a scale-down killed the pod under the socket; moved: a drain closed it with a close "
      "frame first. Both make the client connect again.";
  maker.counts("cut", LineStyle::solid, "connections_cut_by_scaling");
  maker.counts("moved", LineStyle::dashed, "connections_moved_by_scaling");
  return std::move(maker.chart);
}

ReportChart closed_otherwise(const Columns& columns) {
  ChartMaker maker(columns, kCountSteps);
  maker.chart.id = "closed-otherwise";
  maker.chart.title = "Connections closed for other reasons";
  maker.chart.unit = "per " + maker.step_text();
  maker.chart.stepped = true;
  maker.chart.reading =
      "Cut by failures: a fault, a crash or an out-of-memory kill; shed: closed to even out pods.";
  maker.counts("cut by failures", LineStyle::solid, "connections_cut_by_failure");
  maker.counts("shed", LineStyle::dashed, "connections_closed_by_shedding");
  return std::move(maker.chart);
}

ReportChart reconnects(const Columns& columns) {
  ChartMaker maker(columns, kMaxPoints);
  maker.chart.id = "reconnects";
  maker.chart.title = "Reconnects";
  maker.chart.unit = "per second";
  maker.chart.reading =
      "Attempts by sessions that had been open before; a spike is a reconnect storm. A point is "
      "the "
      "highest second of its " +
      maker.step_text() + ".";
  maker.maxima("reconnects", LineStyle::solid, "reconnects_peak_per_second");
  return std::move(maker.chart);
}

ReportChart messages_late(const Columns& columns) {
  ChartMaker maker(columns, kShareSteps);
  maker.chart.id = "messages-late";
  maker.chart.title = "Messages that miss the objective";
  maker.chart.unit = "%";
  maker.chart.reading = "The share of messages that were later than the objective, in steps of " +
                        maker.step_text() + ": pods that are short of CPU.";
  maker.shares("late", {"messages_late"}, "messages");
  return std::move(maker.chart);
}

ReportChart rooms(const Columns& columns) {
  ChartMaker maker(columns, kCountSteps);
  maker.chart.id = "rooms";
  maker.chart.title = "Messages between members of a room";
  maker.chart.unit = "per " + maker.step_text();
  maker.chart.stepped = true;
  maker.chart.reading =
      "Delivered: what other members of the room got; missed: what members on other pods did not, "
      "as without Redis a room ends at its pod.";
  maker.counts("delivered", LineStyle::solid, "deliveries");
  maker.counts("missed", LineStyle::dashed, "deliveries_missed");
  return std::move(maker.chart);
}

ReportChart session_store(const Columns& columns) {
  ChartMaker maker(columns, kMaxPoints);
  maker.chart.id = "session-store";
  maker.chart.title = "Sessions in the store";
  maker.chart.unit = "sessions";
  maker.chart.reading =
      "Stored: keys in Redis. Where they are not as many as the open connections, the store is "
      "wrong: after pods have died, and while Redis is away.";
  maker.levels("stored", LineStyle::solid, "sessions_stored");
  maker.levels("open", LineStyle::dotted, "connections");
  return std::move(maker.chart);
}

ReportChart cpu(const Columns& columns) {
  ChartMaker maker(columns, kMaxPoints);
  maker.chart.id = "cpu";
  maker.chart.title = "CPU";
  maker.chart.unit = "cores";
  maker.chart.reading =
      "The grey area is the work of the offered sessions, the lines what the pods used. Refused "
      "attempts and retries are work as well.";
  maker.shared_level("needed", "offered_cpu_cores");
  maker.levels("used", LineStyle::solid, "cpu_cores");
  return std::move(maker.chart);
}

ReportChart evenness(const Columns& columns) {
  ChartMaker maker(columns, kMaxPoints);
  maker.chart.id = "evenness";
  maker.chart.title = "Evenness of the pods";
  maker.chart.unit = "Jain index";
  maker.chart.reading =
      "1 when all pods hold equally many connections, 1/n when one of n holds them all. New pods "
      "start empty: sockets stay where they are.";
  maker.levels("evenness", LineStyle::solid, "jain_index");
  return std::move(maker.chart);
}

}  // namespace

std::vector<ReportChart> build_charts(std::span<const ChartSource> sources) {
  const Columns columns(sources);
  if (columns.rows() == 0) return {};
  std::vector<ReportChart> charts;
  charts.push_back(replicas(columns));
  charts.push_back(connections(columns));
  charts.push_back(refused(columns));
  charts.push_back(attempts_beyond(columns));
  charts.push_back(closed(columns));
  if (columns.any("connections_cut_by_failure") || columns.any("connections_closed_by_shedding")) {
    charts.push_back(closed_otherwise(columns));
  }
  charts.push_back(reconnects(columns));
  if (columns.any("messages")) charts.push_back(messages_late(columns));
  if (columns.any("deliveries") || columns.any("deliveries_missed")) {
    charts.push_back(rooms(columns));
  }
  if (columns.any("sessions_stored")) charts.push_back(session_store(columns));
  charts.push_back(cpu(columns));
  charts.push_back(evenness(columns));
  return charts;
}

std::vector<ReportMarker> scale_markers(const ChartSource& source, double step_s) {
  const auto times = source.series->column("time_s");
  const auto replicas = source.series->column("spec_replicas");
  std::vector<ReportMarker> markers;
  double last_step[] = {-1, -1};  // in which a rise and a fall were marked
  for (std::size_t i = 1; i < std::min(times.size(), replicas.size()); ++i) {
    if (replicas[i] == replicas[i - 1]) continue;
    const bool rise = replicas[i] > replicas[i - 1];
    const double step = std::floor(times[i] / step_s);
    if (std::exchange(last_step[rise ? 0 : 1], step) == step) continue;
    markers.push_back(
        {times[i], rise ? MarkerKind::scale_up : MarkerKind::scale_down, source.policy, ""});
  }
  return markers;
}

}  // namespace wsfleet
