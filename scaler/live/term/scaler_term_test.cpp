// SPDX-License-Identifier: Apache-2.0
// Stretches of leadership over a fake fleet, with the real control loop, policies and clocks.
#include "scaler/live/term/scaler_term.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/live/live_clock.h"
#include "core/live/utc.h"
#include "scaler/control_loop.h"
#include "scaler/live/term/saved_state.h"
#include "scaler/live/term/testing/fake_parts.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

ScalerConfig config_of(const std::string& text) {
  ScalerConfigLoad load =
      read_scaler_config(TomlDocument::parse("format = 1\n" + text, "scaler.toml"),
                         {[](TomlTable) { return std::int64_t{1000}; },
                          [](TomlTable, std::int64_t, int) { return 800; }},
                         [](const std::string&) { return static_cast<const char*>(nullptr); });
  EXPECT_THAT(render(load.diagnostics), IsEmpty());
  return load.config;
}

std::string fixed(int replicas, const std::string& more = "") {
  return "[scaler]\npolicy = \"fixed\"\ninterval = \"10ms\"\n[policy.fixed]\nreplicas = " +
         std::to_string(replicas) + "\n[kubernetes]\n" + more;
}

class Term : public testing::Test {
 protected:
  /// Runs for so many decisions; the lines as JSON.
  std::vector<json> run(const ScalerConfig& config, std::size_t decisions) {
    std::vector<json> lines;
    const TimeNs epoch = epoch_of(config, leadership.state, wall_now());
    const auto ended = run_term({.config = config,
                                 .identity = "me",
                                 .leadership = leadership,
                                 .fleet = fleet,
                                 .epoch = epoch,
                                 .goes_on = [&] { return lines.size() < decisions; },
                                 .print =
                                     [&](const std::string& line) {
                                       EXPECT_EQ(line.back(), '\n');
                                       const json told = json::parse(line);
                                       if (told.contains("event")) {
                                         event_lines.push_back(told);
                                         return;
                                       }
                                       lines.push_back(told);
                                       if (on_decision) on_decision(lines.size());
                                     },
                                 .wakeup = wakeup,
                                 .status = status,
                                 .log = log});
    EXPECT_TRUE(ended) << ended.error().message;
    return lines;
  }
  std::string metrics() const { return status.text({}); }

  std::vector<std::string> told(const std::string& kind) const {
    std::vector<std::string> details;
    for (const json& line : event_lines) {
      const json& event = line["event"];
      if (event["kind"] == kind) details.push_back(event["detail"]);
    }
    return details;
  }

  FakeLeadership leadership;
  FakeFleet fleet;
  Wakeup wakeup;
  ScalerStatus status;
  EventLog log{LogFormat::text, LogLevel::error};
  std::vector<json> event_lines;
  std::function<void(std::size_t)> on_decision;
};

/// An epoch in which this is the first leader: nothing has been forgotten.
std::string fresh_epoch() { return "epoch = \"" + format_utc(wall_now()) + "\"\n"; }

TEST_F(Term, DecidesScalesReportsAndLeavesItsMemory) {
  fleet.fleet.current.replicas = 1;
  fleet.fleet.add_pod("a");
  fleet.samples.samples["a"] = {12, kSecond};
  const ScalerConfig config = config_of(fixed(3, fresh_epoch()));
  const auto lines = run(config, 3);
  EXPECT_EQ(fleet.fleet.current.replicas, 3);
  EXPECT_THAT(fleet.fleet.calls, Contains("set_replicas 3").Times(1));
  const json& first = lines.at(0);
  EXPECT_EQ(first["replicas"], 1);
  EXPECT_EQ(first["decision"]["replicas"], 3);
  EXPECT_EQ(first["leader"], "me");
  EXPECT_EQ(first["dry_run"], false);
  EXPECT_TRUE(first["held"].is_null());
  EXPECT_TRUE(parse_utc(first["at"].get<std::string>()));
  EXPECT_TRUE(observation_from_json(first));
  EXPECT_TRUE(decision_from_json(first["decision"]));
  EXPECT_THAT(fleet.events, ElementsAre(StartsWith("ScaledUp: 1 to 3 replicas")));
  EXPECT_THAT(told("scaled"), ElementsAre(StartsWith("1 to 3 replicas")));
  EXPECT_EQ(event_lines.at(0)["leader"], "me");
  EXPECT_TRUE(parse_utc(event_lines.at(0)["at"].get<std::string>()));
  EXPECT_TRUE(event_from_json(event_lines.at(0)["event"]));
  const json saved = json::parse(leadership.state.policy_state);
  EXPECT_EQ(saved["policy"], "fixed");
  EXPECT_EQ(saved["time_s"], lines.at(2)["time_s"]);
  EXPECT_EQ(saved["settings"], config.settings_hash);
  EXPECT_EQ(*parse_utc(leadership.state.epoch), *config.kubernetes.epoch);
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_scalings_total{direction=\"up\"} 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_decisions_total 3\n"));
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_replicas_wanted 3\n"));
}

