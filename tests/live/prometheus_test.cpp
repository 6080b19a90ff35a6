// SPDX-License-Identifier: Apache-2.0
// What the scaler reads of real servers through a real Prometheus.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include "cluster/prometheus/prometheus_metrics.h"
#include "tests/live/testing/crowd.h"
#include "tests/live/testing/prometheus_server.h"
#include "tests/live/testing/server_process.h"

namespace wsfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
