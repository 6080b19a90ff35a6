// SPDX-License-Identifier: Apache-2.0
#pragma once
// The real server as a whole: its event loops, the first on the caller's thread, the others on
// their own; and, in the first one, what steers them: signals, drains and sheds, the admin
// listener, certificate reloads, Redis.

#include <memory>

#include "core/result.h"
#include "server/live/options/server_options.h"

namespace wsfleet {

class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();

  /// Listens, tells where on stdout, and serves until SIGTERM or SIGINT and the drain that follows.
  /// An error when it can't start.
  Result<void> run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
