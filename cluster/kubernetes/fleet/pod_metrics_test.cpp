// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/fleet/pod_metrics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "core/net/testing/raw_server.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

std::string metrics_page(const std::string& text) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", text.size(), text);
}

FleetPod pod(const std::string& uid, std::uint16_t port) {
  FleetPod made;
  made.observation.uid = uid;
  made.observation.phase = PodPhase::running;
  made.address = "127.0.0.1";
  made.http_port = port;
  return made;
}

TEST(GaugeIn, FindsTheGaugeAmongOthers) {
  const std::string page =
      "# HELP wsfleet_connections open connections\n# TYPE wsfleet_connections gauge\n"
      "wsfleet_connections_limit 1000\nwsfleet_connections 12\nother 5\n";
  EXPECT_EQ(gauge_in(page, "wsfleet_connections"), 12);
  EXPECT_EQ(gauge_in(page, "wsfleet"), std::nullopt);
  EXPECT_EQ(gauge_in(page, "websockets_connections_total"), std::nullopt);
  EXPECT_EQ(gauge_in("", "x"), std::nullopt);
}

TEST(GaugeIn, TakesEachFormOfAValue) {
  EXPECT_EQ(gauge_in("x 1.5e3", "x"), 1500);
  EXPECT_EQ(gauge_in("x 7 1795546800000\n", "x"), 7);
  EXPECT_EQ(gauge_in("x\t7\r\n", "x"), 7);
  EXPECT_EQ(gauge_in("x{a=\"b} 3\"} 7\nx{a=\"c\"} 8\n", "x"), 15);
  for (const char* text :
       {"x NaN\n", "x -1\n", "x +Inf\n", "x\n", "x twelve\n", "x 1x\n", "x{a 1\n"}) {
    EXPECT_EQ(gauge_in(text, "x"), std::nullopt) << text;
  }
}

TEST(PodMetrics, AsksTheRunningPods) {
  const RawServer a(RawServer::answers(metrics_page("wsfleet_connections 12\n")));
  const RawServer b(RawServer::answers(metrics_page("wsfleet_connections 0\n")));
  FleetPod pending = pod("c", a.port());
  pending.observation.phase = PodPhase::pending;
  FleetPod nowhere = pod("d", a.port());
  nowhere.address = "";
  PodMetrics metrics({}, [&] {
    return std::vector<FleetPod>{pod("a", a.port()), pod("b", b.port()), pending, nowhere};
  });
  const auto samples = metrics.connections();
  ASSERT_TRUE(samples) << samples.error().message;
  ASSERT_EQ(samples->size(), 2U);
  EXPECT_EQ(samples->at("a").value, 12);
  EXPECT_EQ(samples->at("b").value, 0);
  EXPECT_GE(samples->at("a").age, 0);
  EXPECT_THAT(a.requests().at(0), testing::StartsWith("GET /metrics "));
  EXPECT_EQ(a.requests().size(), 1U);
}
TEST(PodMetrics, AFailedScrapeLeavesNoSample) {
  std::atomic<bool> well{true};
  const RawServer a([&](const RawAnswer& answer) {
    answer.send(well ? metrics_page("wsfleet_connections 12\n")
                     : "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
  });
  const RawServer b(RawServer::answers(metrics_page("wsfleet_connections 3\n")));
  std::vector<FleetPod> pods{pod("a", a.port()), pod("b", b.port())};
  PodMetrics metrics({}, [&] { return pods; });
  EXPECT_EQ(metrics.connections()->size(), 2U);
  well = false;
  const auto samples = metrics.connections();
  ASSERT_TRUE(samples);
  EXPECT_FALSE(samples->contains("a"));
  EXPECT_EQ(samples->at("b").value, 3);
  well = true;
  pods.erase(pods.begin());  // a target that has vanished
  EXPECT_FALSE(metrics.connections()->contains("a"));
}

TEST(PodMetrics, NoAnswerAtAllIsAnOutage) {
  const RawServer silent(RawServer::answers(""));
  const RawServer other(RawServer::answers(metrics_page("something_else 1\n")));
  PodMetrics metrics({}, [&] {
    return std::vector<FleetPod>{pod("a", silent.port()), pod("b", other.port())};
  });
  const auto samples = metrics.connections();
  ASSERT_FALSE(samples);
  EXPECT_EQ(samples.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(samples.error().message, HasSubstr("none of 2 running pods"));
}

TEST(PodMetrics, WithoutPodsThereIsNothingToAsk) {
  PodMetrics metrics({}, [] { return std::vector<FleetPod>(); });
  const auto samples = metrics.connections();
  ASSERT_TRUE(samples);
  EXPECT_TRUE(samples->empty());
}

}  // namespace
}  // namespace wsfleet
