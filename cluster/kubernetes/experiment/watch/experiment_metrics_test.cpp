// SPDX-License-Identifier: Apache-2.0
// What the cluster's Prometheus is asked, through the API server's proxy, and what becomes of a run
// when it is away.
#include "cluster/kubernetes/experiment/watch/experiment_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <functional>

#include "cluster/kubernetes/testing/scripted_api_server.h"
#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kOne = R"({"status": "success", "data": {"resultType": "vector",
    "result": [{"metric": {}, "value": [1, "41"]}]}})";
constexpr const char* kNothing =
    R"({"status": "success", "data": {"resultType": "matrix", "result": []}})";

class TheExperimentMetrics : public testing::Test {
 protected:
  ScriptedAnswer answer(const ScriptedRequest& request) {
    if (is_away) return {503, R"({"message": "no endpoints available"})"};
    return {200, request.target.find("query_range") == std::string::npos ? kOne : kNothing};
  }
  static bool comes_true(const std::function<bool()>& wanted) {
    const TimeNs until = monotonic_now() + 20 * kSecond;
    while (!wanted()) {
      if (monotonic_now() > until) return false;
      poll(nullptr, 0, 5);
    }
    return true;
  }

  std::atomic<bool> is_away = false;
  ScriptedApiServer server{[this](const ScriptedRequest& request) { return answer(request); }};
  ApiClient client{server.access()};
};

TEST_F(TheExperimentMetrics, AsksTheServiceThroughTheProxy) {
  ExperimentMetrics metrics(client, "chat", "prometheus:9091");
  EXPECT_TRUE(metrics.check());
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_THAT(
      server.requests()[0].target,
      StartsWith("/api/v1/namespaces/chat/services/prometheus:9091/proxy/api/v1/query?query="));
  EXPECT_EQ(metrics.service_in_namespace(), "prometheus");
}

TEST_F(TheExperimentMetrics, AServiceElsewhereIsAskedThereAndNotOursToTouch) {
  ExperimentMetrics metrics(client, "chat", "monitoring/prom");
  EXPECT_TRUE(metrics.check());
  EXPECT_THAT(server.requests()[0].target,
              StartsWith("/api/v1/namespaces/monitoring/services/prom:9090/proxy/"));
  EXPECT_EQ(metrics.service_in_namespace(), "");
}

TEST_F(TheExperimentMetrics, APrometheusThatIsAwayIsSaidWithTheRemedy) {
  is_away = true;
  ExperimentMetrics metrics(client, "chat", "prometheus");
  const auto answers = metrics.check();
  ASSERT_FALSE(answers);
  EXPECT_EQ(answers.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(answers.error().message, HasSubstr("(the Service prometheus in the namespace chat, "
                                                 "port 9090) can't be asked"));
  EXPECT_THAT(answers.error().message, HasSubstr("--prometheus says where it is"));
}

TEST_F(TheExperimentMetrics, TheLatestStaysWhilePrometheusIsAway) {
  ExperimentMetrics metrics(client, "chat", "prometheus");
  EXPECT_TRUE(comes_true([&] { return metrics.latest().refused == 41; }));
  EXPECT_EQ(metrics.latest().connections, 41);
  is_away = true;
  const std::size_t asked = server.requests().size();
  EXPECT_TRUE(comes_true([&] { return server.requests().size() >= asked + 2; }));
  EXPECT_EQ(metrics.latest().connections, 41);
}

TEST_F(TheExperimentMetrics, TheRunsSecondsAreAskedForByItsNamespace) {
  ExperimentMetrics metrics(client, "chat", "prometheus");
  std::vector<FleetSecond> seconds(3);
  const auto added = metrics.complete(seconds, 1'700'000'000 * kSecond, kSecond, {});
  ASSERT_TRUE(added) << added.error().message;
  const auto asked = server.requests();
  ASSERT_FALSE(asked.empty());
  for (const ScriptedRequest& request : asked) {
    EXPECT_THAT(request.target, HasSubstr("/services/prometheus:9090/proxy/api/v1/query_range?"));
    EXPECT_THAT(request.target, HasSubstr("namespace%3D%22chat%22"));
  }
}

TEST_F(TheExperimentMetrics, SecondsThatCantBeReadAreAnError) {
  is_away = true;
  ExperimentMetrics metrics(client, "chat", "prometheus");
  std::vector<FleetSecond> seconds(3);
  const auto added = metrics.complete(seconds, 0, kSecond, {});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace wsfleet
