// SPDX-License-Identifier: Apache-2.0
#pragma once
// One open WebSocket as its event loop sees it, whatever it runs over. Belongs to one loop and is
// used on its thread alone; made by the handshake, destroyed by the loop that it leaves.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.h"

namespace wsfleet {

struct Room;

/// Why a connection ended: the label `cause` of wsfleet_connections_closed_total.
enum class CloseReason : std::uint8_t {
  client,  // the client's own close
  drain,
  shed,
  refused,  // accepted only to be told 1013
  slow_consumer,
  ping_timeout,
  protocol_error,   // 1002, 1007
  too_big,          // 1009
  connection_lost,  // without a close frame
  grace_ended,
};
std::string_view name_of(CloseReason reason);

class Connection {
 public:
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Appends a whole frame; flush() or the next read sends it.
  virtual void append(std::string_view frame) = 0;
  virtual void flush() = 0;
  virtual std::size_t queued_bytes() const = 0;
  /// Sends a close frame and waits for the client's, until terminate().
  virtual void close(CloseReason reason, int code, std::string_view text) = 0;
  /// Ends it without a close frame.
  virtual void terminate(CloseReason reason) = 0;
  virtual bool closing() const = 0;

  std::uint64_t serial = 0;  // in this process, from 1
  std::string session_id;    // a UUID; empty without Redis
  Room* room = nullptr;      // in broadcast mode
  std::uint32_t room_index = 0;
  std::uint32_t loop_index = 0;  // in the loop's list
  bool admitted = true;          // false: it is only told 1013
  bool in_flush_list = false;
  bool awaits_pong = false;
  TimeNs pinged = 0;  // or opened
  TimeNs close_sent = 0;

 protected:
  Connection() = default;
};

}  // namespace wsfleet
