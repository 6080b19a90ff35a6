// SPDX-License-Identifier: Apache-2.0
#include "cluster/offered_load.h"

#include <algorithm>

#include "cluster/room_traffic.h"
#include "core/random.h"
#include "loadgen/arrivals/rate_function.h"
#include "loadgen/sessions.h"
#include "server/rules.h"

namespace wsfleet {
namespace {

constexpr std::int64_t kWindow = 10;  // seconds

}  // namespace

OfferedLoad::OfferedLoad(TimeNs duration, const WorkloadSettings& workload,
                         const ServerSettings& server, const Objective& objective)
    : workload_(workload),
      server_(server),
      objective_(objective),
      arrivals_(static_cast<std::size_t>((duration + kSecond - 1) / kSecond)),
      change_(arrivals_.size()),
      handshake_s_(to_seconds(handshake_work(server))),
      cores_per_session_(workload.messages_per_second * to_seconds(server.costs.message_cpu) +
                         ping_load(server, 1) + refresh_load(server, 1)),
      store_s_(server.redis ? to_seconds(server.costs.session_store_cpu) : 0.0),
      ends_(server.redis ? arrivals_.size() : 0) {}

void OfferedLoad::session(TimeNs start, TimeNs length) {
  const auto second = static_cast<std::size_t>(start / kSecond);
  if (second >= arrivals_.size()) return;
  ++arrivals_[second];
  ++change_[second];
  end_at(start + std::min(length, kNever - start));
}

void OfferedLoad::initial_session(TimeNs length) {
  if (change_.empty()) return;
  ++change_[0];
  end_at(length);
}

void OfferedLoad::end_at(TimeNs time) {
  const auto second = static_cast<std::size_t>(time / kSecond);
  if (second >= change_.size()) return;
  --change_[second];
  if (!ends_.empty()) ++ends_[second];
}

OfferedSecond OfferedLoad::take(std::int64_t second) {
  const auto index = static_cast<std::size_t>(second);
  OfferedSecond answer;
  answer.arrivals = arrivals_[index];
  sessions_ += change_[index];
  recent_arrivals_ += arrivals_[index];
  if (second >= kWindow) {
    recent_arrivals_ -= arrivals_[static_cast<std::size_t>(second - kWindow)];
  }
  const std::int64_t window = std::min(second + 1, kWindow);
  answer.sessions = sessions_;
  answer.cpu_cores =
      static_cast<double>(recent_arrivals_) / static_cast<double>(window) * handshake_s_ +
      static_cast<double>(sessions_) * cores_per_session_;
  if (!ends_.empty()) {
    recent_ends_ += ends_[index];
    if (second >= kWindow) recent_ends_ -= ends_[static_cast<std::size_t>(second - kWindow)];
    answer.cpu_cores += static_cast<double>(recent_arrivals_ + recent_ends_) /
                        static_cast<double>(window) * store_s_;
  }
  if (server_.mode == MessageMode::broadcast) answer.cpu_cores += room_cores_of(answer.cpu_cores);
  return answer;
}

// As if every member were reached. With Redis, the more pods there are, the more of them hear of a
// message: the fewest are looked for that can carry what that comes to.
double OfferedLoad::room_cores_of(double other_cores) const {
  const auto sessions = static_cast<double>(sessions_);
  const auto cores_on = [&](int pods) {
    const double own = server_.redis ? sessions / pods : sessions;
    const RoomPlace place{own, sessions, sessions, server_.redis};
    return sessions / std::max(own, 1e-9) *
           room_cores(server_.costs, room_traffic(workload_, server_, place));
  };
  int pods = std::max(1, demand(objective_, sessions, other_cores));
  double cores = cores_on(pods);
  for (;;) {
    const int wanted = demand(objective_, sessions, other_cores + cores);
    if (!server_.redis || wanted <= pods) return cores;
    pods = wanted;
    cores = cores_on(pods);
  }
}

std::vector<OfferedSecond> offered_seconds(const RunDescription& run) {
  OfferedLoad load(run.duration, run.workload, run.server, run.objective);
  const RandomStreams streams(run.seed);
  const RateFunction rate(run.workload.arrivals, run.workload.length, run.duration);
  const SessionModel sessions(run.workload, streams);
  if (run.start_steady) {
    const std::int64_t population = sessions.stationary_population(rate.rate_at(0));
    for (std::int64_t i = 0; i < population; ++i) {
      load.initial_session(sessions.residual(static_cast<std::uint64_t>(i)));
    }
  }
  ArrivalProcess arrivals(rate, streams);
  std::uint64_t serial = 0;
  for (TimeNs at = arrivals.next(); at < run.duration; at = arrivals.next()) {
    load.session(at, sessions.length(serial++));
  }
  std::vector<OfferedSecond> offered;
  for (std::int64_t second = 0; second < run.duration / kSecond; ++second) {
    offered.push_back(load.take(second));
  }
  return offered;
}

}  // namespace wsfleet