TEST_F(Term, NothingIsRemovedOnMissingData) {
  fleet.fleet.current.replicas = 3;
  for (const char* uid : {"a", "b", "c"}) fleet.fleet.add_pod(uid);
  fleet.samples.outage = true;
  on_decision = [&](std::size_t made) {
    if (made == 3) {
      fleet.samples.outage = false;
      for (const char* uid : {"a", "b", "c"}) fleet.samples.samples[uid] = {1, 0};
    }
  };
  const auto lines = run(config_of(fixed(1, fresh_epoch())), 6);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(lines[i]["decision"]["replicas"], 1);  // what the policy said
    EXPECT_EQ(lines[i]["held"]["reason"], "metrics_error");
    EXPECT_EQ(lines[i]["replicas"], 3);
  }
  EXPECT_TRUE(lines[3]["held"].is_null());
  EXPECT_EQ(fleet.fleet.current.replicas, 1);
  EXPECT_THAT(told("metrics_lost"), ElementsAre("prometheus does not answer"));
  EXPECT_THAT(told("metrics_back"), SizeIs(1));
  EXPECT_THAT(told("scaled"),
              ElementsAre(StartsWith("3 to 1 replicas")));  // once: when it was done
  EXPECT_THAT(fleet.events, ElementsAre(StartsWith("Holding: "), StartsWith("HoldOver: "),
                                        StartsWith("ScaledDown: 3 to 1")));
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_holds_total{reason=\"metrics_error\"} 3\n"));
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_errors_total{source=\"metrics\"} 3\n"));
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_scalings_total{direction=\"down\"} 1\n"));
}

/// Samples by the number of the decision that is made next.
void script(FakeMetrics& samples, std::size_t next) {
  samples.outage = next == 1;
  samples.samples.clear();
  if (next != 2) samples.samples["a"] = {1, 0};
  if (next > 3) samples.samples["b"] = samples.samples["c"] = {1, 0};
}

// Simulation and local call run_control_loop() as it is; here it is the scaler's.
TEST_F(Term, HoldsWhatTheSameLoopHoldsInOtherWorlds) {
  const auto begin = [](FakeCluster& cluster) {
    cluster.current = {};
    cluster.current.replicas = 3;
    for (const char* uid : {"a", "b", "c"}) cluster.add_pod(uid);
  };
  begin(fleet.fleet);
  script(fleet.samples, 0);
  fleet.samples.samples.erase("a");  // nobody's samples at the first tick
  on_decision = [&](std::size_t made) { script(fleet.samples, made); };
  const auto live = run(config_of(fixed(1, fresh_epoch())), 6);

  FakeClock clock;
  FakeCluster cluster{clock};
  FakeMetrics samples;
  FakeRecorder recorder;
  FakePolicy policy;
  begin(cluster);
  policy.answer = [&, made = std::size_t{0}](const Observation& observation) mutable {
    script(samples, ++made);
    Decision decision;
    if (observation.replicas != 1) decision.replicas = 1;  // as `fixed` has it
    return decision;
  };
  clock.stop = 50 * kMillisecond;
  ASSERT_TRUE(run_control_loop(policy, {.interval = 10 * kMillisecond, .hold = {.on_doubt = true}},
                               clock, cluster, samples, recorder));
  ASSERT_EQ(recorder.decisions.size(), live.size());
  for (std::size_t i = 0; i < live.size(); ++i) {
    const json record = decision_record(recorder.observations[i], recorder.decisions[i]);
    EXPECT_EQ(record["held"], live[i]["held"]) << i;
    EXPECT_EQ(record["decision"]["replicas"], live[i]["decision"]["replicas"]);
  }
  const auto reason = [&](std::size_t i) { return live[i]["held"]["reason"]; };
  EXPECT_EQ(reason(0), "metrics_empty");
  EXPECT_EQ(reason(1), "metrics_error");
  EXPECT_EQ(reason(2), "metrics_empty");
  EXPECT_EQ(reason(3), "metrics_partial");
  EXPECT_TRUE(live[4]["held"].is_null());
  EXPECT_EQ(fleet.fleet.current.replicas, 1);
}

