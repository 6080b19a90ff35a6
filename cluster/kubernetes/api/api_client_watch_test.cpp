// SPDX-License-Identifier: Apache-2.0
// Watches and followed lines: what comes, how it ends.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/testing/tls_server.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

ApiSettings patient() {
  ApiSettings settings;
  settings.deadline = kMinute;
  settings.watch_idle = kMinute;
  return settings;
}

std::string event(const char* type, const char* version) {
  const json object = {{"metadata", {{"uid", "u"}, {"resourceVersion", version}}}};
  return json{{"type", type}, {"object", object}}.dump() + "\n";
}

/// What a watch told, as "KIND VERSION", and how it ended.
struct Watched {
  std::vector<std::string> events;
  int opened = 0;
  Result<void> ended;
};

Watched watch(ApiClient& client, const std::stop_token& stop = {}, std::size_t enough = 1000) {
  Watched watched;
  watched.ended = client.watch(
      "/pods", "labelSelector=a", "7", stop,
      [&](const WatchEvent& given) {
        const char* kinds[] = {"added", "modified", "removed", "bookmark"};
        const std::string version = given.object.at("metadata").at("resourceVersion");
        watched.events.push_back(
            fmt::format("{} {}", kinds[static_cast<int>(given.kind)], version));
        return watched.events.size() < enough;
      },
      [&] { ++watched.opened; });
  return watched;
}

TEST(ApiClientWatch, AllKindsOfEventsInChunksOfAnySize) {
  const std::string all = event("ADDED", "8") + event("MODIFIED", "9") + event("DELETED", "10") +
                          event("BOOKMARK", "20");
  TlsServer server([&](const RawRequest&, RawConnection& client) {
    client.send(chunked_header());
    for (std::size_t at = 0; at < all.size(); at += 7) client.send(chunk(all.substr(at, 7)));
    client.send(chunk(""));
  });
  ApiClient client(server.access(), patient());
  const Watched watched = watch(client);
  EXPECT_TRUE(watched.ended) << watched.ended.error().message;
  EXPECT_THAT(watched.events, ElementsAre("added 8", "modified 9", "removed 10", "bookmark 20"));
  EXPECT_EQ(watched.opened, 1);
  EXPECT_EQ(server.requests().at(0).target,
            "/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=7&"
            "labelSelector=a");
}

TEST(ApiClientWatch, ItEndsWhenNoMoreIsWanted) {
  TlsServer server([](const RawRequest&, RawConnection& client) {
    client.send(chunked_header() + chunk(event("ADDED", "8") + event("ADDED", "9")));
    client.wait_gone();
  });
  ApiClient client(server.access(), patient());
  const Watched watched = watch(client, {}, 1);
  EXPECT_TRUE(watched.ended) << watched.ended.error().message;
  EXPECT_THAT(watched.events, ElementsAre("added 8"));
}

TEST(ApiClientWatch, AVersionThatIsGoneIsNotFoundAsStatusAndAsEvent) {
  const std::string gone = status_body(410, "too old resource version: 7 (20)");
  TlsServer server(
      {raw_answer(410, gone),
       chunked_header() + chunk(fmt::format(R"({{"type": "ERROR", "object": {}}})", gone) + "\n")});
  ApiClient client(server.access(), patient());
  for (int i = 0; i < 2; ++i) {
    const Watched watched = watch(client);
    ASSERT_FALSE(watched.ended);
    EXPECT_EQ(watched.ended.error().kind, ErrorKind::not_found);
    EXPECT_THAT(watched.ended.error().message, HasSubstr("410 too old resource version"));
    EXPECT_EQ(watched.opened, i);
  }
}

