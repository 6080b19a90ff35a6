// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/sessions/session_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "server/live/redis/link/redis_errors.h"

namespace wsfleet {
namespace {

constexpr std::size_t kWindow = 1000;      // commands on their way
constexpr std::size_t kDeleteBatch = 100;  // keys in one DEL
constexpr int kRefreshSteps = 100;         // in the time between two refreshes of a key

TimeNs refresh_interval(const RedisSettings& settings) { return settings.session_ttl / 3; }

}  // namespace

SessionKeys::SessionKeys(boost::asio::io_context& io, RedisLink& link,
                         const RedisSettings& settings, const std::string& pod_id,
                         RedisCounters& counters, RedisEventHandler tell)
    : link_(link),
      settings_(settings),
      counters_(counters),
      tell_(std::move(tell)),
      refresh_timer_(io),
      pump_timer_(io),
      hold_timer_(io),
      stop_timer_(io) {
  const auto replace = nlohmann::json::error_handler_t::replace;
  value_end_ =
      fmt::format(R"(","pod_id":{}}})", nlohmann::json(pod_id).dump(-1, ' ', false, replace));
  const TimeNs ttl = std::max(settings.session_ttl, kMillisecond);
  const bool whole_seconds = ttl % kSecond == 0;
  life_unit_ = whole_seconds ? "EX" : "PX";
  life_ = std::to_string(whole_seconds ? ttl / kSecond : ttl / kMillisecond);
}

void SessionKeys::opened(std::string_view session_id) {
  if (stopping_) return;
  const auto id = SessionId::parse(session_id);
  if (!id) {
    tell_({LogLevel::error, "redis_bad_session",
           fmt::format("the session '{}' has no UUID, and so no key", session_id)});
    return;
  }
  if (!open_.try_emplace(*id).second) return;
  to_write_.push_back(*id);
  update_pending();
  // Those that open in the same turn of the loop go out together.
  if (!pump_timer_.armed()) pump_timer_.after(0, [this] { pump(); });
}

void SessionKeys::closed(std::string_view session_id) {
  const auto id = SessionId::parse(session_id);
  const auto found = id ? open_.find(*id) : open_.end();
  if (found == open_.end()) return;
  const bool sent = found->second.sent;
  set_written(found->second, false);
  open_.erase(found);
  if (sent) delete_later(*id);
  update_pending();
  if (!pump_timer_.armed()) pump_timer_.after(0, [this] { pump(); });
}

void SessionKeys::link_ready() {
  refusals_ = 0;
  hold_timer_.cancel();
  to_write_.clear();
  refresh_.clear();
  for (auto& [id, session] : open_) {
    set_written(session, false);
    to_write_.push_back(id);
  }
  if (was_lost_) {
    restoring_since_ = monotonic_now();
    restored_deletes_ = deletes_.size();
  }
  refresh();
  pump();
}

void SessionKeys::link_lost() {
  was_lost_ = true;
  // A restarted Redis may have lost everything: nothing counts as written.
  for (auto& [id, session] : open_) set_written(session, false);
  on_the_way_ = 0;
  update_pending();
  if (stopping_) finish_stop();
}

/// Deletes first: an id that was closed and opened again must end with its key.
void SessionKeys::pump() {
  while (link_.ready() && !hold_timer_.armed() && on_the_way_ < kWindow) {
    if (!send_deletes() && !send_write()) break;
  }
  update_pending();
  const bool idle = deletes_.empty() && to_write_.empty() && on_the_way_ == 0 && link_.ready();
  if (idle && restoring_since_ != 0) {
    tell_({LogLevel::info, "redis_restored",
           fmt::format("{} session keys written again and {} removed in {}", open_.size(),
                       restored_deletes_,
                       format_duration_short(monotonic_now() - restoring_since_))});
    restoring_since_ = 0;
  }
  if (stopping_ && (idle || !link_.ready())) finish_stop();
}

bool SessionKeys::send_deletes() {
  if (deletes_.empty()) return false;
  std::vector<SessionId> ids;
  std::vector<std::string> keys;
  while (!deletes_.empty() && ids.size() < kDeleteBatch) {
    ids.push_back(deletes_.front());
    keys.push_back(settings_.key_prefix + deletes_.front().text());
    deletes_.pop_front();
  }
  std::vector<std::string_view> words = {"DEL"};
  words.insert(words.end(), keys.begin(), keys.end());
  ++on_the_way_;
  deletes_on_the_way_ += ids.size();
  const bool taken = link_.command(
      words, [this, ids](const RedisAnswer& answer) { deletes_answered(ids, answer); });
  if (!taken) deletes_answered(ids, {});
  return taken;
}

