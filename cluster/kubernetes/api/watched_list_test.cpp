// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api/watched_list.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>

#include "cluster/kubernetes/testing/tls_server.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

json object(const std::string& uid, const std::string& version) {
  return {{"metadata", {{"uid", uid}, {"resourceVersion", version}}}};
}

/// As in a list: without kind and apiVersion.
std::string list_of(const std::vector<json>& items, const std::string& version) {
  return raw_answer(200,
                    json{{"metadata", {{"resourceVersion", version}}}, {"items", items}}.dump());
}

/// As in a watch: with them.
std::string event(const char* type, json of) {
  of["kind"] = "Pod";
  of["apiVersion"] = "v1";
  return chunk(json{{"type", type}, {"object", of}}.dump() + "\n");
}

/// What a list told, waited for.
class Told {
 public:
  WatchedList::OnChange taker() {
    return [this](const json& changed, bool gone) {
      const std::lock_guard lock(mutex_);
      const json& metadata = changed.at("metadata");
      words_.push_back(fmt::format("{} {}{}", metadata.at("uid").get<std::string>(),
                                   metadata.at("resourceVersion").get<std::string>(),
                                   gone ? " gone" : ""));
      more_.notify_all();
    };
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    more_.wait_for(lock, std::chrono::minutes(1), [&] { return words_.size() >= count; });
    return words_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<std::string> words_;
};

/// Waits until `is_so`, or a minute.
template <class Condition>
bool eventually(Condition is_so) {
  std::mutex mutex;
  std::condition_variable tick;
  std::unique_lock lock(mutex);
  for (int i = 0; i < 6000; ++i) {
    if (is_so()) return true;
    tick.wait_for(lock, std::chrono::milliseconds(10));
  }
  return false;
}

bool is_watch(const RawRequest& request) {
  return request.target.find("watch=true") != std::string::npos;
}

/// Answers with a list and watches, in this order, then keeps the last watch open.
class Script {
 public:
  explicit Script(std::vector<std::string> answers) : answers_(std::move(answers)) {}

  TlsServer::Handler handler() {
    return [this](const RawRequest& request, RawConnection& client) {
      const auto at = static_cast<std::size_t>(request.serial);
      if (at < answers_.size()) client.send(answers_[at]);
      if (at + 1 >= answers_.size()) client.wait_gone();
    };
  }

 private:
  const std::vector<std::string> answers_;
};

std::vector<std::string> versions_watched(const TlsServer& server) {
  std::vector<std::string> versions;
  for (const RawRequest& request : server.requests()) {
    if (!is_watch(request)) {
      versions.emplace_back("list");
      continue;
    }
    const std::size_t at = request.target.find("resourceVersion=") + 16;
    versions.push_back(request.target.substr(at, request.target.find('&', at) - at));
  }
  return versions;
}

TEST(WatchedList, ListsThenFollowsTheChanges) {
  Script script({list_of({object("a", "1"), object("b", "2")}, "5"),
                 chunked_header() + event("MODIFIED", object("a", "6")) +
                     event("DELETED", object("b", "7")) + event("ADDED", object("c", "8"))});
  TlsServer server(script.handler());
  ApiClient client(server.access());
  Told told;
  WatchedList list(client, "/pods", "labelSelector=x", told.taker());
  EXPECT_TRUE(list.wait_listed(kMinute));
  EXPECT_THAT(told.wait_for(5), ElementsAre("a 1", "b 2", "a 6", "b 7 gone", "c 8"));
  const auto objects = list.objects();
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects.at("a").at("metadata").at("resourceVersion"), "6");
  EXPECT_EQ(objects.count("c"), 1U);
  EXPECT_TRUE(list.fresh_at());
  EXPECT_FALSE(list.error());
  EXPECT_THAT(versions_watched(server), ElementsAre("list", "5"));
}

TEST(WatchedList, BookmarksMoveTheVersionThatARenewedWatchBeginsWith) {
  const std::string ended = chunk("");
  Script script(
      {list_of({object("a", "1")}, "5"),
       chunked_header() + event("BOOKMARK", {{"metadata", {{"resourceVersion", "90"}}}}) + ended,
       chunked_header() + event("ADDED", object("b", "91"))});
  TlsServer server(script.handler());
  ApiClient client(server.access());
  Told told;
  WatchedList list(client, "/pods", "", told.taker());
  EXPECT_THAT(told.wait_for(2), ElementsAre("a 1", "b 91"));
  EXPECT_EQ(list.objects().size(), 2U);
  EXPECT_THAT(versions_watched(server), ElementsAre("list", "5", "90"));
}

