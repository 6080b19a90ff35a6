// SPDX-License-Identifier: Apache-2.0
// The session store, rooms across pods, and Redis away.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "cluster/simulated/testing/small_fleet.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

/// Two pods, about 1,000 sessions of 100 s from 100 s on, in ten rooms.
RunDescription talking_fleet() {
  RunDescription settings = small_fleet();
  settings.workload.arrivals.rate = 10;
  settings.workload.messages_per_second = 0.5;
  settings.workload.rooms = 10;
  settings.server.max_connections = 2000;
  settings.server.redis = true;
  settings.server.mode = MessageMode::broadcast;
  return settings;
}

std::function<void(World&)> inject(FaultKind kind, TimeNs at, TimeNs duration) {
  return [kind, at, duration](World& world) {
    world.clock.sleep_until(at);
    Fault fault;
    fault.kind = kind;
    fault.duration = duration;
    if (!world.faults.inject(fault)) world.recorder.event({0, "rejected", "", "", "", ""});
  };
}

const auto outage = inject(FaultKind::redis_outage, 200 * kSecond, 2 * kMinute);

/// Between the sessions that are open at the end of the second, said by each of them.
double enumerated_deliveries(const RunDescription& settings, TimeNs end) {
  const RandomStreams streams(settings.seed);
  const RateFunction rate(settings.workload.arrivals, settings.workload.length, settings.duration);
  const SessionModel sessions(settings.workload, streams);
  ArrivalProcess arrivals(rate, streams);
  std::vector<double> members(static_cast<std::size_t>(settings.workload.rooms));
  std::uint64_t serial = 0;
  for (TimeNs at = arrivals.next(); at < end; at = arrivals.next(), ++serial) {
    if (at + sessions.length(serial) > end) members[sessions.room(serial)] += 1;
  }
  double deliveries = 0;
  for (const double there : members) {
    deliveries += there * (there - 1) * settings.workload.messages_per_second;
  }
  return deliveries;
}

TEST(Redis, DeliveriesAreThoseOfAnEnumerationOverSessions) {
  const RunDescription settings = talking_fleet();
  const std::string report = simulated(settings, do_nothing, [&](const auto& recorder) {
    int close = 0;
    for (int second = 150; second < 600; second += 50) {
      const double counted = enumerated_deliveries(settings, (second + 1) * kSecond);
      const double fluid = recorder.rows[static_cast<std::size_t>(second)].deliveries;
      close += fluid > 0.95 * counted && fluid < 1.05 * counted ? 1 : 0;
    }
    return fmt::format("{} of 9, {} missed", close, *recorder.sum.deliveries_missed);
  });
  EXPECT_EQ(report, "9 of 9, 0 missed");
}

TEST(Redis, EverySessionOpenIsStored) {
  const std::string report = simulated(talking_fleet(), do_nothing, [](const auto& recorder) {
    int apart = 0;
    for (const SecondRow& row : recorder.rows) apart += *row.sessions_stored != row.connections;
    return fmt::format("{} {}", apart, *recorder.rows[300].sessions_stored > 900);
  });
  EXPECT_EQ(report, "0 true");
}

TEST(Redis, AnOutageCutsNothingAndTheStoreIsRightAgainAfterIt) {
  const std::string report = simulated(talking_fleet(), outage, [](const auto& recorder) {
    const auto at = [&](int second) { return recorder.rows[static_cast<std::size_t>(second)]; };
    // Keys live for a minute, unrefreshed for the last 20 s of it one after the other.
    return fmt::format("cut {} lost {} refused {} failed {} | {} {} {} | {} {}",
                       *recorder.sum.cut_by_failure, recorder.sum.sessions_lost,
                       recorder.sum.refused, recorder.sum.failed,
                       *at(235).sessions_stored == *at(199).sessions_stored,
                       *at(250).sessions_stored < *at(199).sessions_stored,
                       *at(265).sessions_stored, *at(330).sessions_stored == at(330).connections,
                       *at(599).sessions_stored == at(599).connections);
  });
  EXPECT_EQ(report, "cut 0 lost 0 refused 0 failed 0 | true true 0 | true true");
}

TEST(Redis, AnOutageMissesDeliveriesBetweenPodsOnly) {
  const auto missed = [](const CountingRecorder& recorder) {
    double during = 0;
    for (const SecondRow& row : recorder.rows) {
      if (row.time_s >= 201 && row.time_s < 320) during += *row.deliveries_missed;
    }
    const double after = *recorder.rows[330].deliveries_missed;
    // Half of all members are on the other pod.
    const double share = *recorder.rows[250].deliveries_missed /
                         (recorder.rows[250].deliveries + *recorder.rows[250].deliveries_missed);
    return fmt::format("{} {} {:.1f}", during > 0, after > 0, share);
  };
  RunDescription settings = talking_fleet();
  EXPECT_EQ(simulated(settings, outage, missed), "true false 0.5");
  settings.initial_replicas = 1;
  EXPECT_EQ(simulated(settings, outage, missed), "false false 0.0");
}

