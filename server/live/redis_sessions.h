// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sessions and rooms of this server in Redis: takes what happens on the event loops to the thread
// of the Redis connections, and what other pods say in a room back to the loops. Its observer
// functions may be called on any thread, the others on that of `io`.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "server/live/server_parts.h"

namespace wsfleet {

class RedisSessions final : public SessionObserver {
 public:
  /// An error when the address makes no sense; a Redis that is away is no error.
  static Result<std::unique_ptr<RedisSessions>> make(boost::asio::io_context& io,
                                                     ServerParts& parts);
  ~RedisSessions() override;

  void opened(const std::string& session_id) override;
  void closed(const std::string& session_id) override;
  void joined(const std::string& room) override;
  void left(const std::string& room) override;
  void publish(const std::string& room, std::string_view payload, bool text) override;
  RedisLevels levels() const override;

  /// Removes what is left, within a few seconds, then calls `done`.
  void stop(std::function<void()> done);

 private:
  struct Impl;
  explicit RedisSessions(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
