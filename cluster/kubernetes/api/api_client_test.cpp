// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api/api_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "cluster/kubernetes/testing/tls_server.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// Retries come soon; what must not run out of time has a minute.
ApiSettings hasty() {
  ApiSettings settings;
  settings.deadline = kMinute;
  settings.try_within = kMinute;
  settings.first_backoff = kMillisecond;
  return settings;
}

/// The client gets nothing: the connection ends without an answer.
TlsServer::Handler lost_then(const std::string& answer) {
  return [answer](const RawRequest& request, RawConnection& client) {
    if (request.serial > 0) client.send(answer);
  };
}

TEST(ApiClient, VerbsBodiesAndContentTypes) {
  TlsServer server({raw_answer(200, R"({"kind": "Pod"})")});
  ApiClient client(server.access(), hasty());
  const json object = {{"a", 1}};
  EXPECT_EQ(client.get("/p").value().at("kind"), "Pod");
  EXPECT_TRUE(client.create("/p", object));
  EXPECT_TRUE(client.replace("/p", object));
  EXPECT_TRUE(client.patch("/p", PatchKind::merge, object));
  EXPECT_TRUE(client.patch("/p", PatchKind::strategic, object));
  EXPECT_TRUE(client.patch("/p", PatchKind::json_patch, json::array({object})));
  EXPECT_TRUE(client.patch("/p?x=y", PatchKind::apply, object));
  EXPECT_TRUE(client.remove("/p", json::object()));
  EXPECT_TRUE(client.remove("/p", object));
  std::vector<std::string> asked;
  for (const RawRequest& request : server.requests()) {
    const auto type = request.headers.find("content-type");
    asked.push_back(fmt::format("{} {} {} {}", request.method, request.target,
                                type != request.headers.end() ? type->second : "-", request.body));
  }
  EXPECT_THAT(asked,
              testing::ElementsAre("GET /p - ", R"(POST /p application/json {"a":1})",
                                   R"(PUT /p application/json {"a":1})",
                                   R"(PATCH /p application/merge-patch+json {"a":1})",
                                   R"(PATCH /p application/strategic-merge-patch+json {"a":1})",
                                   R"(PATCH /p application/json-patch+json [{"a":1}])",
                                   R"(PATCH /p?x=y&fieldManager=wsfleet&force=true )"
                                   R"(application/apply-patch+yaml {"a":1})",
                                   "DELETE /p - ", R"(DELETE /p application/json {"a":1})"));
}

TEST(ApiClient, ErrorsHaveAKindAndTheServersWords) {
  struct Case {
    int status;
    ErrorKind kind;
  };
  for (const auto& [status, kind] :
       {Case{400, ErrorKind::failed}, Case{401, ErrorKind::failed}, Case{403, ErrorKind::failed},
        Case{404, ErrorKind::not_found}, Case{409, ErrorKind::conflict},
        Case{410, ErrorKind::not_found}, Case{422, ErrorKind::failed}}) {
    TlsServer server({raw_answer(status, status_body(status, "the server's words"))});
    ApiClient client(server.access(), hasty());
    const auto answer = client.get("/api/v1/pods/x");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, kind) << status;
    EXPECT_EQ(answer.error().message,
              fmt::format("GET /api/v1/pods/x: {} the server's words", status));
    EXPECT_EQ(server.requests().size(), 1U);
  }
}

TEST(ApiClient, AnAnswerThatIsNoJsonObjectIsAnError) {
  for (const char* body : {"", "<html>", "[1]", "7"}) {
    TlsServer server({raw_answer(200, body)});
    ApiClient client(server.access(), hasty());
    const auto answer = client.get("/p");
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().message, "GET /p: the answer is no JSON object");
  }
}

TEST(ApiClient, AnswersWithoutALengthEndWithTheConnection) {
  TlsServer server({"HTTP/1.1 200 OK\r\n\r\n{\"a\": 1}"});
  ApiClient client(server.access(), hasty());
  EXPECT_EQ(client.get("/p").value().at("a"), 1);
}

TEST(ApiClient, ChunkedAnswersArePutTogether) {
  TlsServer server({chunked_header() + chunk("{\"a\"") + chunk(": 1}") + chunk("")});
  ApiClient client(server.access(), hasty());
  EXPECT_EQ(client.get("/p").value().at("a"), 1);
}

