// SPDX-License-Identifier: Apache-2.0
// The requests of PrometheusMetrics and its errors, against sockets; tests/live/ has the real one.
#include "cluster/prometheus/prometheus_metrics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "core/net/testing/raw_server.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

std::string http_answer(std::string_view status, const std::string& body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body);
}

PrometheusSettings at(std::uint16_t port, TimeNs deadline = 20 * kSecond) {
  PrometheusSettings settings;
  settings.port = port;
  settings.deadline = deadline;
  return settings;
}

std::string trouble(const RawServer& server, TimeNs deadline = 20 * kSecond) {
  PrometheusMetrics metrics(at(server.port(), deadline));
  const auto samples = metrics.connections();
  if (samples) return "(no error)";
  EXPECT_EQ(samples.error().kind, ErrorKind::unavailable);
  return samples.error().message;
}

TEST(PrometheusMetrics, AsksOneQueryWithADeadline) {
  const RawServer server(RawServer::answers(http_answer(
      "200 OK",
      R"({"status":"success","data":{"resultType":"vector","result":[)"
      R"({"metric":{"id":"a","wsfleet_part":"value"},"value":[1700000010,"5"]},)"
      R"({"metric":{"id":"a","wsfleet_part":"scraped_at"},"value":[1700000010,"1700000003.5"]},)"
      R"({"metric":{"wsfleet_part":"value"},"value":[1700000010,"5"]}]}})")));
  PrometheusSettings settings = at(server.port());
  settings.selector = R"(open{job="x"})";
  settings.uid_label = "id";
  PrometheusMetrics metrics(settings);
  const auto samples = metrics.connections();
  ASSERT_TRUE(samples) << samples.error().message;
  ASSERT_THAT(*samples, SizeIs(1));
  EXPECT_EQ(samples->at("a").value, 5);
  EXPECT_EQ(samples->at("a").age, 6500 * kMillisecond);
  EXPECT_THAT(metrics.left_out(), SizeIs(1));
  ASSERT_THAT(server.requests(), SizeIs(1));
  EXPECT_THAT(server.requests()[0],
              StartsWith("GET /api/v1/query?timeout=20000ms&query=label_replace%28open%7Bjob"));
}

TEST(PrometheusMetrics, AnEmptyAnswerIsNoZeroAndNoError) {
  const RawServer server(RawServer::answers(
      http_answer("200 OK", R"({"status":"success","data":{"resultType":"vector","result":[]}})")));
  PrometheusMetrics metrics(at(server.port()));
  const auto samples = metrics.connections();
  ASSERT_TRUE(samples) << samples.error().message;
  EXPECT_THAT(*samples, IsEmpty());
}

TEST(PrometheusMetrics, EveryOutageIsAnErrorThatSaysWhich) {
  const RawServer failing(RawServer::answers(
      http_answer("422 Unprocessable Entity",
                  R"({"status":"error","errorType":"execution","error":"too many samples"})")));
  EXPECT_EQ(trouble(failing), fmt::format("Prometheus at 127.0.0.1:{}: answered 422: execution: "
                                          "too many samples",
                                          failing.port()));
  const RawServer starting(
      RawServer::answers(http_answer("503 Service Unavailable", "Service Unavailable\n")));
  EXPECT_THAT(trouble(starting), HasSubstr(": answered 503: Service Unavailable"));
  const RawServer truncated(
      RawServer::answers("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\""));
  EXPECT_THAT(trouble(truncated), HasSubstr("in the middle of its answer"));
  const RawServer silent([](const RawAnswer& answer) { answer.be_silent(); });
  EXPECT_EQ(trouble(silent, 100 * kMillisecond),
            fmt::format("Prometheus: no answer from 127.0.0.1:{} within 100ms", silent.port()));
  std::optional<RawServer> gone(std::in_place, RawServer::answers(""));
  PrometheusMetrics metrics(at(gone->port()));
  gone.reset();
  const auto refused = metrics.connections();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("refused the connection"));
}

// After a failed scrape Prometheus has no series: what it said before is not kept here either.
TEST(PrometheusMetrics, ASeriesThatHasEndedLeavesNoSample) {
  std::atomic<bool> well{true};
  const auto vector_of = [](const std::string& series) {
    return http_answer("200 OK", R"({"status":"success","data":{"resultType":"vector","result":[)" +
                                     series + "]}}");
  };
  const RawServer server([&](const RawAnswer& answer) {
    answer.send(vector_of(
        well ? R"({"metric":{"uid":"a","wsfleet_part":"value"},"value":[1700000010,"5"]},)"
               R"({"metric":{"uid":"a","wsfleet_part":"scraped_at"},)"
               R"("value":[1700000010,"1700000009"]})"
             : ""));
  });
  PrometheusMetrics metrics(at(server.port()));
  EXPECT_THAT(*metrics.connections(), SizeIs(1));
  well = false;
  EXPECT_THAT(*metrics.connections(), IsEmpty());
}

}  // namespace
}  // namespace wsfleet
