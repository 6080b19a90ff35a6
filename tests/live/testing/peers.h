// SPDX-License-Identifier: Apache-2.0
#pragma once
// The independent implementations that the project is held against: Debian's python3-websockets and
// npm's ws, as servers and as clients (the scripts of tests/live/interop/). What is missing is told
// with the command that brings it, as a std::runtime_error. One thread.

#include <cstdint>
#include <string>

#include "core/process/testing/child_process.h"

namespace wsfleet {

enum class Peer { python_websockets, node_ws };

/// For the names of tests: "PythonWebsockets".
std::string name_of(Peer peer);

/// An echo server that takes messages of 64 KiB at most.
class PeerServer {
 public:
  explicit PeerServer(Peer peer);
  std::uint16_t port() const { return port_; }

 private:
  ChildProcess process_;
  std::uint16_t port_ = 0;
};

/// Runs the peer's checks against the echo server at `url` and returns what failed: "" when all is
/// well. `ca_file`: whose certificates are trusted with wss://.
std::string failed_checks(Peer peer, const std::string& url, const std::string& ca_file = "");

}  // namespace wsfleet
