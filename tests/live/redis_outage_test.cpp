// SPDX-License-Identifier: Apache-2.0
// Redis killed, stopped and started again under load, as clients and Redis itself see it: no socket
// notices, rooms work within the pod meanwhile, and afterwards the keys are exactly the open
// sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "server/live/redis/testing/redis_server.h"
#include "tests/live/testing/crowd.h"
#include "tests/live/testing/raw_client.h"
#include "tests/live/testing/server_process.h"

namespace wsfleet {
namespace {

using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

class RedisOutage : public testing::Test {
 protected:
  std::unique_ptr<ServerProcess> start_pod(const std::string& name) {
    return std::make_unique<ServerProcess>(Arguments{"--redis", redis_->url(), "--pod-name", name,
                                                     "--mode", "broadcast", "--drain-mode",
                                                     "immediate", "--max-connections", "5000"});
  }
  std::vector<std::string> keys() const { return redis_->keys("websocket:connections:*"); }
  /// Whether there is a key for each open socket of the server and no other.
  bool keys_are_open_sockets(const ServerProcess& server) const {
    return server.count("wsfleet_redis_up") == 1 &&
           server.count("wsfleet_redis_sessions_pending") == 0 &&
           keys().size() == static_cast<std::size_t>(server.count("wsfleet_connections"));
  }
  void end(ServerProcess& server) {
    server.process().signal(SIGTERM);
    EXPECT_EQ(server.process().wait(), 0);
    if (HasFailure()) std::printf("%s\n", server.process().errors().substr(0, 4000).c_str());
  }

  std::unique_ptr<RedisServer> redis_ = RedisServer::start({.password = "of the tests"});
};

/// The sessions that the server's log has opened and not closed.
std::vector<std::string> open_sessions(const std::string& log) {
  std::map<std::string, std::string> open;  // by connection
  const auto field = [](const std::string& line, const std::string& name) {
    const std::size_t at = line.find(" " + name + "=");
    if (at == std::string::npos) return std::string();
    const std::size_t begin = at + name.size() + 2;
    return line.substr(begin, line.find(' ', begin) - begin);
  };
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" connection_opened ") != std::string::npos) {
      open[field(line, "connection")] = "websocket:connections:" + field(line, "session");
    } else if (line.find(" connection_closed ") != std::string::npos) {
      open.erase(field(line, "connection"));
    }
  }
  std::vector<std::string> keys;
  for (const auto& [connection, key] : open) keys.push_back(key);
  return keys;
}

TEST_F(RedisOutage, KeysFollowTheSockets) {
  const auto server = start_pod("websocket-7");
  Crowd crowd(server->port());
  ASSERT_TRUE(crowd.open(20));
  ASSERT_TRUE(eventually([&] { return keys().size() == 20; }));
  const std::string key = keys().front();
  const auto value = nlohmann::json::parse(redis_->ask_one({"GET", key}));
  EXPECT_EQ(value["pod_id"], "websocket-7");
  EXPECT_EQ("websocket:connections:" + value["session_id"].get<std::string>(), key);
  EXPECT_GT(std::stoi(redis_->ask_one({"TTL", key})), 0);
  crowd.close_each(1000);
  EXPECT_TRUE(eventually([&] { return keys().empty(); }));
  end(*server);
}

TEST_F(RedisOutage, AfterAKillUnderLoadTheKeysAreExactlyTheOpenSockets) {
  const auto server = start_pod("websocket-0");
  Crowd staying(server->port(), "/ws/staying");
  Crowd leaving(server->port(), "/ws/leaving");
  ASSERT_TRUE(staying.open(300));
  ASSERT_TRUE(leaving.open(200));
  ASSERT_TRUE(eventually([&] { return keys_are_open_sockets(*server); }));

  redis_->kill();
  EXPECT_TRUE(eventually([&] { return server->count("wsfleet_redis_up") == 0; }));
  leaving.close_each(1000);  // while it is away some leave, some come, and the rest talks on
  ASSERT_TRUE(staying.open(100));
  RawClient talker(server->port(), "/ws/talk");
  RawClient listener(server->port(), "/ws/talk");
  ASSERT_TRUE(talker.send_text("rooms work within the pod"));
  ASSERT_TRUE(listener.message());
  EXPECT_TRUE(leaving.run_until([&] { return leaving.ended() == leaving.size(); }));
  EXPECT_EQ(staying.still_open(), 400U);

  redis_->restart();  // with nothing in it
  EXPECT_TRUE(eventually([&] { return keys_are_open_sockets(*server); }))
      << keys().size() << " keys, " << server->count("wsfleet_connections") << " sockets";
  EXPECT_EQ(staying.still_open(), 400U);
  EXPECT_THAT(keys(), UnorderedElementsAreArray(open_sessions(server->process().errors())));
  EXPECT_THAT(keys(), SizeIs(402));
  EXPECT_GE(server->count("wsfleet_redis_reconnects_total"), 1);
  EXPECT_TRUE(server->process().says("redis_lost"));
  EXPECT_TRUE(server->process().says("redis_restored"));
  EXPECT_EQ(server->process().errors().find("of the tests"), std::string::npos) << "the password";
  end(*server);
  EXPECT_THAT(keys(), SizeIs(0));
}

TEST_F(RedisOutage, AStoppedRedisIsNoticedAndForgivenWithoutLosingASocket) {
  const auto server = start_pod("websocket-0");
  Crowd crowd(server->port());
  ASSERT_TRUE(crowd.open(50));
  ASSERT_TRUE(eventually([&] { return keys_are_open_sockets(*server); }));
  redis_->pause();
  ASSERT_TRUE(crowd.open(10));
  EXPECT_TRUE(
      crowd.run_until([&] { return server->count("wsfleet_redis_up") == 0; }, 30 * kSecond));
  redis_->resume();
  EXPECT_TRUE(crowd.run_until([&] { return keys_are_open_sockets(*server); }, 30 * kSecond));
  EXPECT_EQ(crowd.still_open(), 60U);
  end(*server);
}

TEST_F(RedisOutage, RoomsReachClientsOnEveryPodAndAgainAfterAnOutage) {
  const auto first = start_pod("websocket-0");
  const auto second = start_pod("websocket-1");
  RawClient here(first->port(), "/ws/lobby");
  RawClient there(second->port(), "/ws/lobby");
  RawClient elsewhere(second->port(), "/ws/other");
  const auto arrives = [&](RawClient& from, RawClient& to, const std::string& text) {
    // A subscription takes its time; what is sent before it is there is lost, as pub/sub is.
    return eventually([&] {
      from.send_text(text);
      from.message();
      const auto message = to.message(500 * kMillisecond);
      return message && message->payload == text;
    });
  };
  EXPECT_TRUE(arrives(here, there, "one"));
  redis_->kill();
  EXPECT_TRUE(eventually([&] { return first->count("wsfleet_redis_up") == 0; }));
  here.send_text("lost to the others");
  EXPECT_TRUE(here.message());
  EXPECT_TRUE(eventually([&] { return first->count("wsfleet_fanout_dropped_total") >= 1; }));
  redis_->restart();
  EXPECT_TRUE(arrives(there, here, "two"));
  EXPECT_TRUE(elsewhere.send_text("own"));
  EXPECT_EQ(elsewhere.message(), (Message{kText, "own"})) << "and nothing before it";
  end(*first);
  end(*second);
}

TEST_F(RedisOutage, AnAddressThatMakesNoSenseIsToldWithoutItsPassword) {
  const Ended ended = run_server({"--redis", "redis://:secret@host:port/0"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.errors.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace wsfleet
