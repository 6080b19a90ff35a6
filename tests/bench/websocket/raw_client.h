// SPDX-License-Identifier: Apache-2.0
#pragma once
// A WebSocket client on bare epoll: many connections, one thread, next to no CPU of its own. Every
// message is 64 bytes, binary, masked with a key of its own, and every one that comes back is
// compared byte by byte and in order. What one recv asks for is sent by one send. Pings are
// answered; anything else unexpected ends the measurement with an Error. One thread only.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "tests/bench/websocket/wire.h"

namespace wsfleet::bench {

struct ConnectOptions {
  std::uint16_t port = 0;  // on 127.0.0.1
  std::string path = "/ws/";
  std::size_t connections = 1;
  std::size_t handshakes_at_once = 64;
};

class RawClient {
 public:
  RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  /// Resets what is still open.
  ~RawClient();

  /// Opens them as fast as the server lets it, from 16 source addresses in turn.
  Result<void> open(const ConnectOptions& options);
  /// Each connection keeps so many messages in flight, then takes back what is on its way: the
  /// number of messages that came back, which is the number sent.
  Result<std::int64_t> echo(std::size_t in_flight, TimeNs duration);
  /// So many messages a second, the connections in turn, each at its time whatever comes back.
  Result<std::int64_t> echo_paced(double messages_per_second, TimeNs duration);
  /// The first connection sends to the room that all are in and keeps so many messages in flight,
  /// until all members have them. The number of messages that members got.
  Result<std::int64_t> broadcast(std::size_t in_flight, TimeNs duration);
  /// Idle, but for answering pings, until each connection has got one; then some more, for the
  /// server to take the answers.
  Result<void> hold_until_pinged();
  /// Says goodbye on all connections (1000) and waits for the server to close them.
  Result<void> close();

 private:
  struct Connection;
  enum class Traffic { none, echo, broadcast, closing };

  Result<void> start_handshake(const ConnectOptions& options, std::size_t index);
  Result<std::size_t> finish_handshake(Connection& connection, std::string_view received);
  Result<void> turn(TimeNs until);
  Result<void> turn_until(TimeNs end);
  Result<void> take_back_all();
  Result<void> read(Connection& connection);
  Result<void> take(Connection& connection, const Frame& frame);
  Result<void> take_message(Connection& connection, const Frame& frame);
  Result<void> ended(Connection& connection);
  void append_message(Connection& connection);
  Result<void> send_output(Connection& connection);
  std::string_view payload(std::uint64_t sender, std::uint64_t number);

  int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::size_t open_ = 0;
  std::vector<char> input_;
  std::string output_;  // what one recv asks for
  std::string payload_;
  MaskingKeys keys_;

  Traffic traffic_ = Traffic::none;
  bool refill_ = false;  // a message that came back is followed by another
  std::int64_t expected_ = 0;
  std::int64_t arrived_ = 0;
  std::size_t pinged_ = 0;            // connections that were
  std::vector<std::size_t> missing_;  // broadcast: members still without message n, at n % size
  std::size_t completed_ = 0;         // broadcast: messages that all got and none has followed yet
};

}  // namespace wsfleet::bench
