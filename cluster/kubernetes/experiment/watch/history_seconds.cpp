// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/watch/history_seconds.h"

#include <algorithm>
#include <cmath>

namespace wsfleet {
namespace {

// A pod's last scrape is that much older than its end, or less.
constexpr std::size_t kLastScrape = 10;

std::int64_t total(const std::map<std::string, double>& counts) {
  double sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return std::llround(sum);
}

std::int64_t count_of(const std::map<std::string, double>& counts, const char* name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : std::llround(found->second);
}

void add_pods(const std::map<std::string, PodSecond>& pods, FleetSecond& second) {
  second.cpu_cores = 0;
  second.refused_draining = second.closed_by_shed = second.cut_by_grace = 0;
  for (const auto& [uid, pod] : pods) {
    *second.cpu_cores += pod.cpu_s;
    second.refused += total(pod.refused);
    *second.refused_draining += count_of(pod.refused, "draining");
    *second.closed_by_shed += count_of(pod.closed, "shed");
    if (pod.connections) second.connections += std::llround(*pod.connections);
  }
  second.levels.sockets = {};
  if (second.supply == nullptr) return;
  for (const std::string& uid : *second.supply) {
    const auto found = pods.find(uid);
    const bool known = found != pods.end() && found->second.connections;
    second.levels.sockets.add(known ? std::optional(std::llround(*found->second.connections))
                                    : std::nullopt);
  }
}

/// What was seen last of its sockets before its end; 0 when nothing was.
std::int64_t sockets_left(const FleetHistory& history, const FleetLog::ScaledDown& pod) {
  const auto end = static_cast<std::size_t>(std::max<TimeNs>(0, pod.at) / kSecond);
  for (std::size_t back = 0; back < kLastScrape && back <= end; ++back) {
    const std::size_t at = end - back;
    if (at >= history.size()) continue;
    const auto found = history[at].find(pod.uid);
    if (found == history[at].end() || !found->second.connections) continue;
    return std::llround(*found->second.connections);
  }
  return 0;
}

}  // namespace

void add_history(const FleetHistory& history, const std::vector<FleetLog::ScaledDown>& scaled_down,
                 std::vector<FleetSecond>& seconds) {
  for (std::size_t i = 0; i < std::min(history.size(), seconds.size()); ++i) {
    add_pods(history[i], seconds[i]);
  }
  for (const FleetLog::ScaledDown& pod : scaled_down) {
    const auto at = static_cast<std::size_t>(std::max<TimeNs>(0, pod.at) / kSecond);
    if (at < std::min(history.size(), seconds.size())) {
      *seconds[at].cut_by_grace += sockets_left(history, pod);
    }
  }
}

}  // namespace wsfleet
