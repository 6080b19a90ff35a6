// SPDX-License-Identifier: Apache-2.0
#pragma once
// A TCP connection to 127.0.0.1 that sends and receives bytes by deadline, and tells an orderly end
// from a reset. A refused connect is a std::runtime_error. One thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/process/testing/wait.h"

namespace wsfleet {

enum class Received { data, end, reset, nothing };

class Socket {
 public:
  /// `receive_buffer`: bytes that the kernel holds for a client that does not read; 0: its default.
  /// `source`: the client's own address, "127.0.0.7".
  explicit Socket(std::uint16_t port, int receive_buffer = 0,
                  const std::string& source = "127.0.0.1");
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  int descriptor() const { return descriptor_; }
  /// False when the peer has gone or takes no more in time.
  bool send(std::string_view bytes, TimeNs patience = kPatience);
  /// Sends what goes without waiting; the number of bytes, or -1 when the peer has gone.
  std::int64_t send_some(std::string_view bytes);
  /// Appends what is there, or waits for something.
  Received receive(std::string& bytes, TimeNs patience = kPatience);
  /// Reads and drops whatever comes until the peer ends the connection: end, reset, or nothing when
  /// it does not.
  Received wait_for_end(TimeNs patience = kPatience);
  bool ended(TimeNs patience = kPatience) { return wait_for_end(patience) != Received::nothing; }

  void end_sending();  // FIN; receiving goes on
  void close();
  void reset();  // RST

 private:
  int descriptor_ = -1;
};

/// A listening socket, on 127.0.0.1 and a free port, for tests that need a port to be taken.
class TakenPort {
 public:
  TakenPort();
  ~TakenPort();
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace wsfleet
