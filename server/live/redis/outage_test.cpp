// SPDX-License-Identifier: Apache-2.0
// Redis killed, restarted with and without its data, stopped in its tracks: what is in it
// afterwards is what is open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/live/redis/testing/test_backend.h"

namespace wsfleet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RedisOutages : public testing::Test {
 protected:
  bool wait_down(TestBackend& redis) {
    return run_until(io_, [&] { return !redis.up(); });
  }
  int subscribers(const RedisServer& server, const std::string& room) {
    return std::stoi(server.ask({"PUBSUB", "NUMSUB", "websocket:rooms:" + room}).back());
  }
  boost::asio::io_context io_;
};

TEST_F(RedisOutages, AfterARestartWithoutDataTheKeysAreTheOpenSessions) {
  const auto server = RedisServer::start({.password = "x"});
  TestBackend redis(io_, *server);
  auto ids = redis.open(2000);
  ASSERT_TRUE(redis.wait_settled());
  server->kill();
  ASSERT_TRUE(wait_down(redis));
  for (int i = 0; i < 500; ++i) redis.backend.closed(ids[i]);
  ids.erase(ids.begin(), ids.begin() + 500);
  for (const auto& id : redis.open(300)) ids.push_back(id);
  server->restart();
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(ids));
  EXPECT_THAT(redis.told("redis_lost"), SizeIs(1));
  ASSERT_THAT(redis.told("redis_connected"), SizeIs(2));
  EXPECT_THAT(redis.told("redis_connected")[1], AllOf(HasSubstr(" after "), HasSubstr("away")));
  ASSERT_TRUE(run_until(io_, [&] { return !redis.told("redis_restored").empty(); }));
  EXPECT_THAT(redis.told("redis_restored"),
              ElementsAre(AllOf(HasSubstr("1800 session keys"), HasSubstr("500 removed"))));
  EXPECT_EQ(redis.counters().reconnects, 2U) << "two connections";
}

TEST_F(RedisOutages, AfterARestartWithDataThoseClosedMeanwhileAreGone) {
  const auto server = RedisServer::start({.append_only = true, .config = {"appendfsync always"}});
  TestBackend redis(io_, *server);
  auto ids = redis.open(400);
  ASSERT_TRUE(redis.wait_settled());
  server->kill();
  ASSERT_TRUE(wait_down(redis));
  for (int i = 0; i < 150; ++i) redis.backend.closed(ids[i]);
  ids.erase(ids.begin(), ids.begin() + 150);
  server->restart();
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(ids));
}

TEST_F(RedisOutages, KilledAmidTheWorkNothingIsLeftOver) {
  const auto server = RedisServer::start({.append_only = true, .config = {"appendfsync always"}});
  TestBackend redis(io_, *server);
  ASSERT_TRUE(redis.wait_up());
  std::vector<std::string> open;
  for (int round = 0; round < 4; ++round) {
    for (const auto& id : redis.open(1500)) open.push_back(id);
    // Some writes are answered, others are on their way.
    const auto answered = redis.counters().commands.load();
    ASSERT_TRUE(run_until(io_, [&] { return redis.counters().commands > answered + 100; }));
    for (int i = 0; i < 700; ++i) {
      redis.backend.closed(open.back());
      open.pop_back();
    }
    io_.poll();
    server->kill();
    ASSERT_TRUE(wait_down(redis));
    for (int i = 0; i < 100; ++i) {
      redis.backend.closed(open.front());
      open.erase(open.begin());
    }
    server->restart();
    ASSERT_TRUE(redis.wait_up());
  }
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(open));
}

TEST_F(RedisOutages, DeletesThatWaitAreBoundedAndTheRestExpires) {
  const auto server = RedisServer::start({.append_only = true, .config = {"appendfsync always"}});
  RedisSettings settings = quick_settings(server->url());
  settings.pending_deletes_max = 100;
  settings.session_ttl = 8 * kSecond;
  TestBackend redis(io_, settings);
  const auto ids = redis.open(300);
  ASSERT_TRUE(redis.wait_settled());
  server->kill();
  ASSERT_TRUE(wait_down(redis));
  for (const auto& id : ids) redis.backend.closed(id);
  EXPECT_EQ(redis.counters().sessions_pending, 100U);
  EXPECT_EQ(redis.counters().deletes_given_up, 200U);
  server->restart();
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_LE(server->keys().size(), 200U);
  EXPECT_TRUE(eventually([&] { return server->keys().empty(); }));
}

