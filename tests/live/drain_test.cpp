// SPDX-License-Identifier: Apache-2.0
// SIGTERM, counted from the clients' side: every socket that was open is closed with the code, none
// is lost, no second has more of them than the pace allows.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <optional>
#include <vector>

#include "tests/live/testing/crowd.h"
#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

/// Not LiveServerTest: these servers end by what is tested.
class Drain : public testing::Test {
 protected:
  ServerProcess& start(const Arguments& arguments, const ChildOptions& options = {}) {
    return server_.emplace(arguments, options);
  }

  void expect_clean_end() {
    EXPECT_EQ(server_->process().wait(), 0);
    if (HasFailure()) std::printf("%s\n", server_->process().errors().c_str());
  }

 private:
  std::optional<ServerProcess> server_;
};

std::size_t most_in_one_second(const Crowd& crowd) {
  TimeNs first = kNever;
  for (const Crowd::Member& member : crowd.members()) {
    if (member.closed_at > 0) first = std::min(first, member.closed_at);
  }
  std::map<TimeNs, std::size_t> seconds;
  std::size_t most = 0;
  for (const Crowd::Member& member : crowd.members()) {
    if (member.closed_at == 0) continue;
    most = std::max(most, ++seconds[(member.closed_at - first) / kSecond]);
  }
  return most;
}

TEST_F(Drain, SigtermClosesAllPacedWith1012) {
  constexpr std::size_t kCount = 300;
  ServerProcess& server = start({"--drain-over", "3s", "--threads", "2"});
  Crowd crowd(server.port());
  ASSERT_TRUE(crowd.open(kCount));
  server.process().signal(SIGTERM);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == kCount; }));
  EXPECT_EQ(crowd.closed_with(1012), kCount) << "opened = closed by code";
  EXPECT_EQ(crowd.still_open(), 0U);
  EXPECT_LE(most_in_one_second(crowd), 1 + kCount / 3 * 12 / 10);
  expect_clean_end();
}

TEST_F(Drain, SocketsAreServedUntilTheirTurn) {
  ServerProcess& server = start({"--drain-over", "3s"});
  Crowd crowd(server.port());
  ASSERT_TRUE(crowd.open(20));
  server.process().signal(SIGTERM);
  ASSERT_TRUE(crowd.run_until([&] { return crowd.closed_with(1012) > 0; }));
  const std::size_t open = crowd.still_open();
  crowd.send_each("still here?");
  EXPECT_TRUE(crowd.run_until([&] {
    return crowd.with_messages(1) + crowd.ended() >= crowd.size() && crowd.with_messages(1) > 0;
  })) << crowd.with_messages(1)
      << " of " << open;
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == crowd.size(); }));
  EXPECT_EQ(crowd.closed_with(1012), crowd.size());
  expect_clean_end();
}

TEST_F(Drain, ReadinessFailsAndNewClientsAreRefusedMeanwhile) {
  ServerProcess& server = start({"--drain-over", "5s"});
  Crowd crowd(server.port());
  ASSERT_TRUE(crowd.open(2));
  server.process().signal(SIGTERM);
  ASSERT_TRUE(crowd.run_until([&] { return crowd.closed_with(1012) > 0; }));
  EXPECT_EQ(server.get("/livez").status, 200);
  EXPECT_EQ(server.get("/readyz").status, 503);
  EXPECT_EQ(http_exchange(server.port(), upgrade_request()).status, 503);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 2; }));
  expect_clean_end();
}

TEST_F(Drain, ImmediateModeClosesAllAtOnce) {
  ServerProcess& server = start({"--drain-mode", "immediate", "--drain-close-code", "1001"});
  Crowd crowd(server.port());
  ASSERT_TRUE(crowd.open(50));
  server.process().signal(SIGTERM);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 50; }));
  EXPECT_EQ(crowd.closed_with(1001), 50U);
  expect_clean_end();
}

TEST_F(Drain, ModeNoneKeepsSocketsUntilTheGraceEnds) {
  ServerProcess& server = start({"--drain-mode", "none", "--termination-grace", "1s"});
  Crowd crowd(server.port());
  ASSERT_TRUE(crowd.open(5));
  server.process().signal(SIGTERM);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 5; }));
  EXPECT_EQ(crowd.closed_with(1012), 0U);
  expect_clean_end();
}

TEST_F(Drain, GraceEndsWithPeersThatDoNotAnswerTheClose) {
  ServerProcess& server =
      start({"--drain-mode", "immediate", "--termination-grace", "1s", "--close-timeout", "10m"});
  Crowd crowd(server.port());
  crowd.answer_closes(false);
  ASSERT_TRUE(crowd.open(5));
  server.process().signal(SIGTERM);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 5; }));
  EXPECT_EQ(crowd.closed_with(1012), 5U);
  expect_clean_end();
}

TEST_F(Drain, GraceEndsWithHandshakesUnderWay) {
  ServerProcess& server = start({"--termination-grace", "1s", "--drain-over", "1s"});
  Socket silent(server.port());
  silent.send("GET /ws/ HTTP/1.1\r\n");
  EXPECT_EQ(server.get("/livez").status, 200);
  server.process().signal(SIGTERM);
  expect_clean_end();
}

TEST_F(Drain, SecondSigtermEndsAtOnce) {
  ServerProcess& server = start({"--drain-over", "10m", "--termination-grace", "20m"});
  Crowd crowd(server.port());
  ASSERT_TRUE(crowd.open(20));
  server.process().signal(SIGTERM);
  ASSERT_TRUE(crowd.run_until([&] { return crowd.closed_with(1012) > 0; }));
  server.process().signal(SIGTERM);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 20; }));
  EXPECT_TRUE(server.process().wait().has_value()) << "it still runs";
}

TEST_F(Drain, SigintDrainsAsWell) {
  ServerProcess& server = start({"--drain-over", "200ms"});
  Crowd crowd(server.port());
  ASSERT_TRUE(crowd.open(5));
  server.process().signal(SIGINT);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 5; }));
  EXPECT_EQ(crowd.closed_with(1012), 5U);
  expect_clean_end();
}

TEST_F(Drain, IdleServerEndsWithoutWaiting) {
  ServerProcess& server = start({"--drain-over", "10m", "--termination-grace", "20m"});
  server.process().signal(SIGTERM);
  expect_clean_end();
}

TEST_F(Drain, SigtermEndsADrainThatWasOrdered) {
  ServerProcess& server = start({"--drain-over", "300ms"}, {.environment = kWithAdmin});
  Crowd crowd(server.port());
  ASSERT_TRUE(crowd.open(10));
  EXPECT_EQ(server.post("/drain").status, 202);
  server.process().signal(SIGTERM);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 10; }));
  EXPECT_EQ(crowd.closed_with(1012), 10U);
  expect_clean_end();
}

TEST_F(Drain, FullDescriptorTableDoesNotStopIt) {
  ServerProcess& server = start({"--drain-mode", "immediate"}, {.descriptor_limit = 64});
  Crowd crowd(server.port());
  ASSERT_TRUE(crowd.open(20));
  std::vector<Socket> waiting;
  for (int i = 0; i < 60; ++i) waiting.emplace_back(server.port());
  ASSERT_TRUE(server.process().says("open files"));
  server.process().signal(SIGTERM);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 20; }));
  EXPECT_EQ(crowd.closed_with(1012), 20U);
  expect_clean_end();
}

}  // namespace
}  // namespace wsfleet
