// SPDX-License-Identifier: Apache-2.0
// Rooms over a real Redis between two instances.
#include "server/live/redis/rooms/room_fan_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/live/redis/testing/test_backend.h"

namespace wsfleet {
namespace {

using ::testing::ElementsAre;

class RoomFanOutLive : public testing::Test {
 protected:
  RoomFanOutLive() : server_(RedisServer::start({.password = "x"})) {}

  void TearDown() override {
    EXPECT_EQ(one_.counters().reconnects, 0U);
    EXPECT_EQ(two_.counters().reconnects, 0U);
  }

  bool wait_up() { return one_.wait_up() && two_.wait_up(); }
  int subscribers(const std::string& room) {
    return std::stoi(server_->ask({"PUBSUB", "NUMSUB", "websocket:rooms:" + room}).back());
  }
  bool wait_subscribers(const std::string& room, int count) {
    return run_until(io_, [&] { return subscribers(room) == count; });
  }
  std::size_t rooms() { return server_->ask({"PUBSUB", "CHANNELS", "websocket:rooms:*"}).size(); }
  bool wait_heard(TestBackend& redis, std::size_t count) {
    return run_until(io_, [&] { return redis.heard.size() >= count; });
  }

  std::unique_ptr<RedisServer> server_;
  boost::asio::io_context io_;
  TestBackend one_{io_, quick_settings(server_->url()), "websocket-0"};
  TestBackend two_{io_, quick_settings(server_->url(3)), "websocket-1"};
};

TEST_F(RoomFanOutLive, AMessageReachesTheOthersAndNotItsSender) {
  one_.backend.join("lobby");
  two_.backend.join("lobby");
  ASSERT_TRUE(wait_up());
  ASSERT_TRUE(wait_subscribers("lobby", 2));
  one_.backend.publish("lobby", "hello", true);
  ASSERT_TRUE(wait_heard(two_, 1));
  two_.backend.publish("lobby", "bye", false);
  ASSERT_TRUE(wait_heard(one_, 1));
  EXPECT_THAT(two_.heard, ElementsAre(HeardMessage{"lobby", "hello", true}));
  EXPECT_THAT(one_.heard, ElementsAre(HeardMessage{"lobby", "bye", false}));
  EXPECT_EQ(one_.counters().published, 1U);
  EXPECT_EQ(one_.counters().received, 1U);
  EXPECT_EQ(one_.counters().publish_dropped, 0U);
}

TEST_F(RoomFanOutLive, PayloadsAndNamesMayBeAnyBytes) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  std::string large;
  while (large.size() < 1'000'000) large += all;
  const std::vector<std::string> names = {"",
                                          " ",
                                          "a b",
                                          "*",
                                          "[a-z]?",
                                          "line\r\n*3\r\n$9\r\nSUBSCRIBE\r\n",
                                          "\xf0\x9f\x8e\x89 caf\xc3\xa9",
                                          std::string("nul\0nul", 7),
                                          all,
                                          "%s%n$5",
                                          std::string(5000, 'r')};
  for (const auto& name : names) two_.backend.join(name);
  ASSERT_TRUE(wait_up());
  ASSERT_TRUE(run_until(io_, [&] { return rooms() == names.size(); }));
  std::vector<HeardMessage> said;
  for (const auto& name : names) {
    for (const std::string& payload : {std::string(), all, std::string("\0", 1)}) {
      said.push_back({name, payload, false});
    }
  }
  said.push_back({names[1], large, true});
  for (const auto& [room, payload, is_text] : said) one_.backend.publish(room, payload, is_text);
  ASSERT_TRUE(wait_heard(two_, said.size()));
  EXPECT_TRUE(two_.heard == said);
}

TEST_F(RoomFanOutLive, ARoomIsHeardFromTheFirstJoinToTheLastLeave) {
  ASSERT_TRUE(wait_up());
  two_.backend.join("lobby");
  two_.backend.join("lobby");
  ASSERT_TRUE(wait_subscribers("lobby", 1));
  two_.backend.leave("lobby");
  two_.backend.join("other");
  ASSERT_TRUE(wait_subscribers("other", 1));
  EXPECT_EQ(subscribers("lobby"), 1);
  two_.backend.leave("lobby");
  ASSERT_TRUE(wait_subscribers("lobby", 0));
  two_.backend.leave("other");
  ASSERT_TRUE(wait_subscribers("other", 0));
  two_.backend.leave("other");
  two_.backend.leave("never joined");
  // With no room left the connection listens on, and rooms can come back.
  two_.backend.join("lobby");
  ASSERT_TRUE(wait_subscribers("lobby", 1));
  one_.backend.publish("lobby", "again", true);
  ASSERT_TRUE(wait_heard(two_, 1));
}

TEST_F(RoomFanOutLive, JoinsAndLeavesInQuickSuccessionEndAsTheLastOneSaid) {
  ASSERT_TRUE(wait_up());
  for (int i = 0; i < 200; ++i) {
    two_.backend.join("lobby");
    if (i % 3 == 0) io_.poll_one();
    two_.backend.leave("lobby");
    if (i % 5 == 0) io_.poll();
  }
  two_.backend.join("lobby");
  two_.backend.join("mark");
  ASSERT_TRUE(wait_subscribers("mark", 1));
  EXPECT_EQ(subscribers("lobby"), 1);
  two_.backend.leave("lobby");
  two_.backend.leave("mark");
  ASSERT_TRUE(wait_subscribers("mark", 0));
  EXPECT_EQ(subscribers("lobby"), 0);
}

TEST_F(RoomFanOutLive, ManyRoomsAreAskedForInFewCommands) {
  ASSERT_TRUE(wait_up());
  for (int i = 0; i < 3000; ++i) two_.backend.join("room " + std::to_string(i));
  ASSERT_TRUE(run_until(io_, [&] { return rooms() == 3000; }));
  const std::string stats = server_->ask_one({"INFO", "commandstats"});
  const auto at = stats.find("cmdstat_subscribe:calls=");
  ASSERT_NE(at, std::string::npos);
  EXPECT_LE(std::stoi(stats.substr(at + 24)), 20) << stats;
  for (int i = 0; i < 3000; ++i) two_.backend.leave("room " + std::to_string(i));
  ASSERT_TRUE(run_until(io_, [&] { return rooms() == 0; }));
}

TEST_F(RoomFanOutLive, WhatOthersPublishInTheChannelIsIgnored) {
  two_.backend.join("lobby");
  ASSERT_TRUE(wait_up());
  ASSERT_TRUE(wait_subscribers("lobby", 1));
  server_->ask({"PUBLISH", "websocket:rooms:lobby", "hello from redis-cli"});
  one_.backend.publish("lobby", "hello", true);
  ASSERT_TRUE(wait_heard(two_, 1));
  EXPECT_THAT(two_.heard, ElementsAre(HeardMessage{"lobby", "hello", true}));
  EXPECT_EQ(two_.counters().received_malformed, 1U);
}

TEST_F(RoomFanOutLive, ThousandsOfMessagesComeInOrder) {
  two_.backend.join("lobby");
  ASSERT_TRUE(wait_up());
  ASSERT_TRUE(wait_subscribers("lobby", 1));
  for (int i = 0; i < 5000; ++i) one_.backend.publish("lobby", std::to_string(i), true);
  ASSERT_TRUE(wait_heard(two_, 5000));
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(two_.heard[i].payload, std::to_string(i));
}

}  // namespace
}  // namespace wsfleet
