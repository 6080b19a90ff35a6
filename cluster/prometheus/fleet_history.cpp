// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/fleet_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cluster/prometheus/instant_query.h"
#include "cluster/prometheus/range_query.h"

namespace wsfleet {
namespace {

using Labels = std::map<std::string, std::string>;

constexpr int kKnownForScrapes = 3;

struct Sample {
  TimeNs scraped_at = 0;
  double value = 0;
};

/// Which series is meant: a pod's, and of it the one with these values of the labels that matter.
using SeriesKey = std::pair<std::string, std::vector<std::string>>;
/// What was known at each whole second from `start` to `end`, both of them included.
using Samples = std::map<SeriesKey, std::vector<std::optional<Sample>>>;

class HistoryReader {
 public:
  HistoryReader(const PrometheusFetch& fetch, const FleetHistoryRequest& request)
      : fetch_(fetch),
        request_(request),
        start_(request.start / kMillisecond * kMillisecond),
        seconds_(std::max<TimeNs>(0, request.end - request.start) / kSecond) {}

  Result<FleetHistory> read() {
    history_.resize(static_cast<std::size_t>(seconds_));
    if (seconds_ == 0) return std::move(history_);
    const auto connections = samples_of("wsfleet_connections", {});
    if (!connections) return tl::unexpected(connections.error());
    add_levels(*connections);
    const auto refused = samples_of("wsfleet_connections_refused_total", {"reason"});
    if (!refused) return tl::unexpected(refused.error());
    add_increases(*refused, [](PodSecond& second, const SeriesKey& key, double increase) {
      second.refused[key.second[0]] += increase;
    });
    const auto closed = samples_of("wsfleet_connections_closed_total", {"cause", "code"});
    if (!closed) return tl::unexpected(closed.error());
    add_increases(*closed, [](PodSecond& second, const SeriesKey& key, double increase) {
      second.closed[key.second[0]] += increase;
    });
    auto cpu = samples_of("process_cpu_seconds_total", {});
    if (!cpu) return tl::unexpected(cpu.error());
    // Other programs have that metric as well.
    std::erase_if(*cpu, [&](const auto& entry) {
      return connections->find({entry.first.first, {}}) == connections->end();
    });
    add_increases(*cpu, [](PodSecond& second, const SeriesKey&, double increase) {
      second.cpu_s += increase;
    });
    return std::move(history_);
  }

 private:
  Result<Samples> samples_of(const std::string& metric, const std::vector<std::string>& labels) {
    const std::string query = connections_query(fmt::format("{}{{{}}}", metric, request_.matchers));
    const TimeNs at_once = std::clamp<TimeNs>(request_.chunk / kSecond, 1, kMostPointsPerSeries);
    Samples samples;
    for (TimeNs first = 0; first <= seconds_; first += at_once) {
      const TimeNs last = std::min(first + at_once - 1, seconds_);
      const auto response = fetch_(
          range_query_target(query, start_ + first * kSecond, start_ + last * kSecond, kSecond));
      if (!response) return tl::unexpected(response.error());
      const auto series = parse_range_query(response->status, response->body);
      if (!series) {
        return fail(series.error().kind, "Prometheus " + series.error().message);
      }
      take(*series, labels, samples);
    }
    return samples;
  }

  /// Brings each series' values and the times of their scrapes together.
  void take(const std::vector<RangeSeries>& answer, const std::vector<std::string>& labels,
            Samples& samples) const {
    std::map<Labels, std::pair<const RangeSeries*, const RangeSeries*>> parts;
    for (const RangeSeries& series : answer) {
      Labels identity = series.labels;
      const bool is_time = identity[kSamplePart] == kScrapedAtPart;
      identity.erase(kSamplePart);
      identity.erase("__name__");  // timestamp() has taken it away
      auto& [values, times] = parts[identity];
      (is_time ? times : values) = &series;
    }
    for (const auto& [identity, part] : parts) {
      const auto uid = identity.find(request_.uid_label);
      if (uid == identity.end() || uid->second.empty()) continue;
      if (part.first == nullptr || part.second == nullptr) continue;
      SeriesKey key{uid->second, {}};
      for (const std::string& label : labels) {
        const auto found = identity.find(label);
        key.second.push_back(found == identity.end() ? "" : found->second);
      }
      auto& track = samples[key];
      track.resize(static_cast<std::size_t>(seconds_) + 1);
      join(*part.first, *part.second, track);
    }
  }

  /// Of several series with the same key the one that was scraped last counts.
  void join(const RangeSeries& values, const RangeSeries& times,
            std::vector<std::optional<Sample>>& track) const {
    auto time = times.points.begin();
    for (const auto& [at, value] : values.points) {
      while (time != times.points.end() && time->first < at) ++time;
      if (time == times.points.end()) return;
      const TimeNs index = (at - start_ + kSecond / 2) / kSecond;
      if (time->first != at || at < start_ || index > seconds_) continue;
      if (!std::isfinite(value) || value < 0 || !std::isfinite(time->second)) continue;
      const Sample sample{from_seconds(time->second), value};
      auto& known = track[static_cast<std::size_t>(index)];
      if (!known || sample.scraped_at > known->scraped_at ||
          (sample.scraped_at == known->scraped_at && sample.value > known->value)) {
        known = sample;
      }
    }
  }

  void add_levels(const Samples& samples) {
    for (const auto& [key, track] : samples) {
      std::optional<Sample> last;
      for (std::size_t i = 0; i < track.size(); ++i) {
        if (track[i]) last = track[i];
        if (i == 0 || !last) continue;
        const TimeNs age = start_ + static_cast<TimeNs>(i) * kSecond - last->scraped_at;
        if (age > kKnownForScrapes * request_.scrape_interval) continue;
        history_[i - 1][key.first].connections = last->value;
      }
    }
  }

  /// A counter that was not there at `start` began at 0 since, as one does that has become less.
  template <class Add>
  void add_increases(const Samples& samples, Add add) {
    for (const auto& [key, track] : samples) {
      double before = track.front() ? track.front()->value : 0;
      for (std::size_t i = 1; i < track.size(); ++i) {
        if (!track[i]) continue;
        const double value = track[i]->value;
        const double increase = value >= before ? value - before : value;
        before = value;
        if (increase > 0) add(history_[i - 1][key.first], key, increase);
      }
    }
  }

  const PrometheusFetch& fetch_;
  const FleetHistoryRequest& request_;
  const TimeNs start_;  // as Prometheus counts, in milliseconds
  const TimeNs seconds_;
  FleetHistory history_;
};

}  // namespace

Result<FleetHistory> read_fleet_history(const PrometheusFetch& fetch,
                                        const FleetHistoryRequest& request) {
  return HistoryReader(fetch, request).read();
}

}  // namespace wsfleet
