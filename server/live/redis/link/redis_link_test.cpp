// SPDX-License-Identifier: Apache-2.0
// The connection's own troubles: names, passwords, databases, a Redis that is not there yet.
#include "server/live/redis/link/redis_link.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/live/redis/testing/test_backend.h"

namespace wsfleet {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class RedisLinkLive : public testing::Test {
 protected:
  bool wait_told(TestBackend& redis, std::string_view event) {
    return run_until(io_, [&] { return !redis.told(event).empty(); });
  }
  boost::asio::io_context io_;
};

TEST_F(RedisLinkLive, ConnectsByNameAndSaysSo) {
  const auto server = RedisServer::start();
  RedisSettings settings = quick_settings(server->url());
  settings.host = "localhost";
  TestBackend redis(io_, settings);
  ASSERT_TRUE(redis.wait_up());
  EXPECT_THAT(redis.told("redis_connected"), ElementsAre(HasSubstr("Redis at localhost:")));
  EXPECT_EQ(redis.counters().reconnects, 0U);
}

TEST_F(RedisLinkLive, AnUnknownNameIsToldAndTriedAgain) {
  const auto server = RedisServer::start();
  RedisSettings settings = quick_settings(server->url());
  settings.host = "no-such-host.invalid";
  settings.command_timeout = 60 * kSecond;
  TestBackend redis(io_, settings);
  ASSERT_TRUE(wait_told(redis, "redis_unavailable"));
  EXPECT_THAT(redis.told("redis_unavailable"), Contains(HasSubstr("host is not found")));
}

TEST_F(RedisLinkLive, AWrongPasswordIsToldWithItsRemedyAndRetriedUntilItIsRight) {
  const auto server = RedisServer::start({.password = "right"});
  RedisSettings settings = quick_settings(server->url());
  settings.password = "hunter2";
  TestBackend redis(io_, settings);
  const auto ids = redis.open(2);
  ASSERT_TRUE(wait_told(redis, "redis_refused"));
  EXPECT_THAT(redis.told("redis_refused"), ElementsAre(HasSubstr("password is wrong")));
  EXPECT_FALSE(redis.up());

  server->ask({"CONFIG", "SET", "requirepass", "hunter2"});
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_THAT(redis.told("redis_refused"), SizeIs(1)) << "many attempts, one line";
  for (const auto& [event, message] : redis.events) EXPECT_THAT(message, Not(HasSubstr("hunter2")));
  server->ask({"CONFIG", "SET", "requirepass", ""});
}

TEST_F(RedisLinkLive, AMissingPasswordIsTold) {
  const auto server = RedisServer::start({.password = "right"});
  RedisSettings settings = quick_settings(server->url());
  settings.password.clear();
  TestBackend redis(io_, settings);
  ASSERT_TRUE(wait_told(redis, "redis_refused"));
  EXPECT_THAT(redis.told("redis_refused"), ElementsAre(HasSubstr("asks for a password")));
}

TEST_F(RedisLinkLive, APasswordThatNobodyAskedForIsTold) {
  const auto server = RedisServer::start();
  RedisSettings settings = quick_settings(server->url());
  settings.password = "hunter2";
  TestBackend redis(io_, settings);
  ASSERT_TRUE(wait_told(redis, "redis_refused"));
  EXPECT_THAT(redis.told("redis_refused"),
              ElementsAre(AllOf(HasSubstr("has no password"), Not(HasSubstr("hunter2")))));
}

TEST_F(RedisLinkLive, AUserHasItsOwnPasswordAndRights) {
  const auto server =
      RedisServer::start({.config = {"user fleet on >fleetpass ~websocket:* &websocket:* +@all",
                                     "user weak on >weakpass ~websocket:* +ping +auth"}});
  RedisSettings settings = quick_settings(server->url());
  settings.user = "fleet";
  settings.password = "fleetpass";
  TestBackend fleet(io_, settings);
  const auto ids = fleet.open(1);
  ASSERT_TRUE(fleet.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(ids));

  settings.user = "weak";
  settings.password = "weakpass";
  TestBackend weak(io_, settings);
  ASSERT_TRUE(wait_told(weak, "redis_refused"));
  EXPECT_THAT(weak.told("redis_refused"), Contains(HasSubstr("NOPERM")));
  EXPECT_FALSE(weak.up());
}

TEST_F(RedisLinkLive, ADatabaseThatIsNotThereIsTold) {
  const auto server = RedisServer::start();
  TestBackend redis(io_, quick_settings(server->url(99)));
  ASSERT_TRUE(wait_told(redis, "redis_refused"));
  EXPECT_THAT(redis.told("redis_refused"), ElementsAre(HasSubstr("no such database")));
}

TEST_F(RedisLinkLive, ARedisThatComesLaterIsFound) {
  const auto server = RedisServer::start();
  server->kill();
  TestBackend redis(io_, *server);
  const auto ids = redis.open(3);
  ASSERT_TRUE(wait_told(redis, "redis_unavailable"));
  EXPECT_THAT(redis.told("redis_unavailable"), Contains(HasSubstr("Connection refused")));
  EXPECT_EQ(redis.counters().sessions_pending, 3U);
  server->restart();
  ASSERT_TRUE(redis.wait_settled());
  EXPECT_EQ(server->keys(), keys_of(ids));
  EXPECT_EQ(redis.counters().reconnects, 0U) << "these are first connections";
}

TEST_F(RedisLinkLive, SomethingThatIsNoRedisIsToldAndLeft) {
  // A listener that accepts in the kernel and says nothing: the attempt ends by its time.
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 16), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  RedisSettings settings = quick_settings("redis://127.0.0.1");
  settings.port = ntohs(address.sin_port);
  settings.command_timeout = 200 * kMillisecond;
  TestBackend redis(io_, settings);
  ASSERT_TRUE(wait_told(redis, "redis_unavailable"));
  EXPECT_THAT(redis.told("redis_unavailable"), Contains(HasSubstr("no answer within 200ms")));
  // One that speaks another protocol.
  std::vector<int> peers;
  ASSERT_TRUE(run_until(io_, [&] {
    constexpr std::string_view kHttp = "HTTP/1.1 400 Bad Request\r\n\r\n";
    if (const int peer = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC); peer >= 0) {
      EXPECT_GT(send(peer, kHttp.data(), kHttp.size(), MSG_NOSIGNAL), 0);
      shutdown(peer, SHUT_WR);
      peers.push_back(peer);
    }
    for (const auto& message : redis.told("redis_unavailable")) {
      if (message.find("Protocol error") != std::string::npos) return true;
    }
    return false;
  }));
  close(listener);
  for (const int peer : peers) close(peer);
}

TEST_F(RedisLinkLive, TooManyClientsIsToldWithItsRemedy) {
  const auto server = RedisServer::start({.config = {"maxclients 1"}});
  TestBackend redis(io_, *server);
  ASSERT_TRUE(wait_told(redis, "redis_refused"));
  EXPECT_THAT(redis.told("redis_refused"), Contains(HasSubstr("raise its maxclients")));
}

TEST_F(RedisLinkLive, CanGoAtAnyTime) {
  const auto server = RedisServer::start();
  for (int turns = 0; turns < 40; ++turns) {
    TestBackend redis(io_, *server);
    redis.open(100);
    redis.backend.join("room");
    io_.restart();
    for (int i = 0; i < turns; ++i) io_.poll_one();
  }
  // What was left in the loop finds nobody and does no harm.
  io_.restart();
  io_.poll();
  EXPECT_EQ(server->ask_one({"PING"}), "PONG");
}

}  // namespace
}  // namespace wsfleet
