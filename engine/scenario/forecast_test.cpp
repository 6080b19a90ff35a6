// SPDX-License-Identifier: Apache-2.0
#include "engine/scenario/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "engine/experiment/parallel_runs.h"
#include "engine/testing/command.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

Scenario small_scenario(const std::string& more) {
  ScenarioLoad loaded = load_scenario(
      TomlDocument::parse("format = 1\nname = \"trial\"\nduration = \"5m\"\n" + more, "trial.toml"),
      {});
  EXPECT_TRUE(loaded.ok()) << render(loaded.diagnostics);
  return loaded.scenario;
}

TEST(Forecast, CountsTheSessionsThatAreThereAtTheEndOfEachSecond) {
  const Scenario scenario = small_scenario(
      "[workload.arrivals]\nrate = 5.0\n"
      "[workload.session]\nlength = { distribution = \"exponential\", mean = \"30s\" }\n");
  const Forecast future = forecast(scenario, 7);
  ASSERT_EQ(future.offered.size(), 300U);
  ASSERT_EQ(future.demand.size(), 300U);

  // The same sessions, counted one by one.
  const RateFunction rate(scenario.workload.arrivals, scenario.workload.length, scenario.duration);
  const SessionModel sessions(scenario.workload, RandomStreams(7));
  std::vector<std::int64_t> expected(300);
  ArrivalProcess arrivals(rate, RandomStreams(7));
  std::uint64_t serial = 0;
  for (TimeNs at = arrivals.next(); at < scenario.duration; at = arrivals.next()) {
    const TimeNs end = at + sessions.length(serial++);
    for (std::int64_t t = at / kSecond; t < std::min<std::int64_t>(300, end / kSecond); ++t) {
      ++expected[static_cast<std::size_t>(t)];
    }
  }
  for (std::size_t t = 0; t < 300; ++t) EXPECT_EQ(future.offered[t].sessions, expected[t]) << t;
  EXPECT_GT(future.offered.back().sessions, 100);  // 5/s for 30 s each: about 150
}

TEST(Forecast, ASteadyStartBeginsWithTheStationaryPopulation) {
  const std::string workload =
      "[workload.arrivals]\nrate = 10.0\n"
      "[workload.session]\nlength = { distribution = \"fixed\", mean = \"60s\" }\n"
      "[scaler]\ninitial_replicas = 2\n";
  const Forecast empty = forecast(small_scenario(workload), 1);
  const Forecast steady = forecast(small_scenario("start = \"steady\"\n" + workload), 1);
  EXPECT_LT(empty.offered[0].sessions, 30);
  EXPECT_NEAR(static_cast<double>(steady.offered[0].sessions), 600, 120);
  EXPECT_EQ(steady.offered[120].sessions, empty.offered[120].sessions);  // all of those are gone
}

TEST(Forecast, DemandIsWhatTheObjectiveMakesOfIt) {
  const Scenario scenario = small_scenario(
      "[workload.arrivals]\nrate = 20.0\n"
      "[workload.session]\nlength = { distribution = \"fixed\", mean = \"2m\" }\n"
      "[server]\nmax_connections = 500\n[objective]\nconnections_per_pod = 100\n");
  const Forecast future = forecast(scenario, 3);
  for (std::size_t t = 0; t < future.demand.size(); ++t) {
    const double pods = static_cast<double>(future.offered[t].sessions) / 100.0;
    EXPECT_EQ(future.demand[t], std::max(1, static_cast<int>(std::ceil(pods)))) << t;
  }
}

TEST(Forecast, IsWhatARunIsOffered) {
  // Refusals, a drain and a lost pod change nothing about what is offered.
  Scenario scenario = small_scenario(
      "start = \"steady\"\n"
      "[workload.arrivals]\nrate = 10.0\n"
      "[workload.session]\nlength = { distribution = \"lognormal\", mean = \"40s\" }\n"
      "messages_per_second = 2.0\nrooms = 9\n"
      "[server]\nmax_connections = 90\nredis = true\nmode = \"broadcast\"\n"
      "[scaler]\ninitial_replicas = 3\n"
      "[[fault]]\nat = \"100s\"\nkind = \"pod_kill\"\n");
  const Forecast future = forecast(scenario, 5);
  const ScratchDirectory here;
  PlannedRun planned;
  planned.scenario = std::make_shared<const Scenario>(std::move(scenario));
  planned.scenario_label = "trial";
  planned.policy = {"oracle", find_policy("oracle"), {}};
  planned.seed = 5;
  planned.directory = here.file("run");  // asks for the rows
  const auto results = run_in_parallel({planned}, {});
  ASSERT_TRUE(results.front()) << results.front().error().message;
  const std::vector<SecondRow>& rows = results.front()->rows;
  ASSERT_EQ(rows.size(), future.offered.size());
  double refused = 0;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    EXPECT_EQ(rows[t].offered_sessions, future.offered[t].sessions) << t;
    EXPECT_EQ(rows[t].arrivals, future.offered[t].arrivals) << t;
    EXPECT_DOUBLE_EQ(rows[t].offered_cpu_cores, future.offered[t].cpu_cores) << t;
    refused += static_cast<double>(rows[t].refused);
  }
  EXPECT_GT(refused, 0);
}

TEST(Forecast, AnotherSeedMeetsOtherClients) {
  const Scenario scenario = small_scenario("[workload.arrivals]\nrate = 20.0\n");
  EXPECT_NE(forecast(scenario, 1).offered[100].sessions,
            forecast(scenario, 2).offered[100].sessions);
}

}  // namespace
}  // namespace wsfleet
