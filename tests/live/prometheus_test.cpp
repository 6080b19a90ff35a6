// SPDX-License-Identifier: Apache-2.0
// What the scaler reads of real servers through a real Prometheus.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "cluster/prometheus/fleet_history.h"
#include "cluster/prometheus/prometheus_metrics.h"
#include "core/live/live_clock.h"
#include "core/net/http_client.h"
#include "tests/live/testing/crowd.h"
#include "tests/live/testing/prometheus_server.h"
#include "tests/live/testing/server_process.h"

namespace wsfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

/// Discovery passes changes on every 5 s, and a removed target's series ends two intervals later.
constexpr TimeNs kDiscovery = 60 * kSecond;

class LivePrometheus : public testing::Test {
 protected:
  static PrometheusSettings at(std::uint16_t port) {
    PrometheusSettings settings;
    settings.port = port;
    return settings;
  }
  static ScrapeTarget target(const ServerProcess& server, const std::string& uid) {
    return {fmt::format("127.0.0.1:{}", server.port()), uid, "pod-" + uid, "test"};
  }

  /// "uid=connections" of each pod, sorted, or the error.
  std::vector<std::string> read() {
    const auto samples = metrics_.connections();
    if (!samples) return {samples.error().message};
    std::vector<std::string> texts;
    for (const auto& [uid, sample] : *samples) {
      texts.push_back(fmt::format("{}={}", uid, sample.value));
      oldest_ = std::max(oldest_, sample.age);
    }
    std::sort(texts.begin(), texts.end());
    return texts;
  }
  /// What is read once it is `expected`, or the last that was read.
  std::vector<std::string> read_until(const std::vector<std::string>& expected) {
    std::vector<std::string> last;
    eventually(
        [&] {
          last = read();
          return last == expected;
        },
        kDiscovery);
    return last;
  }

  PrometheusServer prometheus_;
  PrometheusMetrics metrics_{at(prometheus_.port())};
  TimeNs oldest_ = 0;
};

TEST_F(LivePrometheus, NothingIsReadBeforeTheFirstScrape) {
  const auto samples = metrics_.connections();
  ASSERT_TRUE(samples) << samples.error().message;
  EXPECT_THAT(*samples, IsEmpty());
}

TEST_F(LivePrometheus, FollowsWhatIsOpenAndWhichPodsThereAre) {
  ServerProcess first;
  std::optional<ServerProcess> second(std::in_place);
  ServerProcess third;
  Crowd on_first(first.port());
  Crowd on_second(second->port());
  ASSERT_TRUE(on_first.open(7));
  ASSERT_TRUE(on_second.open(3));
  prometheus_.set_targets({target(first, "a"), target(*second, "b"), target(third, "c")});
  EXPECT_THAT(read_until({"a=7", "b=3", "c=0"}), ElementsAre("a=7", "b=3", "c=0"));
  EXPECT_LE(oldest_, 5 * kMinute);
  EXPECT_THAT(metrics_.left_out(), IsEmpty());

  ASSERT_TRUE(on_first.open(4));
  EXPECT_THAT(read_until({"a=11", "b=3", "c=0"}), ElementsAre("a=11", "b=3", "c=0"));

  second->process().signal(SIGKILL);  // its last 3 are not its connections any more
  EXPECT_THAT(read_until({"a=11", "c=0"}), ElementsAre("a=11", "c=0"));

  prometheus_.set_targets({target(first, "a")});
  EXPECT_THAT(read_until({"a=11"}), ElementsAre("a=11"));

  prometheus_.set_targets({});
  const auto none = read_until({});
  EXPECT_THAT(none, IsEmpty());
}

