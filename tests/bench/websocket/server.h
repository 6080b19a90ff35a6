// SPDX-License-Identifier: Apache-2.0
#pragma once
// The servers that are held against each other, each a child process on a free port of 127.0.0.1.

#include <string>

#include "tests/bench/websocket/child.h"

namespace wsfleet::bench {

enum class ServerKind { raw_epoll, wsfleet, node };
enum class ServerMode { echo, broadcast };

const char* name_of(ServerKind kind);

struct Server {
  /// Running and listening. An Error of kind `unavailable` says what is missing and how to get it.
  static Result<Server> start(ServerKind kind, ServerMode mode);
  /// GET /metrics on the server's port.
  Result<std::string> metrics() const;

  Child process;
  std::uint16_t port = 0;
};

/// The path of an executable of this build.
std::string built(const std::string& name);

}  // namespace wsfleet::bench
