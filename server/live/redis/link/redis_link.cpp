// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/link/redis_link.h"

#include <fmt/format.h>
#include <hiredis/async.h>

#include <algorithm>
#include <utility>

#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "server/live/redis/link/descriptor_waits.h"
#include "server/live/redis/link/redis_errors.h"

namespace wsfleet {

/// A command on its way: hiredis carries it to the answer.
struct RedisLink::Pending {
  RedisLink* link;
  Answered answered;
  std::size_t bytes;
  bool counted;  // not those of the greeting: attempts to connect are told otherwise
};

/// What hiredis calls. The link is alive meanwhile: the context's waits own a share of it.
struct RedisLink::Callbacks {
  static std::string_view text(const redisReply& reply) { return {reply.str, reply.len}; }

  static void answer(redisAsyncContext* context, void* raw, void* data) {
    const std::unique_ptr<Pending> pending(static_cast<Pending*>(data));
    RedisLink& link = *pending->link;
    if (link.closed_) return;
    RedisAnswer answer;
    if (const auto* reply = static_cast<const redisReply*>(raw); reply != nullptr) {
      const bool error = reply->type == REDIS_REPLY_ERROR;
      answer.kind = error ? RedisAnswer::Kind::error : RedisAnswer::Kind::ok;
      if (reply->str != nullptr) answer.text = text(*reply);
    }
    // Not those of a context that was given up a moment ago.
    if (context == link.context_) {
      link.last_answer_ = monotonic_now();
      --link.unanswered_;
      link.unanswered_bytes_ -= pending->bytes;
    }
    if (pending->counted) {
      ++(answer.ok() ? link.counters_.commands : link.counters_.commands_failed);
    }
    if (pending->answered) pending->answered(answer);
  }

  static void push(redisAsyncContext* context, void* raw, void* data) {
    RedisLink& link = *static_cast<RedisLink*>(data);
    const auto* reply = static_cast<const redisReply*>(raw);
    if (link.closed_ || context != link.context_ || reply == nullptr) return;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 3) return;
    const redisReply& kind = *reply->element[0];
    const redisReply& channel = *reply->element[1];
    const redisReply& payload = *reply->element[2];
    if (kind.str == nullptr || channel.str == nullptr) return;
    link.pushed(text(kind), text(channel),
                payload.str == nullptr ? std::string_view() : text(payload));
  }
};

RedisLink::RedisLink(boost::asio::io_context& io, const RedisSettings& settings,
                     RedisCounters& counters, std::string own_channel, Handlers handlers)
    : io_(io),
      settings_(settings),
      counters_(counters),
      own_channel_(std::move(own_channel)),
      handlers_(std::move(handlers)),
      lookup_(io),
      retry_timer_(io),
      tick_timer_(io) {}

void RedisLink::start() {
  last_tick_ = monotonic_now();
  retry_timer_.after(0, [this] { connect(); });
  tick_timer_.after(0, [this] { tick(); });
}

void RedisLink::close() {
  closed_ = true;
  ready_ = connecting_ = false;
  retry_timer_.cancel();
  tick_timer_.cancel();
  lookup_.cancel();
  if (context_ != nullptr) redisAsyncFree(std::exchange(context_, nullptr));
}

void RedisLink::connect() {
  attempt_began_ = monotonic_now();
  connecting_ = true;
  lookup_.find(settings_.host, settings_.port, [this](Result<std::vector<std::string>> found) {
    if (!found) return end(fmt::format("its host is not found: {}", found.error().message));
    // A host with several addresses: another one in each attempt.
    open((*found)[attempts_++ % found->size()]);
  });
}

void RedisLink::open(const std::string& address) {
  redisAsyncContext* context = redisAsyncConnect(address.c_str(), settings_.port);
  if (context == nullptr) return end("out of memory");
  if (context->err != 0) {
    const std::string reason = context->errstr;
    redisAsyncFree(context);
    return end(reason);
  }
  const auto self = shared_from_this();
  const auto waits = wait_on_descriptor(io_, *context, [self](redisAsyncContext& gone) {
    if (self->context_ != &gone) return;
    self->context_ = nullptr;
    if (!self->closed_) self->ended(gone.errstr != nullptr ? gone.errstr : "connection closed");
  });
  if (!waits) {
    redisAsyncFree(context);
    return end(waits.error().message);
  }
  context_ = context;
  greet();
}

/// Pipelined: hiredis sends these as soon as it is connected, and the first error decides.
void RedisLink::greet() {
  const auto must_work = [this](const RedisAnswer& answer) {
    if (answer.kind == RedisAnswer::Kind::error) end(std::string(answer.text));
  };
  if (!settings_.password.empty()) {
    std::vector<std::string_view> words = {"AUTH"};
    if (!settings_.user.empty()) words.push_back(settings_.user);
    words.push_back(settings_.password);
    send(words, must_work);
  }
  if (settings_.database != 0) send({"SELECT", std::to_string(settings_.database)}, must_work);
  send({"PING"}, [this, must_work](const RedisAnswer& answer) {
    must_work(answer);
    if (!answer.ok() || context_ == nullptr) return;
    subscriber() ? ping() : become_ready();
  });
}

