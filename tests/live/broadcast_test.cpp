// SPDX-License-Identifier: Apache-2.0
// Rooms: a message reaches every member of its room once and nobody else, on one loop and on two.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

class Broadcast : public LiveServerTest, public testing::WithParamInterface<int> {
 protected:
  // A bystander in a room of its own would see whatever leaks out of the others.
  void start_broadcast(Arguments arguments = {}) {
    arguments.insert(arguments.end(),
                     {"--mode", "broadcast", "--threads", std::to_string(GetParam())});
    start(arguments);
  }
  std::vector<RawClient> join(std::string_view room, int count) {
    std::vector<RawClient> members;
    for (int i = 0; i < count; ++i) members.push_back(connect(room));
    return members;
  }
};

void expect_each_receives(std::vector<RawClient>& members, const Message& expected) {
  for (RawClient& member : members) EXPECT_EQ(member.message(), expected);
}

TEST_P(Broadcast, ReachesEveryMemberOfTheRoomAndNobodyElse) {
  start_broadcast();
  std::vector<RawClient> red = join("/ws/red", 6);
  std::vector<RawClient> blue = join("/ws/blue", 4);
  red[0].send_text("to red");
  expect_each_receives(red, {kText, "to red"});
  // The first that blue sees is its own: nothing of red came before.
  blue[3].send(Frame{.opcode = kBinary, .payload = "to blue"});
  expect_each_receives(blue, {kBinary, "to blue"});
  red[5].send_text("again");
  expect_each_receives(red, {kText, "again"});
}

TEST_P(Broadcast, KeepsTheOrderOfEachSender) {
  start_broadcast();
  constexpr int kMembers = 4;
  constexpr int kMessages = 50;
  std::vector<RawClient> members = join("/ws/order", kMembers);
  for (int i = 0; i < kMessages; ++i) {
    for (int sender = 0; sender < kMembers; ++sender) {
      members[static_cast<std::size_t>(sender)].send_text(fmt::format("{} {:03}", sender, i));
    }
  }
  for (RawClient& member : members) {
    std::map<char, std::vector<std::string>> by_sender;
    for (int i = 0; i < kMembers * kMessages; ++i) {
      const auto message = member.message();
      ASSERT_TRUE(message) << "after " << i << " messages";
      by_sender[message->payload.front()].push_back(message->payload);
    }
    ASSERT_EQ(by_sender.size(), static_cast<std::size_t>(kMembers));
    for (const auto& [sender, messages] : by_sender) {
      EXPECT_EQ(messages.size(), static_cast<std::size_t>(kMessages));
      EXPECT_TRUE(std::is_sorted(messages.begin(), messages.end())) << "of sender " << sender;
    }
  }
}

TEST_P(Broadcast, FragmentedAndEmptyAndLongMessagesAreWhole) {
  start_broadcast();
  std::vector<RawClient> members = join("/ws/sizes", 3);
  members[0].send(encode(text_frame("one ", false)) + encode(continuation_frame("two")));
  expect_each_receives(members, {kText, "one two"});
  for (const std::size_t size : {0, 125, 126, 65535, 65536}) {
    const std::string payload(size, 'x');
    members[1].send(Frame{.opcode = kBinary, .payload = payload});
    expect_each_receives(members, {kBinary, payload});
  }
}

TEST_P(Broadcast, MembersThatLeaveAreLeftOut) {
  start_broadcast();
  std::vector<RawClient> members = join("/ws/leaving", 4);
  members[1].send(close_frame(1000));
  EXPECT_EQ(members[1].closure().code, 1000);
  members[2].socket().reset();
  members.erase(members.begin() + 1, members.begin() + 3);
  members[0].send_text("who is there");
  expect_each_receives(members, {kText, "who is there"});
  EXPECT_TRUE(eventually([&] { return server().count("wsfleet_connections") == 3; }));
}

TEST_P(Broadcast, InvalidMessagesReachNobody) {
  start_broadcast();
  std::vector<RawClient> members = join("/ws/invalid", 3);
  members[0].send(text_frame("\xff"));
  EXPECT_EQ(members[0].closure().code, 1007);
  members.erase(members.begin());
  members[0].send_text("valid");
  expect_each_receives(members, {kText, "valid"});
}

TEST_P(Broadcast, RoomOfABarePathIsOneAndTheSame) {
  start_broadcast();
  RawClient with_slash = connect("/ws/");
  RawClient without = connect("/ws");
  with_slash.send_text("hello");
  EXPECT_EQ(without.message(), (Message{kText, "hello"}));
}

/// A room with one member that does not read. The kernel's buffers take some megabytes before
/// anything waits in the server.
class SlowConsumer : public Broadcast {
 protected:
  void start_room(std::string_view close_timeout) {
    start_broadcast({"--send-queue-bytes", "64KiB", "--max-message-bytes", "32KiB",
                     "--close-timeout", std::string(close_timeout)});
    members_ = join("/ws/slow", 3);
    slow_ = std::make_unique<RawClient>(port(), "/ws/slow", 4096);
  }
  /// One message to all; each of those that read gets it.
  void send_round() {
    members_[0].send(Frame{.opcode = kBinary, .payload = payload_});
    for (RawClient& member : members_) {
      const auto message = member.message();
      ASSERT_TRUE(message) << "a member that reads is cut off";
      ASSERT_EQ(message->payload.size(), payload_.size());
    }
  }
  void TearDown() override {
    members_.clear();
    slow_.reset();
    Broadcast::TearDown();
  }
  bool is_counted() {
    for (const int code : {1008, kNoCloseFrame}) {
      if (server().count(fmt::format(
              "wsfleet_connections_closed_total{{cause=\"slow_consumer\",code=\"{}\"}}", code)) ==
          1) {
        return true;
      }
    }
    return false;
  }

  const std::string payload_ = std::string(32'768, 's');
  std::vector<RawClient> members_;
  std::unique_ptr<RawClient> slow_;
};

TEST_P(SlowConsumer, ThatReadsAfterAllIsTold1008) {
  start_room("1m");
  for (int i = 0; i < 400 && !HasFatalFailure(); ++i) send_round();
  const Closure closure = slow_->closure();
  EXPECT_EQ(closure.code, 1008);
  EXPECT_EQ(closure.reason, "slow consumer");
  EXPECT_TRUE(closure.ended);
  EXPECT_LT(closure.messages.size(), 400U);
  EXPECT_TRUE(eventually([&] { return is_counted(); }));
  send_round();
}

TEST_P(SlowConsumer, ThatNeverReadsIsDropped) {
  start_room("300ms");
  for (int i = 0; i < 3000 && !HasFatalFailure(); ++i) {
    send_round();
    if (i % 16 == 15 && is_counted()) break;
  }
  EXPECT_TRUE(eventually([&] { return is_counted(); }));
  EXPECT_TRUE(slow_->socket().ended());
  send_round();
}

const auto kThreads = testing::Values(1, 2);
std::string thread_count(const testing::TestParamInfo<int>& parameter) {
  return std::to_string(parameter.param);
}
INSTANTIATE_TEST_SUITE_P(Threads, Broadcast, kThreads, thread_count);
INSTANTIATE_TEST_SUITE_P(Threads, SlowConsumer, kThreads, thread_count);

}  // namespace
}  // namespace wsfleet
