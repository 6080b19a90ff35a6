// SPDX-License-Identifier: Apache-2.0
#pragma once
// The data plane's event queue: a monotone radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, 1990) on
// int64 nanoseconds. Events at the same time come out in the order they went in. A pushed time must
// not lie before the last popped one; peeking commits nothing, so an actor may still insert before
// the next event. Buckets are lists of chunks from one pool: 16 bytes an event, little slack.
// Not thread-safe.

#include <bit>
#include <cassert>
#include <cstdint>
#include <memory>
#include <queue>
#include <vector>

#include "core/time.h"

namespace wsfleet {

enum class EventKind : std::uint8_t {
  arrival,            // target: none; one is pending while the workload lasts
  retry,              // target: connection
  close,              // target: connection; its session has ended
  handshake_done,     // target: pod
  handshake_timeout,  // target: pod
  drain_close,        // target: pod
  probe,              // target: pod
  scrape,             // target: pod
  endpoints,          // target: none; the ingress learns of a change
};

struct Event {
  TimeNs time = 0;
  std::uint32_t target = 0;
  std::uint32_t tag = 0;  // kind in the low 4 bits, the target's generation above

  static constexpr std::uint32_t kGenerationMask = (1U << 28) - 1;
  static Event make(TimeNs time, EventKind kind, std::uint32_t target, std::uint32_t generation) {
    return {time, target, ((generation & kGenerationMask) << 4) | static_cast<std::uint32_t>(kind)};
  }
  EventKind kind() const { return static_cast<EventKind>(tag & 15U); }
  std::uint32_t generation() const { return tag >> 4; }
};
static_assert(sizeof(Event) == 16);

#ifndef WSFLEET_NAIVE
class EventQueue {
 public:
  EventQueue() {
    for (Bucket& bucket : buckets_) bucket.min = kNever;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// Bytes of the chunks, used or spare.
  std::size_t memory_bytes() const { return chunks_.size() * sizeof(Chunk); }

  /// kNever when empty.
  TimeNs next_time() const {
    return occupied_ == 0 ? kNever : buckets_[std::countr_zero(occupied_)].min;
  }

  void push(const Event& event) {
    assert(event.time >= last_);
    append(bucket_of(event.time), event);
    ++size_;
  }

  /// The queue must not be empty. `soon(event)` is told of events that will be popped within some
  /// milliseconds, more than once perhaps: a chance to fetch what they need into the cache.
  template <class Soon>
  Event pop(const Soon& soon) {
    assert(size_ > 0);
    if ((occupied_ & 1U) == 0) redistribute(soon);
    Bucket& bucket = buckets_[0];
    const Event event = bucket.head->events[front_++];
    if (front_ == bucket.head->count) {
      Chunk* spent = bucket.head;
      bucket.head = spent->next;
      front_ = 0;
      recycle(spent);
      if (bucket.head == nullptr) {
        bucket.tail = nullptr;
        bucket.min = kNever;
        occupied_ &= ~std::uint64_t{1};
      }
    }
    --size_;
    return event;
  }
  Event pop() {
    return pop([](const Event&) {});
  }

 private:
  static constexpr std::uint32_t kChunkEvents = 254;
  static constexpr int kSoonBits = 22;  // 2^22 ns: 4 ms
  struct Chunk {
    Chunk* next;
    std::uint32_t count;
    Event events[kChunkEvents];
  };
  struct Bucket {
    Chunk* head = nullptr;
    Chunk* tail = nullptr;
    TimeNs min = kNever;
  };

  // 0 for the last popped time itself, else one more than the highest bit that differs from it.
  int bucket_of(TimeNs time) const {
    return 64 - std::countl_zero(static_cast<std::uint64_t>(time ^ last_));
  }

  void append(int index, const Event& event) {
    Bucket& bucket = buckets_[index];
    if (bucket.tail == nullptr || bucket.tail->count == kChunkEvents) {
      Chunk* chunk = take_chunk();
      (bucket.tail == nullptr ? bucket.head : bucket.tail->next) = chunk;
      bucket.tail = chunk;
      occupied_ |= std::uint64_t{1} << index;
    }
    bucket.tail->events[bucket.tail->count++] = event;
    if (event.time < bucket.min) bucket.min = event.time;
  }

  // Empties the lowest bucket into the ones below it, in order, so that equal times stay in order.
  template <class Soon>
  void redistribute(const Soon& soon) {
    const int index = std::countr_zero(occupied_);
    Bucket source = buckets_[index];
    buckets_[index] = Bucket{};
    occupied_ &= ~(std::uint64_t{1} << index);
    last_ = source.min;
    while (source.head != nullptr) {
      Chunk* chunk = source.head;
      source.head = chunk->next;
      for (std::uint32_t i = 0; i < chunk->count; ++i) {
        if (index <= kSoonBits) soon(chunk->events[i]);
        append(bucket_of(chunk->events[i].time), chunk->events[i]);
      }
      recycle(chunk);
    }
  }

  Chunk* take_chunk() {
    if (spare_ == nullptr) {
      chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
      spare_ = chunks_.back().get();
      spare_->next = nullptr;
    }
    Chunk* chunk = spare_;
    spare_ = chunk->next;
    chunk->next = nullptr;
    chunk->count = 0;
    return chunk;
  }

  void recycle(Chunk* chunk) {
    chunk->next = spare_;
    spare_ = chunk;
  }

  Bucket buckets_[64];
  std::uint64_t occupied_ = 0;  // one bit per bucket that is not empty
  TimeNs last_ = 0;
  std::uint32_t front_ = 0;  // next event in bucket 0's first chunk
  std::size_t size_ = 0;
  Chunk* spare_ = nullptr;
  std::vector<std::unique_ptr<Chunk>> chunks_;
};

#else

// What the radix heap is held against: the same queue on std::priority_queue.
class EventQueue {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  std::size_t memory_bytes() const { return heap_.size() * sizeof(Item); }
  TimeNs next_time() const { return heap_.empty() ? kNever : heap_.top().event.time; }
  void push(const Event& event) { heap_.push({event, sequence_++}); }
  template <class Soon>
  Event pop(const Soon&) {
    const Event event = heap_.top().event;
    heap_.pop();
    return event;
  }

 private:
  struct Item {
    Event event;
    std::uint64_t sequence;
    bool operator<(const Item& other) const {
      return event.time != other.event.time ? event.time > other.event.time
                                            : sequence > other.sequence;
    }
  };
  std::priority_queue<Item> heap_;
  std::uint64_t sequence_ = 0;
};

#endif

}  // namespace wsfleet
