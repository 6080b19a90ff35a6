// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/live_loop.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/live/live_clock.h"
#include "core/live/stop.h"

namespace wsfleet {
namespace {

void end_seconds(const LiveLoop& loop, std::vector<FleetSecond>& seconds) {
  const auto next_end = [&] { return static_cast<TimeNs>(seconds.size() + 1) * kSecond; };
  const TimeNs now = std::min(loop.clock.now(), loop.duration);
  while (next_end() <= now) {
    const TimeNs end = next_end();
    const FleetSecond& seen = seconds.emplace_back(loop.parts.end_second(end));
    if (!loop.progress) continue;
    const LiveTraffic traffic = loop.parts.traffic(seen);
    loop.progress({.now = end,
                   .replicas = seen.spec_replicas,
                   .ready = seen.levels.ready,
                   .connections = traffic.connections,
                   .refused = traffic.refused});
  }
}

struct FinishesClock {
  LiveClock& clock;
  ~FinishesClock() { clock.finish(); }
};

}  // namespace

Result<LiveSeconds> run_live_loop(const LiveLoop& loop, const std::function<void()>& experiment) {
  LiveParts& parts = loop.parts;
  while (loop.clock.now() < 0 && !stop_requested()) parts.turn();

  LiveSeconds seen;
  Result<void> outcome;
  const auto time_left = [&] {
    return outcome && !seen.stopped && loop.clock.now() < loop.duration;
  };
  std::atomic<bool> done = false;
  std::jthread thread([&] {
    experiment();
    done = true;
  });
  // Whatever is thrown here: the experiment ends then, and its thread with it.
  const FinishesClock at_the_end{loop.clock};
  while (!done || time_left()) {
    parts.turn();
    end_seconds(loop, seen.seconds);
    if (time_left()) outcome = parts.check();
    if (stop_requested()) seen.stopped = true;
    if (!time_left()) loop.clock.finish();
  }
  thread.join();
  end_seconds(loop, seen.seconds);
  if (seen.stopped || !outcome) parts.stop_clients();
  const TimeNs until = monotonic_now() + loop.clients_end_within;
  while (!parts.clients_ended() && monotonic_now() < until) parts.turn();
  if (!outcome) return tl::unexpected(outcome.error());
  return seen;
}

}  // namespace wsfleet
