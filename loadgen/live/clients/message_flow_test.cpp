// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/clients/message_flow.h"

#include <gtest/gtest.h>

#include "loadgen/live/sessions/timer_queue.h"

namespace wsfleet {
namespace {

TEST(TimeRing, KeepsTheOrderWhileItGrowsAndTurns) {
  TimeRing ring;
  TimeNs in = 0;
  TimeNs out = 0;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < round % 7 + 1; ++i) ring.push(in++);
    for (int i = 0; i < round % 5 && !ring.empty(); ++i) ASSERT_EQ(ring.pop(), out++);
  }
  ASSERT_EQ(ring.size(), static_cast<std::size_t>(in - out));
  while (!ring.empty()) ASSERT_EQ(ring.pop(), out++);
  EXPECT_EQ(in, out);
}

TEST(MessageFlow, TheOpenModelKeepsItsTimesWhateverTheRepliesDo) {
  MessageFlow flow;
  flow.opened({.period = 100}, 1000, 0.25);
  EXPECT_EQ(flow.next_due(), 1025);
  EXPECT_EQ(flow.sent(), 0U);
  EXPECT_EQ(flow.next_due(), 1125);
  EXPECT_EQ(flow.sent(), 1U);  // nothing was answered
  EXPECT_EQ(flow.next_due(), 1225);
  EXPECT_EQ(flow.in_flight(), 2U);
  EXPECT_EQ(flow.next_reply(), 0U);
  EXPECT_EQ(flow.replied(9000), 1025);  // its latency counts from there
  EXPECT_EQ(flow.next_reply(), 1U);
  EXPECT_EQ(flow.replied(9000), 1125);
  EXPECT_FALSE(flow.awaits_reply());
  EXPECT_EQ(flow.next_due(), 1225);
}

TEST(MessageFlow, TheClosedModelAnswersRepliesAfterThinking) {
  MessageFlow flow;
  flow.opened({.in_flight = 2, .think_time = 50}, 1000, 0.9);
  EXPECT_EQ(flow.next_due(), 1000);
  flow.sent();
  EXPECT_EQ(flow.next_due(), 1000);
  flow.sent();
  EXPECT_EQ(flow.next_due(), kNever);
  EXPECT_EQ(flow.replied(1200), 1000);
  EXPECT_EQ(flow.next_due(), 1250);
  EXPECT_EQ(flow.sent(), 2U);
  EXPECT_EQ(flow.replied(1300), 1000);
  EXPECT_EQ(flow.replied(1400), 1250);
}

TEST(MessageFlow, NoMessagesAreNeverDue) {
  MessageFlow flow;
  EXPECT_EQ(flow.next_due(), kNever);
  flow.opened({}, 1000, 0.5);
  EXPECT_EQ(flow.next_due(), kNever);
  EXPECT_FALSE(flow.awaits_reply());
}

TEST(MessageFlow, WithoutRepliesNothingIsInFlight) {
  MessageFlow flow;
  flow.opened({.period = 10, .replies = Replies::none}, 0, 0);
  flow.sent();
  EXPECT_FALSE(flow.awaits_reply());
}

TEST(MessageFlow, WhatWasInFlightIsLostOnceAndAnotherConnectionBeginsAnew) {
  MessageFlow flow;
  flow.opened({.in_flight = 2}, 7, 0);
  flow.sent();
  flow.sent();
  EXPECT_EQ(flow.take_lost(), 7);
  EXPECT_EQ(flow.take_lost(), 7);
  EXPECT_EQ(flow.take_lost(), std::nullopt);
  flow.opened({.in_flight = 1}, 20, 0);
  EXPECT_EQ(flow.next_due(), 20);
  EXPECT_EQ(flow.sent(), 0U);
}

TEST(MessageFlow, AStoppedOneOnlyWaitsForReplies) {
  for (const MessageSettings& settings :
       {MessageSettings{.period = 10}, MessageSettings{.in_flight = 3}}) {
    MessageFlow flow;
    flow.opened(settings, 0, 0);
    flow.sent();
    flow.stop();
    EXPECT_EQ(flow.next_due(), kNever);
    flow.replied(5);
    EXPECT_EQ(flow.next_due(), kNever);
    EXPECT_FALSE(flow.awaits_reply());
  }
}

TEST(Payload, IsCheckedToTheLastByte) {
  Payload payload(64);
  std::string received(payload.of(3, 9));
  EXPECT_EQ(received.size(), 64U);
  EXPECT_TRUE(payload.matches(received, 3, 9));
  EXPECT_FALSE(payload.matches(received, 3, 10));  // out of order
  EXPECT_FALSE(payload.matches(received, 4, 9));
  EXPECT_FALSE(payload.matches(received + "x", 3, 9));
  EXPECT_FALSE(payload.matches(received.substr(1), 3, 9));
  received.back() ^= 1;
  EXPECT_FALSE(payload.matches(received, 3, 9));
}

TEST(Payload, ShortOnesCarryWhatFits) {
  for (const std::int64_t bytes : {0, 1, 7, 8, 15, 16, 17}) {
    Payload payload(bytes);
    const std::string received(payload.of(5, 6));
    EXPECT_EQ(received.size(), static_cast<std::size_t>(bytes));
    EXPECT_TRUE(payload.matches(received, 5, 6));
    const auto serial = Payload::serial_of(received);
    EXPECT_EQ(serial.has_value(), bytes >= 8);
    EXPECT_EQ(serial.value_or(5), 5U);
  }
}

TEST(TimerQueue, TheEarliestComesFirst) {
  TimerQueue queue;
  for (const TimeNs at : {50, -10, 30, 30, 7}) queue.push({.at = at});
  std::vector<TimeNs> times;
  while (!queue.empty()) times.push_back(queue.pop().at);
  EXPECT_EQ(times, (std::vector<TimeNs>{-10, 7, 30, 30, 50}));
}

}  // namespace
}  // namespace wsfleet