TEST(WatchedList, ABreakGoesOnFromTheLastVersion) {
  Script script({list_of({object("a", "1")}, "5"),
                 chunked_header() + event("ADDED", object("b", "6")), "", raw_answer(503, ""),
                 chunked_header() + event("ADDED", object("c", "7"))});
  TlsServer server(script.handler());
  ApiClient client(server.access());
  Told told;
  WatchedList list(client, "/pods", "", told.taker());
  EXPECT_THAT(told.wait_for(3), ElementsAre("a 1", "b 6", "c 7"));
  EXPECT_THAT(versions_watched(server), ElementsAre("list", "5", "6", "6", "6"));
}

TEST(WatchedList, AVersionThatIsGoneIsListedAnewAndOnlyTheDifferenceTold) {
  const std::string gone = status_body(410, "too old");
  Script script({list_of({object("a", "1"), object("b", "2"), object("c", "3")}, "5"),
                 chunked_header() + event("MODIFIED", object("a", "6")) +
                     chunk(fmt::format(R"({{"type": "ERROR", "object": {}}})", gone) + "\n"),
                 list_of({object("a", "6"), object("c", "20"), object("d", "21")}, "30"),
                 raw_answer(410, gone), list_of({object("a", "6"), object("d", "21")}, "40"),
                 chunked_header() + event("ADDED", object("e", "41"))});
  TlsServer server(script.handler());
  ApiClient client(server.access());
  Told told;
  WatchedList list(client, "/pods", "", told.taker());
  EXPECT_THAT(told.wait_for(9), ElementsAre("a 1", "b 2", "c 3", "a 6", "b 2 gone", "c 20", "d 21",
                                            "c 20 gone", "e 41"));
  EXPECT_EQ(list.objects().size(), 3U);
  EXPECT_THAT(versions_watched(server), ElementsAre("list", "5", "list", "30", "list", "40"));
}

TEST(WatchedList, LinesThatAreNoEventsAreListedOver) {
  Script script({list_of({object("a", "1")}, "5"), chunked_header() + chunk("garbage\n"),
                 list_of({object("a", "2")}, "6"), chunked_header()});
  TlsServer server(script.handler());
  ApiClient client(server.access());
  Told told;
  WatchedList list(client, "/pods", "", told.taker());
  EXPECT_THAT(told.wait_for(2), ElementsAre("a 1", "a 2"));
}

TEST(WatchedList, WhileTheServerIsAwayTheObjectsStayAndTheErrorIsTold) {
  std::atomic<bool> is_away{false};
  TlsServer server([&](const RawRequest& request, RawConnection& client) {
    if (is_away) return;
    if (!is_watch(request)) {
      client.send(list_of({object("a", "1")}, "5"));
    } else {
      client.send(chunked_header());
      if (request.serial > 1) client.wait_gone();
      is_away = request.serial == 1;
    }
  });
  ApiClient client(server.access());
  WatchedList list(client, "/pods", "");
  EXPECT_TRUE(list.wait_listed(kMinute));
  EXPECT_TRUE(eventually([&] { return list.error() && is_away; }));
  EXPECT_EQ(list.error()->kind, ErrorKind::unavailable);
  const auto last_word = list.fresh_at();
  EXPECT_EQ(list.objects().size(), 1U);
  is_away = false;
  // A watch that is open is a word from the server, though nothing has changed.
  EXPECT_TRUE(eventually([&] { return !list.error(); }));
  EXPECT_GT(list.fresh_at(), last_word);
}

TEST(WatchedList, SaysWhyTheFirstListDoesNotCome) {
  TlsServer server({raw_answer(403, status_body(403, "pods is forbidden"))});
  ApiClient client(server.access());
  WatchedList list(client, "/pods", "");
  EXPECT_FALSE(list.wait_listed(300 * kMillisecond));
  EXPECT_TRUE(eventually([&] { return list.error().has_value(); }));
  EXPECT_THAT(list.error()->message, HasSubstr("403 pods is forbidden"));
  EXPECT_FALSE(list.fresh_at());
  EXPECT_TRUE(list.objects().empty());
}

TEST(WatchedList, OddObjectsEndNothing) {
  Script script(
      {list_of({json{{"metadata", 7}}, json{{"metadata", {{"uid", 8}}}}, object("a", "1")}, "5"),
       chunked_header() + event("ADDED", json{{"metadata", json::array()}}) +
           event("ADDED", object("b", "6"))});
  TlsServer server(script.handler());
  ApiClient client(server.access());
  WatchedList list(client, "/pods", "");
  EXPECT_TRUE(eventually([&] { return list.objects().count("b") == 1; }));
}

TEST(WatchedList, ItsEndWaitsForNoAnswer) {
  // The server never answers; the test would run into its time limit.
  TlsServer server([](const RawRequest&, RawConnection& client) { client.wait_gone(); });
  ApiSettings settings;
  settings.deadline = kHour;
  settings.try_within = kHour;
  ApiClient client(server.access(), settings);
  {
    WatchedList list(client, "/pods", "");
    EXPECT_TRUE(eventually([&] { return server.requests().size() == 1; }));
  }
  EXPECT_EQ(server.requests().size(), 1U);
}

}  // namespace
}  // namespace wsfleet