TEST(ApiClient, ErrorsOfTheServerAreTriedAgain) {
  TlsServer server({raw_answer(500, ""), raw_answer(503, ""), raw_answer(429, ""),
                    raw_answer(200, R"({"a": 1})")});
  ApiClient client(server.access(), hasty());
  EXPECT_EQ(client.get("/p").value().at("a"), 1);
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST(ApiClient, LostAnswersAndCutOnesAreAskedForAgain) {
  const std::string whole = raw_answer(200, R"({"a": 1})");
  TlsServer server({"", whole.substr(0, whole.size() - 3), "HTTP/1.1 nonsense\r\n\r\n",
                    chunked_header() + chunk("{\"a\""), whole});
  ApiClient client(server.access(), hasty());
  EXPECT_EQ(client.get("/p").value().at("a"), 1);
  EXPECT_EQ(server.requests().size(), 5U);
}

TEST(ApiClient, RetryAfterIsWaitedForOrGivenUpAtOnce) {
  TlsServer server({raw_answer(429, "", "Retry-After: 1\r\n"), raw_answer(200, "{}")});
  EXPECT_TRUE(ApiClient(server.access(), hasty()).get("/p"));
  EXPECT_EQ(server.requests().size(), 2U);
  // Past the deadline: no second try, and no wait for it.
  TlsServer busy({raw_answer(429, status_body(429, "too many"), "Retry-After: 3600\r\n")});
  const auto answer = ApiClient(busy.access(), hasty()).get("/p");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(answer.error().message, "GET /p: 429 too many");
  EXPECT_EQ(busy.requests().size(), 1U);
}

TEST(ApiClient, AServerThatStaysBrokenIsUnavailable) {
  TlsServer server({raw_answer(503, status_body(503, "not ready"))});
  ApiSettings settings = hasty();
  settings.deadline = 300 * kMillisecond;
  const auto answer = ApiClient(server.access(), settings).get("/p");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
}

TEST(ApiClient, APostWhoseAnswerIsLostIsNotRepeated) {
  TlsServer server(lost_then(raw_answer(200, "{}")));
  const auto answer = ApiClient(server.access(), hasty()).create("/p", {{"a", 1}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(ApiClient, APostIsRepeatedOnlyAfter429) {
  TlsServer broken({raw_answer(500, ""), raw_answer(200, "{}")});
  EXPECT_FALSE(ApiClient(broken.access(), hasty()).create("/p", {{"a", 1}}));
  EXPECT_EQ(broken.requests().size(), 1U);
  TlsServer busy({raw_answer(429, ""), raw_answer(201, "{}")});
  EXPECT_TRUE(ApiClient(busy.access(), hasty()).create("/p", {{"a", 1}}));
  EXPECT_EQ(busy.requests().size(), 2U);
}

TEST(ApiClient, OtherVerbsAreRepeatedAfterALostAnswer) {
  TlsServer server(lost_then(raw_answer(200, "{}")));
  EXPECT_TRUE(ApiClient(server.access(), hasty()).patch("/p", PatchKind::merge, {{"a", 1}}));
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests().at(1).body, R"({"a":1})");
}

TEST(ApiClient, ASilentServerEndsWithTheDeadline) {
  TlsServer server([](const RawRequest&, RawConnection& client) { client.wait_gone(); });
  ApiClient client(server.access(), hasty());
  const auto answer = client.get("/p", 300 * kMillisecond);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("no answer in time"));
}

TEST(ApiClient, ATryIsShorterThanTheDeadline) {
  TlsServer server([](const RawRequest& request, RawConnection& client) {
    if (request.serial == 0) client.wait_gone();
    client.send(raw_answer(200, "{}"));
  });
  ApiSettings settings = hasty();
  settings.try_within = 2 * kSecond;
  EXPECT_TRUE(ApiClient(server.access(), settings).get("/p"));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(ApiClient, NobodyThereIsUnavailableAndNamesTheAddress) {
  ClusterAccess access;
  {
    TlsServer gone({raw_answer(200, "{}")});
    access = gone.access();
  }
  ApiClient client(access, hasty());
  const auto answer = client.get("/p", 200 * kMillisecond);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr(access.server.substr(8) + ": can't connect"));
}

TEST(ApiClient, AnAddressThatIsNoneIsAConfigurationError) {
  ClusterAccess access;
  access.server = "http://127.0.0.1:1";
  ApiClient client(access, hasty());
  EXPECT_EQ(client.get("/p").error().kind, ErrorKind::configuration);
  EXPECT_EQ(client.list("/p").error().kind, ErrorKind::configuration);
  EXPECT_EQ(client.exchange("GET", "/p", "", "").error().kind, ErrorKind::configuration);
  EXPECT_EQ(client.lines("/p", {}, [](std::string_view) { return true; }).error().kind,
            ErrorKind::configuration);
}

TEST(ApiClient, AnAnswerOverTheLimitIsRefusedForGood) {
  TlsServer server({"HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n{"});
  const auto answer = ApiClient(server.access(), hasty()).get("/p");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::failed);
  EXPECT_THAT(answer.error().message, HasSubstr("its answer is over 64 MiB"));
  EXPECT_EQ(server.requests().size(), 1U);
}

std::string page(const std::vector<int>& numbers, const std::string& next) {
  json items = json::array();
  for (const int number : numbers) items.push_back({{"number", number}});
  return raw_answer(
      200,
      json{{"metadata", {{"resourceVersion", "41"}, {"continue", next}}}, {"items", items}}.dump());
}

std::vector<int> numbers_of(const ApiList& list) {
  std::vector<int> numbers;
  for (const json& item : list.items) numbers.push_back(item.at("number"));
  return numbers;
}

TEST(ApiClient, AListIsReadPageByPage) {
  TlsServer server({page({1, 2}, "a&b="), page({3, 4}, "more"), page({5}, "")});
  ApiSettings settings = hasty();
  settings.page_size = 2;
  ApiClient client(server.access(), settings);
  const auto list = client.list("/pods", "labelSelector=app%3Dx");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_THAT(numbers_of(*list), testing::ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(list->resource_version, "41");
  EXPECT_EQ(server.requests().at(0).target, "/pods?limit=2&labelSelector=app%3Dx");
  EXPECT_EQ(server.requests().at(1).target,
            "/pods?limit=2&labelSelector=app%3Dx&continue=a%26b%3D");
}

TEST(ApiClient, AListWhoseNextPageExpiredBeginsAnewOnce) {
  const std::string expired = raw_answer(410, status_body(410, "too old"));
  TlsServer server({page({1}, "a"), expired, page({1, 2}, "b"), page({3}, "")});
  const auto list = ApiClient(server.access(), hasty()).list("/pods");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_THAT(numbers_of(*list), testing::ElementsAre(1, 2, 3));
  TlsServer hopeless({page({1}, "a"), expired, page({1}, "a"), expired});
  const auto none = ApiClient(hopeless.access(), hasty()).list("/pods");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_EQ(hopeless.requests().size(), 4U);
}

TEST(ApiClient, OddListsAreErrorsOrEmpty) {
  TlsServer null({raw_answer(200, R"({"items": null, "metadata": {"resourceVersion": "1"}})")});
  EXPECT_TRUE(ApiClient(null.access(), hasty()).list("/p").value().items.empty());
  TlsServer odd({raw_answer(200, R"({"items": 7, "metadata": 8})")});
  EXPECT_FALSE(ApiClient(odd.access(), hasty()).list("/p"));
}

TEST(ApiClient, AWishToStopEndsAList) {
  TlsServer server([](const RawRequest&, RawConnection& client) { client.wait_gone(); });
  ApiClient client(server.access(), hasty());
  std::stop_source stop;
  Result<ApiList> list;
  std::thread reader([&] { list = client.list("/p", "", stop.get_token()); });
  stop.request_stop();
  reader.join();
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().kind, ErrorKind::stopped);
}

TEST(ApiClient, ExchangeHandsAnyAnswerOnAndTriesOnce) {
  TlsServer server({raw_answer(503, "busy")});
  ApiClient client(server.access(), hasty());
  const auto answer =
      client.exchange("POST", "/pods/x/proxy/drain", "now", "text/plain", {{"X-Admin", "yes"}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "busy");
  const RawRequest asked = server.requests().at(0);
  EXPECT_EQ(asked.body, "now");
  EXPECT_EQ(asked.headers.at("x-admin"), "yes");
  EXPECT_EQ(asked.headers.at("content-type"), "text/plain");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(ApiClient, VersionsMayHaveAPlusOrBeMissing) {
  TlsServer server({raw_answer(200, R"({"major": "1", "minor": "20+"})")});
  const auto version = ApiClient(server.access(), hasty()).version();
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_EQ(*version, std::pair(1, 20));
  TlsServer silent({raw_answer(200, R"({"major": "", "gitVersion": "v0.0.0-master+faecb19"})")});
  EXPECT_EQ(ApiClient(silent.access(), hasty()).version().value(), std::pair(0, 0));
}

TEST(ApiClient, ManyThreadsMayCallAtTheSameTime) {
  TlsServer server([](const RawRequest& request, RawConnection& client) {
    client.send(raw_answer(200, json{{"target", request.target}}.dump()));
  });
  ApiClient client(server.access(), hasty());
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const std::string path = fmt::format("/p/{}", i);
      for (int round = 0; round < 5; ++round) {
        const auto answer = client.get(path);
        if (answer && answer->at("target") == path) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

}  // namespace
}  // namespace wsfleet