void RedisLink::become_ready() {
  connecting_ = false;
  ready_ = true;
  ready_since_ = monotonic_now();
  if (std::exchange(was_ready_before_, true)) ++counters_.reconnects;
  handlers_.ready();
}

void RedisLink::end(const std::string& reason) {
  // Within a callback of hiredis the context is freed when that returns, else now.
  redisAsyncContext* context = std::exchange(context_, nullptr);
  if (context != nullptr) redisAsyncFree(context);
  ended(reason);
}

void RedisLink::ended(const std::string& reason) {
  const bool was_ready = std::exchange(ready_, false);
  connecting_ = false;
  unanswered_ = unanswered_bytes_ = 0;
  lookup_.cancel();
  const TimeNs now = monotonic_now();
  // A connection that never lasts must not be tried at the pace of a first attempt.
  if (was_ready && now - ready_since_ >= settings_.back_off_cap) failures_ = 0;
  const TimeNs wait = redis_back_off(settings_, failures_, entropy_bits());
  failures_ = std::min(failures_ + 1, 30);
  retry_timer_.after(wait, [this] { connect(); });
  const std::string clean = without_secret(reason, settings_.password);
  was_ready ? handlers_.lost(clean) : handlers_.failed(clean);
}

void RedisLink::tick() {
  const TimeNs interval = std::max(settings_.command_timeout / 5, 10 * kMillisecond);
  tick_timer_.after(interval, [this] { tick(); });
  const TimeNs now = monotonic_now();
  // When this process itself stood still, answers may lie in the socket unread.
  const TimeNs still = now - std::exchange(last_tick_, now) - interval;
  if (still > interval) {
    last_answer_ = std::max(last_answer_, now - interval);
    attempt_began_ += still;
  }
  const auto overdue = [this] {
    return fmt::format("no answer within {}", format_duration(settings_.command_timeout));
  };
  if (connecting_ && now - attempt_began_ > settings_.command_timeout) return end(overdue());
  if (!ready_) return;
  const TimeNs silent = now - last_answer_;
  if (unanswered_ > 0 && silent > settings_.command_timeout) return end(overdue());
  if (unanswered_ == 0 && silent > settings_.command_timeout / 2) ping();
}

void RedisLink::ping() {
  subscriber() ? void(change("SUBSCRIBE", {own_channel_})) : void(send({"PING"}, nullptr));
}

bool RedisLink::command(const std::vector<std::string_view>& words, Answered answered) {
  return ready_ && send(words, std::move(answered));
}

bool RedisLink::send(const std::vector<std::string_view>& words, Answered answered) {
  if (context_ == nullptr) return false;
  std::vector<const char*> starts;
  std::vector<std::size_t> lengths;
  std::size_t bytes = 0;
  for (const std::string_view word : words) {
    starts.push_back(word.data());
    lengths.push_back(word.size());
    bytes += word.size();
  }
  auto pending = std::make_unique<Pending>(Pending{this, std::move(answered), bytes, ready_});
  const int status =
      redisAsyncCommandArgv(context_, &Callbacks::answer, pending.get(),
                            static_cast<int>(starts.size()), starts.data(), lengths.data());
  if (status != REDIS_OK) return false;
  pending.release();
  expect(1, bytes);
  return true;
}

bool RedisLink::change(std::string_view verb, const std::vector<std::string>& channels) {
  if (context_ == nullptr || channels.empty()) return false;
  std::vector<const char*> starts = {verb.data()};
  std::vector<std::size_t> lengths = {verb.size()};
  for (const std::string& channel : channels) {
    starts.push_back(channel.data());
    lengths.push_back(channel.size());
  }
  const int status =
      redisAsyncCommandArgv(context_, &Callbacks::push, this, static_cast<int>(starts.size()),
                            starts.data(), lengths.data());
  if (status != REDIS_OK) return false;
  expect(channels.size(), 0);  // each channel has its own answer
  return true;
}

void RedisLink::expect(std::size_t answers, std::size_t bytes) {
  if (unanswered_ == 0) last_answer_ = monotonic_now();
  unanswered_ += answers;
  unanswered_bytes_ += bytes;
}

void RedisLink::pushed(std::string_view kind, std::string_view channel, std::string_view payload) {
  last_answer_ = monotonic_now();
  if (kind == "message") {
    if (ready_) handlers_.message(channel, payload);
    return;
  }
  // "subscribe" and "unsubscribe".
  if (unanswered_ > 0) --unanswered_;
  ++counters_.commands;
  if (!ready_ && channel == own_channel_) become_ready();
}

}  // namespace wsfleet