TEST(ApiClientWatch, OtherErrorsHaveTheirKind) {
  TlsServer server({raw_answer(403, status_body(403, "pods is forbidden: User \"x\" cannot watch")),
                    raw_answer(503, ""),
                    chunked_header() + chunk(R"({"type": "ERROR", "object": {"code": 500}})"
                                             "\n")});
  ApiClient client(server.access(), patient());
  const Watched forbidden = watch(client);
  ASSERT_FALSE(forbidden.ended);
  EXPECT_EQ(forbidden.ended.error().kind, ErrorKind::failed);
  EXPECT_THAT(forbidden.ended.error().message, HasSubstr("403 pods is forbidden: User \"x\""));
  EXPECT_EQ(watch(client).ended.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(watch(client).ended.error().kind, ErrorKind::unavailable);
}

TEST(ApiClientWatch, ABreakInTheMiddleIsUnavailableAfterWhatCame) {
  TlsServer server([](const RawRequest&, RawConnection& client) {
    const std::string second = event("MODIFIED", "9");
    client.send(chunked_header() + chunk(event("ADDED", "8") + second.substr(0, 20)));
  });
  ApiClient client(server.access(), patient());
  const Watched watched = watch(client);
  EXPECT_THAT(watched.events, ElementsAre("added 8"));
  ASSERT_FALSE(watched.ended);
  EXPECT_EQ(watched.ended.error().kind, ErrorKind::unavailable);
}

TEST(ApiClientWatch, LinesThatAreNoEventsAreErrors) {
  for (const char* line :
       {"garbage", "{}", "[]", R"({"type": "ADDED"})", R"({"type": "ADDED", "object": 7})",
        R"({"type": 7, "object": {}})", R"({"type": "NEW", "object": {}})",
        R"({"type": "ERROR", "object": "x"})"}) {
    TlsServer server({chunked_header() + chunk(std::string(line) + "\n") + chunk("")});
    ApiClient client(server.access(), patient());
    const Watched watched = watch(client);
    ASSERT_FALSE(watched.ended) << line;
    EXPECT_EQ(watched.ended.error().kind, ErrorKind::failed) << line;
    EXPECT_TRUE(watched.events.empty());
  }
}

TEST(ApiClientWatch, AWishToStopIsSeenWhileNothingComes) {
  std::stop_source stop;
  TlsServer server([&](const RawRequest&, RawConnection& client) {
    client.send(chunked_header() + chunk(event("ADDED", "8")));
    stop.request_stop();
    client.wait_gone();
  });
  ApiClient client(server.access(), patient());
  EXPECT_TRUE(watch(client, stop.get_token()).ended);
}

TEST(ApiClientWatch, AWishToStopIsSeenBeforeThereIsAnAnswer) {
  std::stop_source stop;
  TlsServer server([&](const RawRequest&, RawConnection& client) {
    stop.request_stop();
    client.wait_gone();
  });
  ApiClient client(server.access(), patient());
  EXPECT_TRUE(watch(client, stop.get_token()).ended);
}

TEST(ApiClientWatch, ASilentServerIsGivenUpBeforeAndAfterItsAnswerBegan) {
  TlsServer server([](const RawRequest& request, RawConnection& client) {
    if (request.serial == 1) client.send(chunked_header());
    client.wait_gone();
  });
  ApiSettings settings;
  settings.deadline = kSecond;
  settings.watch_idle = 200 * kMillisecond;
  ApiClient client(server.access(), settings);
  for (int i = 0; i < 2; ++i) {
    const Watched watched = watch(client);
    ASSERT_FALSE(watched.ended);
    EXPECT_EQ(watched.ended.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(watched.ended.error().message, HasSubstr("no answer in time"));
    EXPECT_EQ(watched.opened, i);
  }
}

TEST(ApiClientLines, ComeAsTheyAreWrittenTheLastOnePerhapsWithoutItsEnd) {
  TlsServer server([](const RawRequest&, RawConnection& client) {
    client.send("HTTP/1.1 200 OK\r\n\r\none\n\ntwo \r\nlast");
  });
  ApiClient client(server.access(), patient());
  std::vector<std::string> lines;
  const auto ended = client.lines("/log?follow=true", {}, [&](std::string_view line) {
    lines.emplace_back(line);
    return true;
  });
  EXPECT_TRUE(ended) << ended.error().message;
  EXPECT_THAT(lines, ElementsAre("one", "", "two \r", "last"));
}

TEST(ApiClientLines, EachIsHandedOnBeforeTheNextIsWritten) {
  std::atomic<int> seen{0};
  TlsServer server([&](const RawRequest&, RawConnection& client) {
    client.send(chunked_header());
    for (int i = 0; i < 3; ++i) {
      client.send(chunk(fmt::format("line {}\n", i)));
      seen.wait(i);
    }
    client.send(chunk(""));
  });
  ApiClient client(server.access(), patient());
  const auto ended = client.lines("/log", {}, [&](std::string_view line) {
    EXPECT_EQ(line, fmt::format("line {}", seen.load()));
    ++seen;
    seen.notify_all();
    return true;
  });
  EXPECT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(seen, 3);
}

TEST(ApiClientLines, ALogThatIsNotThereIsToldInTheServersWords) {
  TlsServer server({raw_answer(404, status_body(404, "pods \"x\" not found"))});
  ApiClient client(server.access(), patient());
  const auto ended = client.lines("/log", {}, [](std::string_view) { return true; });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::not_found);
  EXPECT_EQ(ended.error().message, "GET /log: 404 pods \"x\" not found");
}

TEST(ApiClientLines, LongOnesComeWholeAndEndlessOnesAreRefused) {
  constexpr std::size_t kLong = 3 << 20;
  TlsServer server([](const RawRequest& request, RawConnection& client) {
    client.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(1 << 20, 'x');
    for (int i = 0; i < 3; ++i) client.send(piece);
    client.send("\n");
    while (request.serial == 1 && client.send(piece)) continue;
  });
  ApiClient client(server.access(), patient());
  std::size_t longest = 0;
  const auto measure = [&](std::string_view line) {
    longest = std::max(longest, line.size());
    return true;
  };
  EXPECT_TRUE(client.lines("/log", {}, measure));
  EXPECT_EQ(longest, kLong);
  const auto ended = client.lines("/log", {}, measure);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::failed);
  EXPECT_THAT(ended.error().message, HasSubstr("sent a line without end"));
  EXPECT_EQ(longest, kLong);
}

}  // namespace
}  // namespace wsfleet
