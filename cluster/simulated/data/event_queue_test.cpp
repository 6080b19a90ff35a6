// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/data/event_queue.h"

#include <gtest/gtest.h>

#include <queue>
#include <tuple>

#include "core/random.h"

namespace wsfleet {
namespace {

TEST(EventQueue, EmptyHasNoNextTime) {
  const EventQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.next_time(), kNever);
}

TEST(EventQueue, EqualTimesComeOutInTheOrderTheyWentIn) {
  EventQueue queue;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    queue.push(Event::make(i % 7, EventKind::close, i, 0));
  }
  std::uint32_t last_target = 0;
  TimeNs last_time = -1;
  while (!queue.empty()) {
    const Event event = queue.pop();
    if (event.time == last_time) {
      EXPECT_GT(event.target, last_target);
    }
    EXPECT_GE(event.time, last_time);
    last_time = event.time;
    last_target = event.target;
  }
}

TEST(EventQueue, PeekingCommitsNothing) {
  EventQueue queue;
  queue.push(Event::make(1'000'000, EventKind::close, 1, 0));
  EXPECT_EQ(queue.next_time(), 1'000'000);
  queue.push(Event::make(5, EventKind::close, 2, 0));  // an actor inserts before the next event
  EXPECT_EQ(queue.pop().target, 2U);
  EXPECT_EQ(queue.pop().target, 1U);
}

TEST(EventQueue, KeepsKindTargetAndGeneration) {
  const Event event = Event::make(1, EventKind::endpoints, 0xdeadbeef, Event::kGenerationMask + 7);
  EXPECT_EQ(event.kind(), EventKind::endpoints);
  EXPECT_EQ(event.target, 0xdeadbeefU);
  EXPECT_EQ(event.generation(), 6U);  // modulo 2^28
}

// Against std::priority_queue with explicit sequence numbers, at very different time scales.
TEST(EventQueue, AgreesWithAPriorityQueue) {
  const RandomStream random(7, "test.event_queue");
  for (const std::uint64_t scale : {3ULL, 1'000ULL, 1'000'000'000ULL, 1'000'000'000'000'000ULL}) {
    using Item = std::tuple<TimeNs, std::uint32_t>;
    std::priority_queue<Item, std::vector<Item>, std::greater<>> expected;
    EventQueue queue;
    TimeNs now = 0;
    std::uint32_t sequence = 0;
    for (std::uint64_t step = 0; step < 20'000; ++step) {
      const bool push = queue.size() < 3 || random.below(100, step, 0) < 52;
      if (push) {
        const auto time = now + static_cast<TimeNs>(random.below(scale, step, 1));
        queue.push(Event::make(time, EventKind::close, sequence, 0));
        expected.emplace(time, sequence++);
      } else {
        ASSERT_EQ(queue.next_time(), std::get<0>(expected.top()));
        const Event event = queue.pop();
        ASSERT_EQ(Item(event.time, event.target), expected.top());
        expected.pop();
        now = event.time;
      }
    }
    EXPECT_EQ(queue.size(), expected.size());
  }
}

TEST(EventQueue, MemoryIsReused) {
  EventQueue queue;
  for (int i = 0; i < 100'000; ++i) queue.push(Event::make(i, EventKind::close, 0, 0));
  const std::size_t peak = queue.memory_bytes();
  EXPECT_LT(static_cast<double>(peak), 100'000 * 16 * 1.2);
  for (TimeNs i = 100'000; i < 400'000; ++i) {
    queue.pop();
    queue.push(Event::make(i, EventKind::close, 0, 0));
  }
  EXPECT_LT(static_cast<double>(queue.memory_bytes()), static_cast<double>(peak) * 1.2);
}

}  // namespace
}  // namespace wsfleet