TEST(Redis, WithoutItRoomsEndAtThePodAndNothingIsStored) {
  RunDescription settings = talking_fleet();
  settings.server.redis = false;
  const auto report = [](const CountingRecorder& recorder) {
    return fmt::format("{} {} {}", recorder.sum.deliveries > 0, *recorder.sum.deliveries_missed > 0,
                       *recorder.rows[300].sessions_stored);
  };
  EXPECT_EQ(simulated(settings, do_nothing, report), "true true 0");
  settings.server.mode = MessageMode::echo;
  EXPECT_EQ(simulated(settings, do_nothing, report), "false false 0");
}

// 1,000 sessions of 4 ms are 4 s of CPU, on two pods, besides what is usual.
TEST(Redis, EveryoneIsRegisteredAgainAndThatIsWorkForThePods) {
  RunDescription settings = talking_fleet();
  settings.server.mode = MessageMode::echo;
  settings.server.costs.session_store_cpu = 4 * kMillisecond;
  settings.server.costs.handshake_cpu = 10 * kMillisecond;
  const auto report = [](const CountingRecorder& recorder) {
    double before = 0;
    double after = 0;
    for (const SecondRow& row : recorder.rows) {
      if (row.time_s >= 180 && row.time_s < 200) before += *row.cpu_cores;
      if (row.time_s >= 320 && row.time_s < 340) after += *row.cpu_cores;
    }
    const double removals = 10 * 100 * 0.004;  // of those that were stored and left meanwhile
    const double extra = after - before;
    const double wanted = static_cast<double>(recorder.rows[320].connections) * 0.004 + removals;
    return extra > 0.8 * wanted && extra < 1.2 * wanted
               ? std::string("as expected")
               : fmt::format("{} extra, wanted {}", extra, wanted);
  };
  EXPECT_EQ(simulated(settings, outage, report), "as expected");
}

TEST(Redis, TheBurstSlowsHandshakes) {
  RunDescription settings = talking_fleet();
  settings.server.mode = MessageMode::echo;
  settings.server.costs.session_store_cpu = 20 * kMillisecond;
  settings.server.costs.handshake_cpu = 30 * kMillisecond;
  settings.warmup = 320 * kSecond;  // histograms begin as Redis is back
  settings.duration = 340 * kSecond;
  const auto mean_ms = [](const CountingRecorder& recorder) {
    return std::to_string(recorder.clients_seen.attempt_time.mean() / 1e6);
  };
  const double quiet = std::stod(simulated(settings, do_nothing, mean_ms));
  const double busy = std::stod(simulated(settings, outage, mean_ms));
  EXPECT_GT(quiet, 29);
  EXPECT_GT(busy, 1.2 * quiet);
}

// Nobody removes the keys of a killed pod: they stay for 40 to 60 s.
TEST(Redis, KeysOfAKilledPodExpire) {
  const auto kill = inject(FaultKind::pod_kill, 200 * kSecond, 0);
  const std::string report = simulated(talking_fleet(), kill, [](const auto& recorder) {
    const auto stale = [&](int second) {
      const SecondRow& row = recorder.rows[static_cast<std::size_t>(second)];
      return *row.sessions_stored - row.connections;
    };
    return fmt::format("{} {} {} {}", stale(199), stale(238) > 400, stale(250) < stale(238),
                       stale(262));
  });
  EXPECT_EQ(report, "0 true true 0");
}

TEST(Redis, OverlappingOutagesEndWithTheLast) {
  const auto two = [](World& world) {
    outage(world);
    inject(FaultKind::redis_outage, 210 * kSecond, 30 * kSecond)(world);
  };
  const std::string report = simulated(talking_fleet(), two, [](const auto& recorder) {
    return fmt::format("{} {}", *recorder.rows[260].deliveries_missed > 0,
                       *recorder.rows[330].deliveries_missed > 0);
  });
  EXPECT_EQ(report, "true false");
}

TEST(Redis, TheSameTwice) {
  const auto report = [](const CountingRecorder& recorder) {
    std::string text;
    for (const SecondRow& row : recorder.rows) {
      text += fmt::format("{} {} {} {}\n", row.deliveries, *row.deliveries_missed,
                          *row.sessions_stored, *row.cpu_cores);
    }
    return text + fmt::format("{:x}", recorder.run.event_hash);
  };
  EXPECT_EQ(simulated(talking_fleet(), outage, report), simulated(talking_fleet(), outage, report));
}

TEST(Redis, ServersWithoutItKnowNoOutage) {
  const std::string report = simulated(
      small_fleet(), outage, [](const auto& recorder) { return recorder.events.back().kind; });
  EXPECT_EQ(report, "rejected");
}

}  // namespace
}  // namespace wsfleet
