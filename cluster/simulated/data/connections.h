// SPDX-License-Identifier: Apache-2.0
#pragma once
// One record per session that is in the system: waiting to try, shaking hands, or connected. 40
// bytes, in chunks that never move; the number of a finished one is given out again. Not
// thread-safe.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/time.h"
#include "loadgen/client_life.h"

namespace wsfleet {

using ConnectionId = std::uint32_t;
using PodSlot = std::uint32_t;
inline constexpr std::uint16_t kNoPod = UINT16_MAX;

enum class SessionState : std::uint8_t { waiting, handshake, open };

struct Connection {
  [[no_unique_address]] ClientLife life;  // what follows fills the rest of its last word
  SessionState state = SessionState::waiting;
  std::uint16_t pod = kNoPod;    // slot
  std::uint32_t generation = 0;  // of its pending event; a mismatch means out of date
  std::uint32_t position = 0;    // in its pod's list while open
  TimeNs since = 0;  // until it first opened: the intended start; then: when it last opened
};
static_assert(sizeof(Connection) == 40);

class ConnectionTable {
 public:
  Connection& operator[](ConnectionId id) { return chunks_[id >> kShift][id & kMask]; }

  ConnectionId create() {
    ++live_;
    if (free_ != kNone) {
      const ConnectionId id = free_;
      Connection& connection = (*this)[id];
      free_ = connection.position;
      const std::uint32_t generation = connection.generation + 1;
      connection = Connection{};
      connection.generation = generation;
      return id;
    }
    if ((used_ & kMask) == 0) chunks_.push_back(std::make_unique<Connection[]>(kMask + 1));
    return used_++;
  }

  void destroy(ConnectionId id) {
    Connection& connection = (*this)[id];
    ++connection.generation;
    connection.position = free_;
    free_ = id;
    --live_;
  }

  void prefetch(ConnectionId id) { __builtin_prefetch(&(*this)[id]); }
  std::int64_t live() const { return live_; }
  std::size_t memory_bytes() const { return chunks_.size() * (kMask + 1) * sizeof(Connection); }

 private:
  static constexpr std::uint32_t kShift = 14;
  static constexpr std::uint32_t kMask = (1U << kShift) - 1;
  static constexpr ConnectionId kNone = UINT32_MAX;

  std::vector<std::unique_ptr<Connection[]>> chunks_;
  ConnectionId free_ = kNone;  // linked through `position`
  ConnectionId used_ = 0;
  std::int64_t live_ = 0;
};

}  // namespace wsfleet
