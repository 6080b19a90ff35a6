// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the control plane means to do and when: first by time, then in the order it was posted.
// Not thread-safe.

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "core/time.h"

namespace wsfleet {

class Agenda {
 public:
  void post(TimeNs time, std::function<void()> action) {
    items_.push_back({time, sequence_++, std::move(action)});
    std::push_heap(items_.begin(), items_.end(), Later{});
  }
  TimeNs next_time() const { return items_.empty() ? kNever : items_.front().time; }
  /// Must not be empty.
  std::function<void()> pop() {
    std::pop_heap(items_.begin(), items_.end(), Later{});
    std::function<void()> action = std::move(items_.back().action);
    items_.pop_back();
    return action;
  }

 private:
  struct Item {
    TimeNs time;
    std::uint64_t sequence;
    std::function<void()> action;
  };
  struct Later {
    bool operator()(const Item& a, const Item& b) const {
      return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
    }
  };
  std::vector<Item> items_;
  std::uint64_t sequence_ = 0;
};

}  // namespace wsfleet