TEST_F(LivePrometheus, TellsAfterwardsWhatEachPodDidInEachSecond) {
  ServerProcess first({"--max-connections", "5"});
  ServerProcess second;
  Crowd on_first(first.port());
  Crowd too_many(first.port());
  ASSERT_TRUE(on_first.open(1));
  prometheus_.set_targets({target(first, "a"), target(second, "b")});
  ASSERT_THAT(read_until({"a=1", "b=0"}), ElementsAre("a=1", "b=0"));

  const TimeNs start = wall_now();
  ASSERT_TRUE(on_first.open(4));
  EXPECT_FALSE(too_many.open(3, kSecond));
  ASSERT_THAT(read_until({"a=5", "b=0"}), ElementsAre("a=5", "b=0"));
  on_first.close_each(1000);
  EXPECT_TRUE(on_first.run_until([&] { return on_first.ended() == 5; }));
  ASSERT_THAT(read_until({"a=0", "b=0"}), ElementsAre("a=0", "b=0"));
  const TimeNs seconds = (wall_now() - start) / kSecond + 3;
  ASSERT_TRUE(eventually([&] { return wall_now() > start + seconds * kSecond; }, kDiscovery));

  FleetHistoryRequest request{.matchers = R"(namespace="test")",
                              .start = start,
                              .end = start + seconds * kSecond,
                              .scrape_interval = 5 * kSecond};
  const auto fetch = [&](const std::string& path) {
    HttpRequest http;
    http.port = prometheus_.port();
    http.target = path;
    return http_exchange(http, kDiscovery);
  };
  const auto history = read_fleet_history(fetch, request);
  ASSERT_TRUE(history) << history.error().message;
  ASSERT_EQ(history->size(), static_cast<std::size_t>(seconds));
  PodSecond all;
  double most = 0;
  for (const auto& second_of_run : *history) {
    EXPECT_EQ(second_of_run.at("b").connections, 0);
    const PodSecond& a = second_of_run.at("a");
    most = std::max(most, a.connections.value_or(0));
    for (const auto& [reason, count] : a.refused) all.refused[reason] += count;
    for (const auto& [cause, count] : a.closed) all.closed[cause] += count;
    all.cpu_s += a.cpu_s;
  }
  EXPECT_EQ(most, 5);
  EXPECT_EQ(history->back().at("a").connections, 0);
  EXPECT_THAT(all.refused, ElementsAre(Pair("full", 3)));
  EXPECT_THAT(all.closed, ElementsAre(Pair("client", 5)));
  EXPECT_GT(all.cpu_s, 0);

  request.matchers = R"(namespace="another")";
  const auto another = read_fleet_history(fetch, request);
  ASSERT_TRUE(another) << another.error().message;
  EXPECT_THAT(another->back(), IsEmpty());
}

TEST_F(LivePrometheus, AStoppedPrometheusIsAnErrorUntilItGoesOn) {
  ServerProcess server;
  prometheus_.set_targets({target(server, "a")});
  ASSERT_THAT(read_until({"a=0"}), ElementsAre("a=0"));
  prometheus_.process().signal(SIGSTOP);
  int status = 0;
  ASSERT_EQ(waitpid(prometheus_.process().pid(), &status, WUNTRACED), prometheus_.process().pid());
  ASSERT_TRUE(WIFSTOPPED(status));
  const auto stopped = metrics_.connections();
  prometheus_.process().signal(SIGCONT);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(stopped.error().message,
            fmt::format("Prometheus: no answer from 127.0.0.1:{} within 2s", prometheus_.port()));
  EXPECT_THAT(read_until({"a=0"}), ElementsAre("a=0"));
}

TEST_F(LivePrometheus, SaysWhatPrometheusSaysOfABadQuery) {
  PrometheusSettings settings = at(prometheus_.port());
  settings.selector = "wsfleet_connections{";
  const auto bad = PrometheusMetrics(settings).connections();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(bad.error().message, HasSubstr("answered 400: bad_data: "));
  settings.selector = "1";
  const auto scalar = PrometheusMetrics(settings).connections();
  EXPECT_FALSE(scalar);
}

TEST_F(LivePrometheus, ASeriesWithoutAUidIsLeftOutAndTold) {
  PrometheusSettings settings = at(prometheus_.port());
  settings.selector = "vector(5)";
  PrometheusMetrics metrics(settings);
  const auto samples = metrics.connections();
  ASSERT_TRUE(samples) << samples.error().message;
  EXPECT_THAT(*samples, IsEmpty());
  EXPECT_THAT(metrics.left_out(), ElementsAre("{}: it has no label 'uid'"));
}

TEST_F(LivePrometheus, AnAnswerOfNoNumberIsNoSample) {
  PrometheusSettings settings = at(prometheus_.port());
  settings.selector = R"(label_replace(vector(0/0), "uid", "a", "", ""))";
  PrometheusMetrics metrics(settings);
  const auto samples = metrics.connections();
  ASSERT_TRUE(samples) << samples.error().message;
  EXPECT_THAT(*samples, IsEmpty());
  EXPECT_THAT(metrics.left_out(), ElementsAre(R"({uid="a"}: its value is nan)"));
}

}  // namespace
}  // namespace wsfleet