TEST_F(RedisOutages, AStoppedRedisIsNoticedWithoutAnyTraffic) {
  const auto server = RedisServer::start();
  RedisSettings settings = quick_settings(server->url());
  settings.command_timeout = 400 * kMillisecond;
  TestBackend redis(io_, settings);
  const auto ids = redis.open(5);
  ASSERT_TRUE(redis.wait_settled());
  server->pause();
  ASSERT_TRUE(wait_down(redis));
  EXPECT_THAT(redis.told("redis_lost").back(), HasSubstr("no answer within 400ms"));
  redis.backend.closed(ids[0]);
  redis.backend.publish("lobby", "lost", true);
  EXPECT_EQ(redis.counters().publish_dropped, 1U);
  server->resume();
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of({ids.begin() + 1, ids.end()}));
}

TEST_F(RedisOutages, RoomsAreHeardAgainAndWhatWasSaidMeanwhileIsDroppedAndCounted) {
  const auto server = RedisServer::start();
  TestBackend one(io_, *server);
  TestBackend two(io_, *server);
  for (int i = 0; i < 1200; ++i) two.backend.join("room " + std::to_string(i));
  one.backend.publish("room 7", "too early", true);
  EXPECT_EQ(one.counters().publish_dropped, 1U);
  ASSERT_TRUE(one.wait_up() && two.wait_up());
  server->kill();
  ASSERT_TRUE(wait_down(one) && wait_down(two));
  one.backend.publish("room 7", "nobody hears it", true);
  EXPECT_EQ(one.counters().publish_dropped, 2U);
  two.backend.leave("room 8");
  two.backend.join("new");
  two.backend.join("short");
  two.backend.leave("short");

  server->restart();
  ASSERT_TRUE(one.wait_up() && two.wait_up());
  ASSERT_TRUE(run_until(io_, [&] {
    return server->ask({"PUBSUB", "CHANNELS", "websocket:rooms:*"}).size() == 1200;
  }));
  EXPECT_EQ(subscribers(*server, "room 8"), 0);
  EXPECT_EQ(subscribers(*server, "short"), 0);
  one.backend.publish("room 7", "heard", true);
  one.backend.publish("new", "too", true);
  ASSERT_TRUE(run_until(io_, [&] { return two.heard.size() >= 2; }));
  EXPECT_THAT(two.heard,
              ElementsAre(HeardMessage{"room 7", "heard", true}, HeardMessage{"new", "too", true}));
}

TEST_F(RedisOutages, MessagesWithoutAnswerAreBounded) {
  const auto server = RedisServer::start();
  RedisSettings settings = quick_settings(server->url());
  settings.unanswered_bytes_max = 1'000'000;
  settings.command_timeout = 100 * kSecond;
  TestBackend redis(io_, settings);
  ASSERT_TRUE(redis.wait_up());
  server->pause();
  const std::string payload(100'000, 'x');
  for (int i = 0; i < 50; ++i) redis.backend.publish("lobby", payload, true);
  EXPECT_EQ(redis.counters().publish_dropped, 40U);
  server->resume();
  ASSERT_TRUE(run_until(io_, [&] { return redis.counters().published == 10U; }));
  redis.backend.publish("lobby", payload, true);
  ASSERT_TRUE(run_until(io_, [&] { return redis.counters().published == 11U; }));
}

TEST_F(RedisOutages, AConnectionThatIsCutIsMadeAgain) {
  const auto server = RedisServer::start();
  TestBackend redis(io_, *server);
  const auto ids = redis.open(10);
  redis.backend.join("lobby");
  ASSERT_TRUE(redis.wait_settled());
  for (const char* type : {"pubsub", "normal"}) {
    const auto before = redis.counters().reconnects.load();
    server->ask({"CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"});
    ASSERT_TRUE(run_until(io_, [&] { return redis.counters().reconnects > before; }));
  }
  ASSERT_TRUE(redis.wait_settled());
  ASSERT_TRUE(run_until(io_, [&] { return subscribers(*server, "lobby") == 1; }));
  EXPECT_EQ(server->keys(), keys_of(ids));
}

}  // namespace
}  // namespace wsfleet