TEST_F(Term, AnAutoscalerIsNotHeld) {
  fleet.fleet.current.replicas = 3;
  for (const char* uid : {"a", "b", "c"}) fleet.fleet.add_pod(uid);
  fleet.samples.outage = true;
  const auto lines =
      run(config_of("[scaler]\nrun_by = \"autoscaler\"\npolicy = \"fixed\"\ninterval = \"10ms\"\n"
                    "[policy.fixed]\nreplicas = 1\n"),
          1);
  EXPECT_TRUE(lines[0]["held"].is_null());
  EXPECT_EQ(fleet.fleet.current.replicas, 1);
}

TEST_F(Term, LeadershipThatGoesBetweenDecisionAndWriteIsCountedAsAHold) {
  fleet.fleet.current.replicas = 1;
  fleet.fleet.add_pod("a");
  fleet.samples.samples["a"] = {12, kSecond};
  on_decision = [&](std::size_t) { leadership.leads = false; };
  const auto lines = run(config_of(fixed(3, fresh_epoch())), 1);
  EXPECT_TRUE(lines[0]["held"].is_null());  // it led when it decided
  EXPECT_EQ(fleet.fleet.current.replicas, 1);
  EXPECT_THAT(fleet.events, IsEmpty());
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_holds_total{reason=\"not_leading\"} 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_errors_total{source=\"apply\"} 0\n"));
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_scalings_total{direction=\"up\"} 0\n"));
}

TEST_F(Term, PodsAreAddedOnMissingData) {
  fleet.fleet.current.replicas = 1;
  fleet.fleet.add_pod("a");
  fleet.samples.outage = true;
  const auto lines = run(config_of(fixed(2, fresh_epoch())), 1);
  EXPECT_TRUE(lines[0]["held"].is_null());
  EXPECT_EQ(fleet.fleet.current.replicas, 2);
}

TEST_F(Term, ADryRunChangesNothing) {
  fleet.fleet.current.replicas = 1;
  fleet.fleet.add_pod("a");
  fleet.samples.samples["a"] = {12, kSecond};
  const auto lines = run(config_of(fixed(3, "dry_run = true\n")), 2);
  EXPECT_EQ(lines[0]["dry_run"], true);
  EXPECT_EQ(lines[1]["decision"]["replicas"], 3);
  EXPECT_EQ(fleet.fleet.current.replicas, 1);
  EXPECT_THAT(fleet.fleet.calls, testing::Each("state"));
  EXPECT_THAT(fleet.events, IsEmpty());
  EXPECT_EQ(leadership.state.policy_state, "");
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_scalings_total{direction=\"up\"} 0\n"));
}

TEST_F(Term, WhoIsFencedDoesNotAct) {
  fleet.fleet.current.replicas = 1;
  fleet.fleet.add_pod("a");
  fleet.samples.samples["a"] = {12, kSecond};
  leadership.error = Error{ErrorKind::conflict, "another one leads"};
  const auto lines = run(config_of(fixed(3, fresh_epoch())), 2);
  EXPECT_EQ(lines[0]["held"]["reason"], "not_leading");
  EXPECT_EQ(fleet.fleet.current.replicas, 1);
}

TEST_F(Term, ALeaseThatCannotBeWrittenDoesNotStopWhoStillLeads) {
  fleet.fleet.current.replicas = 1;
  fleet.fleet.add_pod("a");
  fleet.samples.samples["a"] = {12, kSecond};
  leadership.error = Error{ErrorKind::unavailable, "no answer"};
  run(config_of(fixed(3, fresh_epoch())), 1);
  EXPECT_EQ(fleet.fleet.current.replicas, 3);
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_errors_total{source=\"lease\"} 1\n"));
}

TEST_F(Term, ALeaderWithoutMemoryRemovesNoPodForThreeIntervals) {
  fleet.fleet.current.replicas = 3;
  for (const char* uid : {"a", "b", "c"}) {
    fleet.fleet.add_pod(uid);
    fleet.samples.samples[uid] = {1, 0};
  }
  leadership.state = {format_utc(wall_now() - kMinute), ""};
  const auto lines = run(config_of(fixed(1)), 8);
  const double began_s = lines[0]["time_s"];
  EXPECT_GE(began_s, 59);  // the axis of the leader before
  bool held = false;
  for (const json& line : lines) {
    const bool early = line["time_s"].get<double>() < began_s + 0.0200001;
    if (!early) continue;
    held = true;
    EXPECT_EQ(line["held"]["reason"], "new_leader");
  }
  EXPECT_TRUE(held);
  EXPECT_EQ(fleet.fleet.current.replicas, 1);
}

