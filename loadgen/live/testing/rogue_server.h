// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server for tests that does what a good one does not: stays silent, answers nonsense, alters
// echoes, leaves without a close frame. On a thread of its own, 127.0.0.1, one connection at a
// time.

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

namespace wsfleet {

enum class Misdeed {
  silent,            // accepts, never answers
  hangs_up,          // closes before an answer
  not_http,          // answers something else
  wrong_accept_key,  // 101 with the wrong Sec-WebSocket-Accept
  alters_echo,       // flips a bit of each message
  drops_tcp,         // ends the connection after the first message, without a close frame
  odd_close_code,    // closes with 4001 after the first message
  reserved_bits,     // answers with a frame that breaks the protocol
  ignores_close,     // echoes, but never answers a close frame nor closes
};

class RogueServer {
 public:
  explicit RogueServer(Misdeed misdeed);
  ~RogueServer();

  std::string url() const;
  int port() const { return port_; }
  /// The last upgrade that it was asked for.
  std::string request() const;

 private:
  void serve();
  void serve_one(int socket);
  bool upgrade(int socket);

  Misdeed misdeed_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::string request_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// A port of 127.0.0.1 where nobody listens.
int unused_port();

}  // namespace wsfleet
