// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/redis_backend.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "server/live/redis/link/redis_errors.h"
#include "server/live/redis/link/redis_link.h"
#include "server/live/redis/rooms/room_fan_out.h"
#include "server/live/redis/sessions/session_id.h"
#include "server/live/redis/sessions/session_keys.h"

namespace wsfleet {
namespace {

/// The same failure is told again after this time.
constexpr TimeNs kRepeatAfter = kMinute;

void ignore_sigpipe() {
  struct sigaction current {};
  sigaction(SIGPIPE, nullptr, &current);
  if (current.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

struct RedisBackend::Impl {
  Impl(boost::asio::io_context& loop, RedisSettings given, const std::string& pod_id,
       Handlers to_call);

  void link_ready();
  void link_lost(const std::string& reason);
  void link_failed(const std::string& reason);
  void tell(RedisEvent event) { handlers.event(event); }
  void close();

  boost::asio::io_context& io;
  RedisSettings settings;
  Handlers handlers;
  RedisCounters counters;
  SessionId instance;
  std::shared_ptr<RedisLink> commands;
  std::shared_ptr<RedisLink> subscriber;
  std::unique_ptr<SessionKeys> sessions;
  std::unique_ptr<RoomFanOut> rooms;
  TimeNs away_since = 0;
  bool was_up_before = false;
  std::string last_failure;
  TimeNs last_failure_told = 0;
};

RedisBackend::Impl::Impl(boost::asio::io_context& loop, RedisSettings given,
                         const std::string& pod_id, Handlers to_call)
    : io(loop),
      settings(std::move(given)),
      handlers(std::move(to_call)),
      instance(*SessionId::parse(random_uuid())) {
  if (!handlers.event) handlers.event = [](const RedisEvent&) {};
  if (!handlers.room_message) handlers.room_message = [](auto, auto, bool) {};

  RedisLink::Handlers for_commands;
  for_commands.ready = [this] {
    link_ready();
    sessions->link_ready();
  };
  for_commands.lost = [this](const std::string& reason) {
    link_lost(reason);
    sessions->link_lost();
  };
  for_commands.failed = [this](const std::string& reason) { link_failed(reason); };
  for_commands.message = [](auto, auto) {};
  commands = std::make_shared<RedisLink>(io, settings, counters, "", std::move(for_commands));

  RedisLink::Handlers for_subscriber;
  for_subscriber.ready = [this] {
    link_ready();
    rooms->link_ready();
  };
  for_subscriber.lost = [this](const std::string& reason) {
    link_lost(reason);
    rooms->link_lost();
  };
  for_subscriber.failed = [this](const std::string& reason) { link_failed(reason); };
  for_subscriber.message = [this](std::string_view channel, std::string_view bytes) {
    rooms->message(channel, bytes);
  };
  subscriber = std::make_shared<RedisLink>(io, settings, counters,
                                           settings.instance_prefix + instance.text(),
                                           std::move(for_subscriber));

  sessions = std::make_unique<SessionKeys>(io, *commands, settings, pod_id, counters,
                                           [this](const RedisEvent& event) { tell(event); });
  rooms = std::make_unique<RoomFanOut>(
      io, *commands, *subscriber, settings, instance, counters,
      [this](std::string_view room, std::string_view payload, bool is_text) {
        handlers.room_message(room, payload, is_text);
      });
}

void RedisBackend::Impl::link_ready() {
  if (!commands->ready() || !subscriber->ready()) return;
  counters.up = true;
  last_failure.clear();
  std::string message =
      fmt::format("connected to Redis at {}, database {}", settings.place(), settings.database);
  if (was_up_before || away_since != 0) {
    message += fmt::format(" after {}", format_duration_short(monotonic_now() - away_since));
  }
  if (was_up_before) message += " away";
  was_up_before = true;
  tell({LogLevel::info, "redis_connected", message});
}

void RedisBackend::Impl::link_lost(const std::string& reason) {
  if (!counters.up.exchange(false)) return;  // the other connection has told it
  away_since = monotonic_now();
  tell({LogLevel::warning, "redis_lost",
        fmt::format("lost Redis at {}: {}; connections stay, rooms work within this pod, and it is "
                    "tried again",
                    settings.place(), reason)});
}

void RedisBackend::Impl::link_failed(const std::string& reason) {
  const TimeNs now = monotonic_now();
  if (away_since == 0) away_since = now;
  // Both connections fail for the same reason, and again with each attempt.
  if (reason == last_failure && now - last_failure_told < kRepeatAfter) return;
  last_failure = reason;
  last_failure_told = now;
  RedisEvent event = explain_redis_error(reason);
  event.message = fmt::format("no use of Redis at {} for {}: {}; trying again", settings.place(),
                              format_duration_short(now - away_since), event.message);
  tell(std::move(event));
}

void RedisBackend::Impl::close() {
  commands->close();
  subscriber->close();
  counters.up = false;
}

RedisBackend::RedisBackend(boost::asio::io_context& io, RedisSettings settings, std::string pod_id,
                           Handlers handlers) {
  ignore_sigpipe();
  impl_ = std::make_shared<Impl>(io, std::move(settings), pod_id, std::move(handlers));
}

RedisBackend::~RedisBackend() { impl_->close(); }

void RedisBackend::start() {
  impl_->commands->start();
  impl_->subscriber->start();
}

void RedisBackend::opened(std::string_view session_id) { impl_->sessions->opened(session_id); }
void RedisBackend::closed(std::string_view session_id) { impl_->sessions->closed(session_id); }
void RedisBackend::join(std::string_view room) { impl_->rooms->join(room); }
void RedisBackend::leave(std::string_view room) { impl_->rooms->leave(room); }

void RedisBackend::publish(std::string_view room, std::string_view payload, bool is_text) {
  impl_->rooms->publish(room, payload, is_text);
}

void RedisBackend::stop(std::function<void()> done) {
  impl_->sessions->stop(
      [weak = std::weak_ptr<Impl>(impl_), done = std::move(done)](std::size_t left) {
        const auto stopping = weak.lock();
        stopping->tell({LogLevel::info, "redis_stopped",
                        left == 0 ? std::string("all session keys removed")
                                  : fmt::format("{} session keys are left to expire", left)});
        // Out of whatever callback this is before the links and, with `done`, their owner go.
        boost::asio::post(stopping->io, [weak, done] {
          const auto impl = weak.lock();
          if (!impl) return;
          impl->close();
          done();
        });
      });
}

const RedisCounters& RedisBackend::counters() const { return impl_->counters; }

}  // namespace wsfleet