TEST_F(Term, ALeaderWithMemoryGoesOnWhereTheOneBeforeStopped) {
  fleet.fleet.current.replicas = 3;
  for (const char* uid : {"a", "b", "c"}) {
    fleet.fleet.add_pod(uid);
    fleet.samples.samples[uid] = {1, 0};
  }
  const ScalerConfig config = config_of(fixed(1));
  // The wall clock of the one before was ahead by twenty seconds.
  const TimeNs epoch = wall_now() / kMillisecond * kMillisecond - kMinute;
  const PolicyIdentity identity{"fixed", config.settings_hash, format_utc(epoch)};
  leadership.state = {identity.epoch, save_state(identity, 80, config.make_policy()->state())};
  const auto lines = run(config, 1);
  EXPECT_GT(lines[0]["time_s"].get<double>(), 80);
  EXPECT_LT(lines[0]["time_s"].get<double>(), 90);
  EXPECT_TRUE(lines[0]["held"].is_null());
  EXPECT_EQ(fleet.fleet.current.replicas, 1);
}

TEST_F(Term, TheFirstTickIsAtTheEpoch) {
  fleet.fleet.current.replicas = 1;
  fleet.fleet.add_pod("a");
  const TimeNs epoch = wall_now() + 300 * kMillisecond;
  const auto lines = run(config_of(fixed(1, "epoch = \"" + format_utc(epoch) + "\"\n")), 1);
  EXPECT_EQ(lines[0]["time_s"], 0);
  EXPECT_GE(*parse_utc(lines[0]["at"].get<std::string>()), epoch / kMillisecond * kMillisecond);
}

TEST_F(Term, AnApiThatIsAwayHoldsAndComesBack) {
  fleet.fleet.current.replicas = 1;
  fleet.fleet.add_pod("a");
  fleet.samples.samples["a"] = {1, 0};
  for (int i = 0; i < 3; ++i) {
    fleet.fleet.state_errors.push_back({ErrorKind::unavailable, "no answer"});
  }
  run(config_of(fixed(2, fresh_epoch())), 1);
  EXPECT_EQ(fleet.fleet.current.replicas, 2);
  EXPECT_THAT(told("scaler_blind"), testing::Each(HasSubstr("no answer")));
  EXPECT_THAT(told("scaler_blind"), SizeIs(2));
  // The first of the three was the look at the beginning.
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_holds_total{reason=\"api\"} 2\n"));
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_errors_total{source=\"api\"} 2\n"));
  EXPECT_THAT(metrics(), HasSubstr("wsfleet_scaler_errors_total{source=\"apply\"} 0\n"));
}

TEST(Epoch, IsTheFilesElseTheLeaderBeforesElseNow) {
  const TimeNs wall = 1795546800 * kSecond + 123456789;
  EXPECT_EQ(epoch_of(config_of(fixed(1)), {}, wall), 1795546800 * kSecond + 123 * kMillisecond);
  EXPECT_EQ(epoch_of(config_of(fixed(1)), {"2026-11-24T19:00:00.000Z", ""}, wall),
            1795546800 * kSecond);
  EXPECT_EQ(epoch_of(config_of(fixed(1)), {"yesterday", ""}, wall),
            1795546800 * kSecond + 123 * kMillisecond);
  EXPECT_EQ(epoch_of(config_of(fixed(1, "epoch = \"1970-01-01T00:00:01Z\"\n")),
                     {"2026-11-24T19:00:00.000Z", ""}, wall),
            kSecond);
}

TEST(ScalerClock, StandsOnTheAxisAndNeverRunsBackwards) {
  EXPECT_EQ(axis_start(100, 40, nullptr), 60);
  const double last_s = 5;
  EXPECT_EQ(axis_start(100 * kSecond, 40 * kSecond, &last_s), 60 * kSecond);
  EXPECT_EQ(axis_start(42 * kSecond, 40 * kSecond, &last_s), 5 * kSecond + kMicrosecond);
}

TEST(ScalerClock, EndsWhenItIsToldTo) {
  Wakeup wakeup;
  int asked = 0;
  ScalerClock clock(
      0, [&asked] { return ++asked < 2; }, wakeup);
  wakeup.notify();
  EXPECT_FALSE(clock.sleep_until(kHour));
  EXPECT_LT(clock.now(), kHour);
}

}  // namespace
}  // namespace wsfleet
