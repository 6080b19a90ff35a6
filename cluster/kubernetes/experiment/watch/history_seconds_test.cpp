// SPDX-License-Identifier: Apache-2.0
// Figures of pods from Prometheus in the seconds of a record.
#include "cluster/kubernetes/experiment/watch/history_seconds.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

PodSecond with_connections(double connections) {
  PodSecond pod;
  pod.connections = connections;
  return pod;
}

std::vector<FleetSecond> seconds_of(const std::vector<std::string>& supply, std::size_t count) {
  FleetSecond second;
  second.supply = std::make_shared<const std::vector<std::string>>(supply);
  for (std::size_t i = 0; i < supply.size(); ++i) second.levels.sockets.add(std::nullopt);
  return std::vector<FleetSecond>(count, second);
}

TEST(AddHistory, SumsOverPodsAndLeavesUnknownWhatIsBeyondIt) {
  PodSecond busy = with_connections(30);
  busy.cpu_s = 0.25;
  busy.refused = {{"full", 2}, {"draining", 1}};
  busy.closed = {{"shed", 4}, {"client", 7}};
  const FleetHistory history = {{{"a", busy}, {"b", with_connections(10)}, {"c", PodSecond{}}}};
  std::vector<FleetSecond> seconds = seconds_of({"a", "b"}, 2);
  add_history(history, {{"a", kSecond}}, seconds);
  EXPECT_EQ(seconds[0].connections, 40);
  EXPECT_EQ(seconds[0].cpu_cores, 0.25);
  EXPECT_EQ(seconds[0].refused, 3);
  EXPECT_EQ(seconds[0].refused_draining, 1);
  EXPECT_EQ(seconds[0].closed_by_shed, 4);
  EXPECT_EQ(seconds[0].levels.sockets.jain_index(), 40.0 * 40 / (2 * (900 + 100)));
  EXPECT_EQ(seconds[1].cpu_cores, std::nullopt);
  EXPECT_EQ(seconds[1].refused_draining, std::nullopt);
  EXPECT_EQ(seconds[1].cut_by_grace, std::nullopt);
  EXPECT_EQ(seconds[1].levels.sockets.jain_index(), std::nullopt);
}

TEST(AddHistory, EvennessIsOfThePodsInSupplyAndNeedsAllOfThem) {
  // "old" was scraped while it served and is still known; "new" serves and was not scraped yet.
  const FleetHistory history = {{{"a", with_connections(10)}, {"old", with_connections(90)}}};
  std::vector<FleetSecond> without_new = seconds_of({"a"}, 1);
  add_history(history, {}, without_new);
  EXPECT_EQ(without_new[0].levels.sockets.jain_index(), 1.0);
  std::vector<FleetSecond> with_new = seconds_of({"a", "new"}, 1);
  add_history(history, {}, with_new);
  EXPECT_EQ(with_new[0].levels.sockets.jain_index(), std::nullopt);
}

TEST(AddHistory, AScaledDownPodCutsWhatItHadLast) {
  const FleetHistory history = {{{"a", with_connections(9)}}, {{"a", with_connections(3)}}, {}, {}};
  std::vector<FleetSecond> seconds(4);
  add_history(history, {{"a", 3 * kSecond}, {"never seen", kSecond}}, seconds);
  EXPECT_EQ(seconds[3].cut_by_grace, 3);
  EXPECT_EQ(seconds[1].cut_by_grace, 0);
}

TEST(AddHistory, AnEndBeyondTheRunIsNoneOfIt) {
  std::vector<FleetSecond> seconds(1);
  add_history({{{"a", with_connections(3)}}}, {{"a", kMinute}}, seconds);
  EXPECT_EQ(seconds[0].cut_by_grace, 0);
}

}  // namespace
}  // namespace wsfleet
