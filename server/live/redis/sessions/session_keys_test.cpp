// SPDX-License-Identifier: Apache-2.0
// Sessions in a real Redis: their keys appear, last, and vanish.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/live/redis/testing/test_backend.h"

namespace wsfleet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;

class SessionKeysLive : public testing::Test {
 protected:
  std::int64_t left_ms(const RedisServer& server, const std::string& id) {
    return std::stoll(server.ask_one({"PTTL", "websocket:connections:" + id}));
  }
  boost::asio::io_context io_;
};

TEST_F(SessionKeysLive, AKeyIsThereWithItsLifeWhileTheSessionIsOpen) {
  const auto server = RedisServer::start({.password = "a p@ss:w/rd\""});
  RedisSettings settings = quick_settings(server->url());
  TestBackend redis(io_, settings, "pod \"zero\" \xc3\xa9");
  const auto ids = redis.open(3);
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(ids));

  const std::string key = "websocket:connections:" + ids[1];
  const auto value = nlohmann::json::parse(server->ask_one({"GET", key}));
  EXPECT_EQ(value, nlohmann::json({{"session_id", ids[1]}, {"pod_id", "pod \"zero\" \xc3\xa9"}}));
  EXPECT_THAT(left_ms(*server, ids[1]), AllOf(Ge(1), Le(60'000)));

  redis.backend.closed(ids[1]);
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of({ids[0], ids[2]}));
}

TEST_F(SessionKeysLive, KeysOutliveTheirLifeWhileTheyAreRefreshedAndExpireAfterwards) {
  const auto server = RedisServer::start();
  RedisSettings settings = quick_settings(server->url());
  settings.session_ttl = 3 * kSecond;
  auto redis = std::make_unique<TestBackend>(io_, settings);
  const auto ids = redis->open(50);
  ASSERT_TRUE(redis->wait_settled());
  // Each was written at least three times: the first key's life would be over.
  const auto refreshed = [&] { return redis->counters().commands >= 50U * 5U; };
  ASSERT_TRUE(run_until(io_, refreshed));
  EXPECT_EQ(server->keys(), keys_of(ids));
  // As in a crash: nobody removes them.
  redis.reset();
  EXPECT_TRUE(eventually([&] { return server->keys().empty(); }));
}

TEST_F(SessionKeysLive, ALifeThatIsNoWholeNumberOfSecondsIsKept) {
  const auto server = RedisServer::start();
  RedisSettings settings = quick_settings(server->url());
  settings.session_ttl = 90'500 * kMillisecond;
  TestBackend redis(io_, settings);
  const auto ids = redis.open(1);
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_THAT(left_ms(*server, ids[0]), AllOf(Ge(60'000), Le(90'500)));
}

TEST_F(SessionKeysLive, OpenedAndClosedAtOnceLeavesNoKey) {
  const auto server = RedisServer::start();
  TestBackend redis(io_, *server);
  ASSERT_TRUE(redis.wait_up());
  const auto ids = redis.open(2000);
  for (const auto& id : ids) redis.backend.closed(id);
  const auto kept = redis.open(1);
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(kept));
  // Closed twice, or never opened: nothing happens.
  redis.backend.closed(ids[0]);
  redis.backend.closed(random_uuid());
  redis.backend.opened(kept[0]);
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(kept));
}

TEST_F(SessionKeysLive, ASessionWithoutAUuidIsToldAndHasNoKey) {
  const auto server = RedisServer::start();
  TestBackend redis(io_, *server);
  redis.backend.opened("seven");
  redis.backend.closed("seven");
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_THAT(redis.told("redis_bad_session"), ElementsAre(HasSubstr("'seven'")));
  EXPECT_THAT(server->keys(), IsEmpty());
}

TEST_F(SessionKeysLive, GoIntoTheDatabaseOfTheAddress) {
  const auto server = RedisServer::start({.password = "x"});
  TestBackend redis(io_, quick_settings(server->url(7)));
  const auto ids = redis.open(2);
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys("*", 7), keys_of(ids));
  EXPECT_THAT(server->keys("*", 0), IsEmpty());
}

TEST_F(SessionKeysLive, TenThousandAreExactlyTheOpenOnes) {
  const auto server = RedisServer::start();
  TestBackend redis(io_, *server);
  auto ids = redis.open(10'000);
  EXPECT_EQ(redis.counters().sessions_pending, 10'000U);
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->ask_one({"DBSIZE"}), "10000");
  for (std::size_t i = 0; i < 4000; ++i) redis.backend.closed(ids[i]);
  ids.erase(ids.begin(), ids.begin() + 4000);
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(ids));
}

TEST_F(SessionKeysLive, StopRemovesAllAndDisconnects) {
  const auto server = RedisServer::start();
  TestBackend redis(io_, *server);
  redis.open(5000);
  ASSERT_TRUE(redis.wait_settled());
  redis.open(500);  // on their way when the end comes
  ASSERT_TRUE(redis.stop());
  EXPECT_THAT(server->keys(), IsEmpty());
  EXPECT_THAT(redis.told("redis_stopped"), ElementsAre("all session keys removed"));
  EXPECT_FALSE(redis.up());
  EXPECT_TRUE(eventually([&] {
    return server->ask_one({"INFO", "clients"}).find("connected_clients:1\r") != std::string::npos;
  }));
}

TEST_F(SessionKeysLive, StopWithoutRedisEndsAndSaysHowManyAreLeft) {
  const auto server = RedisServer::start();
  TestBackend redis(io_, *server);
  redis.open(7);
  ASSERT_TRUE(redis.wait_settled());
  server->kill();
  ASSERT_TRUE(redis.wait_down());
  ASSERT_TRUE(redis.stop());
  EXPECT_THAT(redis.told("redis_stopped"), ElementsAre(HasSubstr("7 session keys")));
}

TEST_F(SessionKeysLive, StopWithARedisThatStandsStillEndsToo) {
  const auto server = RedisServer::start();
  RedisSettings settings = quick_settings(server->url());
  settings.stop_timeout = 300 * kMillisecond;
  settings.command_timeout = 100 * kSecond;
  TestBackend redis(io_, settings);
  redis.open(7);
  ASSERT_TRUE(redis.wait_settled());
  server->pause();
  ASSERT_TRUE(redis.stop());
  EXPECT_THAT(redis.told("redis_stopped"), ElementsAre(HasSubstr("7 session keys")));
}

TEST_F(SessionKeysLive, ARefusedWriteIsToldOnceAndTriedAgain) {
  const auto server = RedisServer::start();
  TestBackend redis(io_, *server);
  ASSERT_TRUE(redis.wait_up());
  server->ask({"CONFIG", "SET", "maxmemory", "1"});
  const auto ids = redis.open(300);
  ASSERT_TRUE(run_until(io_, [&] { return redis.counters().commands_failed > 900; }));
  EXPECT_EQ(redis.counters().sessions_pending, 300U);
  EXPECT_THAT(redis.told("redis_command_failed"), ElementsAre(HasSubstr("raise its maxmemory")));
  EXPECT_TRUE(redis.up());
  server->ask({"CONFIG", "SET", "maxmemory", "0"});
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(ids));
}

}  // namespace
}  // namespace wsfleet
