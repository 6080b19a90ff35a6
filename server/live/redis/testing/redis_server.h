// SPDX-License-Identifier: Apache-2.0
#pragma once
// A real redis-server for tests: on a free port of 127.0.0.1, with a temporary directory, gone when
// the object is, or when the test dies. What fails throws std::runtime_error with the server's log,
// so that the test says why. Not thread-safe.
//
//   auto redis = RedisServer::start({.password = "secret"});
//   EXPECT_THAT(redis->keys("websocket:connections:*"), SizeIs(3));
//   redis->kill();     // as a crash; restart() takes the same port, without its data
//   redis->restart();

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/process/process.h"
#include "core/process/testing/wait.h"
#include "core/time.h"

namespace wsfleet {

struct RedisServerOptions {
  std::string password = {};             // any bytes but a line's end; empty: none
  bool append_only = false;              // true: the data survives kill() and restart()
  std::vector<std::string> config = {};  // more lines of redis.conf
};

class RedisServer {
 public:
  /// Returns when it answers.
  static std::unique_ptr<RedisServer> start(RedisServerOptions options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return process_->pid(); }
  /// "redis://:secret@127.0.0.1:6379/0", with the password where there is one.
  std::string url(int database = 0) const;

  void pause();    // SIGSTOP: connections stay, nothing is answered
  void resume();   // SIGCONT
  void kill();     // SIGKILL, and waits for the end
  void stop();     // SIGTERM, and waits for the end
  void restart();  // after kill() or stop(): the same port; returns when it answers
  bool running() const { return process_.has_value(); }

  /// One command over a connection of its own: the answer's elements as text, nested ones
  /// flattened, a null as no element, an error as "-ERR ...".
  std::vector<std::string> ask(const std::vector<std::string>& words, int database = 0) const;
  /// The answer's only element; empty for a null.
  std::string ask_one(const std::vector<std::string>& words, int database = 0) const;
  /// Sorted.
  std::vector<std::string> keys(const std::string& pattern = "*", int database = 0) const;
  std::string log() const;

 private:
  explicit RedisServer(RedisServerOptions options);
  bool launch();
  void end(int signal);

  RedisServerOptions options_;
  std::string directory_;
  std::uint16_t port_ = 0;
  std::optional<Process> process_;
};

}  // namespace wsfleet
