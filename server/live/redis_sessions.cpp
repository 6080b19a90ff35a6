// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis_sessions.h"

#include <boost/asio/post.hpp>
#include <cstdlib>
#include <utility>

#include "server/live/event_loop.h"
#include "server/live/redis/redis_backend.h"

namespace wsfleet {

struct RedisSessions::Impl {
  Impl(boost::asio::io_context& context, ServerParts& shared, RedisSettings settings)
      : io(context),
        parts(shared),
        backend(context, std::move(settings), shared.options.pod_name, handlers()) {}

  RedisBackend::Handlers handlers() {
    RedisBackend::Handlers all;
    all.event = [this](const RedisEvent& event) {
      parts.log.write(event.level, event.event, {{"detail", event.message}});
    };
    all.room_message = [this](std::string_view room, std::string_view payload, bool text) {
      const auto frame = std::make_shared<const std::string>(
          encode_frame(text ? Opcode::text : Opcode::binary, payload));
      for (EventLoop* loop : parts.loops) loop->deliver(std::string(room), frame, payload.size());
    };
    return all;
  }

  template <class Task>
  void post(Task task) {
    boost::asio::post(io, std::move(task));
  }

  boost::asio::io_context& io;
  ServerParts& parts;
  RedisBackend backend;
};

RedisSessions::RedisSessions(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RedisSessions::~RedisSessions() = default;

Result<std::unique_ptr<RedisSessions>> RedisSessions::make(boost::asio::io_context& io,
                                                           ServerParts& parts) {
  auto settings = parse_redis_url(parts.options.redis_url);
  if (!settings) return tl::unexpected(settings.error());
  settings->session_ttl = parts.options.session_ttl;
  const char* password = std::getenv("WSFLEET_REDIS_PASSWORD");
  if (settings->password.empty() && password != nullptr) settings->password = password;
  auto impl = std::make_unique<Impl>(io, parts, std::move(*settings));
  impl->backend.start();
  return std::unique_ptr<RedisSessions>(new RedisSessions(std::move(impl)));
}

void RedisSessions::opened(const std::string& session_id) {
  impl_->post([impl = impl_.get(), session_id] { impl->backend.opened(session_id); });
}

void RedisSessions::closed(const std::string& session_id) {
  impl_->post([impl = impl_.get(), session_id] { impl->backend.closed(session_id); });
}

void RedisSessions::joined(const std::string& room) {
  impl_->post([impl = impl_.get(), room] { impl->backend.join(room); });
}

void RedisSessions::left(const std::string& room) {
  impl_->post([impl = impl_.get(), room] { impl->backend.leave(room); });
}

void RedisSessions::publish(const std::string& room, std::string_view payload, bool text) {
  impl_->post([impl = impl_.get(), room, bytes = std::string(payload), text] {
    impl->backend.publish(room, bytes, text);
  });
}

RedisLevels RedisSessions::levels() const {
  const RedisCounters& counters = impl_->backend.counters();
  RedisLevels levels;
  levels.configured = true;
  levels.up = counters.up;
  levels.reconnects = counters.reconnects;
  levels.commands = counters.commands;
  levels.failed_commands = counters.commands_failed;
  levels.sessions_pending = counters.sessions_pending;
  levels.published = counters.published;
  levels.publish_dropped = counters.publish_dropped;
  levels.received = counters.received;
  return levels;
}

void RedisSessions::stop(std::function<void()> done) { impl_->backend.stop(std::move(done)); }

}  // namespace wsfleet