void SessionKeys::deletes_answered(const std::vector<SessionId>& ids, const RedisAnswer& answer) {
  deletes_on_the_way_ -= ids.size();
  if (!answer.ok()) {
    for (const SessionId& id : ids) delete_later(id);
  }
  if (answer.kind == RedisAnswer::Kind::lost) return;
  if (on_the_way_ > 0) --on_the_way_;
  answer.ok() ? void(refusals_ = 0) : refused(answer.text);
  pump();
}

bool SessionKeys::send_write() {
  while (!to_write_.empty()) {
    const SessionId id = to_write_.front();
    to_write_.pop_front();
    const auto found = open_.find(id);
    if (found == open_.end()) continue;
    const std::string text = id.text();
    const std::string key = settings_.key_prefix + text;
    const std::string value = R"({"session_id":")" + text + value_end_;
    const bool taken =
        link_.command({"SET", key, value, life_unit_, life_},
                      [this, id](const RedisAnswer& answer) { write_answered(id, answer); });
    // Not taken: the link is about to be lost, and all is written again when it is back.
    if (!taken) return false;
    found->second.sent = true;
    ++on_the_way_;
    return true;
  }
  return false;
}

void SessionKeys::write_answered(const SessionId& id, const RedisAnswer& answer) {
  if (answer.kind == RedisAnswer::Kind::lost) return;
  if (on_the_way_ > 0) --on_the_way_;
  if (const auto found = open_.find(id); found != open_.end()) {
    set_written(found->second, answer.ok());
    if (answer.ok()) {
      refresh_.push_back({id, monotonic_now() + refresh_interval(settings_)});
    } else {
      to_write_.push_back(id);
    }
  }
  answer.ok() ? void(refusals_ = 0) : refused(answer.text);
  pump();
}

void SessionKeys::refused(std::string_view error) {
  // One line and one wait for all answers of a window.
  if (hold_timer_.armed()) return;
  if (refusals_ == 0) {
    const RedisEvent explained = explain_redis_error(without_secret(error, settings_.password));
    tell_(
        {LogLevel::error, "redis_command_failed",
         fmt::format("Redis did not write a session's key: {}; trying again", explained.message)});
  }
  hold_timer_.after(redis_back_off(settings_, refusals_, entropy_bits()), [this] { pump(); });
  refusals_ = std::min(refusals_ + 1, 30);
}

/// In small steps, so that the keys of a whole restored pod are no burst: at most twice the average
/// is sent in one step, which spreads them over half the interval, well within their life.
void SessionKeys::refresh() {
  const TimeNs step = std::max(refresh_interval(settings_) / kRefreshSteps, 10 * kMillisecond);
  refresh_timer_.after(step, [this] { refresh(); });
  if (!link_.ready()) return;
  const TimeNs now = monotonic_now();
  const auto steps = static_cast<std::size_t>(
      std::clamp<TimeNs>(refresh_interval(settings_) / step, 1, kRefreshSteps));
  std::size_t budget = 1 + 2 * open_.size() / steps;
  while (!refresh_.empty() && refresh_.front().due <= now && budget > 0) {
    if (open_.count(refresh_.front().id) > 0) {
      to_write_.push_back(refresh_.front().id);
      --budget;
    }
    refresh_.pop_front();
  }
  if (!to_write_.empty()) pump();
}

void SessionKeys::delete_later(const SessionId& id) {
  deletes_.push_back(id);
  // At a normal end the sessions are their own bound.
  if (stopping_ || deletes_.size() <= settings_.pending_deletes_max) return;
  deletes_.pop_front();
  ++counters_.deletes_given_up;
}

void SessionKeys::set_written(Session& session, bool written) {
  if (session.written == written) return;
  session.written = written;
  written ? ++written_ : --written_;
}

void SessionKeys::update_pending() {
  counters_.sessions_pending = open_.size() - written_ + deletes_.size() + deletes_on_the_way_;
}

void SessionKeys::stop(std::function<void(std::size_t)> stopped) {
  stopping_ = true;
  stopped_ = std::move(stopped);
  for (const auto& [id, session] : open_) {
    if (session.sent) delete_later(id);
  }
  open_.clear();
  written_ = 0;
  to_write_.clear();
  refresh_.clear();
  hold_timer_.cancel();
  stop_timer_.after(settings_.stop_timeout, [this] { finish_stop(); });
  pump_timer_.after(0, [this] { pump(); });
}

void SessionKeys::finish_stop() {
  refresh_timer_.cancel();
  pump_timer_.cancel();
  stop_timer_.cancel();
  if (const auto stopped = std::exchange(stopped_, nullptr)) {
    stopped(deletes_.size() + deletes_on_the_way_);
  }
}

}  // namespace wsfleet
