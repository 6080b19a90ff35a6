// SPDX-License-Identifier: Apache-2.0
// The worker's sessions: attempts, messages, ends. What comes next is decided by ClientLife.
#include <algorithm>

#include "loadgen/live/load_session.h"
#include "loadgen/live/load_worker.h"

namespace wsfleet {
namespace {

// A server that refuses by 1013 says so at once; its close frame may come in a segment of its own.
constexpr TimeNs kAdmittedAfter = 250 * kMillisecond;
// More than this is not queued for one connection: the rest waits, and its latency counts on.
constexpr std::size_t kQueueBytes = 1024 * 1024;
constexpr TimeNs kQueueFullPause = 10 * kMillisecond;

}  // namespace

LoadWorker::Session& LoadWorker::add_session(const PlannedSession& plan) {
  std::uint32_t slot = static_cast<std::uint32_t>(sessions_.size());
  if (free_slots_.empty()) {
    sessions_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  sessions_[slot] = std::make_unique<Session>(plan);
  sessions_[slot]->slot = slot;
  sessions_[slot]->generation = ++generations_;
  ++live_sessions_;
  return *sessions_[slot];
}

void LoadWorker::say(const Session& session, std::string_view word) const {
  if (setup_->words != nullptr && recording_) setup_->words->say(session.life.serial(), word);
}

void LoadWorker::begin_attempt(Session& session, TimeNs intended) {
  if (!recording_) return;
  const TimeNs began = now();
  session.life.begin_attempt();
  const bool first = session.life.attempts() == 1;
  if (first) {
    count(began, Figure::sessions_started);
    session.first_attempt = began;
    const PlannedSession& plan = session.plan;
    figures_.sessions.add(plan.serial, session.plan.wanted_since(), plan.length);
    say(session, "connecting");
  }
  count(began, Figure::attempts_started);
  if (session.life.was_open()) count(began, Figure::reconnects);
  figures_.histograms.start_lateness.record(began - intended);
  figures_.late(std::min(began, setup_->plan.duration - 1), began - intended);

  const Target* target = choose_target(session, began);
  if (target == nullptr) return attempt_ended(session, Figure::refused_no_endpoint, began, 0);
  const ConnectionSettings& shared = setup_->connections;
  const boost::asio::ip::address* source = nullptr;
  if (!shared.source_addresses.empty()) {
    source = &shared.source_addresses[session.plan.source % shared.source_addresses.size()];
  }
  session.state = SessionState::connecting;
  session.attempt_began = began;
  session.generation = ++generations_;
  session.connection = target->url.tls ? make_tls_client(*this, session.slot)
                                       : make_plain_client(*this, session.slot);
  ++connections_;
  if (const auto failure = session.connection->connect(*target, source)) {
    forget_connection(session);
    return attempt_ended(session, *failure, now(), 0);
  }
  push(began + setup_->plan.workload.reconnect.connect_timeout, TimerKind::deadline, &session);
}

const Target* LoadWorker::choose_target(Session& session, TimeNs now) {
  const PlannedSession& plan = session.plan;
  if (fleet_) {
    const auto pick = fleet_->pick({plan.serial, session.life.attempts(), plan.source, now});
    session.pick = pick.value_or(TargetPick{});
    return session.pick.target;
  }
  const std::vector<Target>& targets = setup_->connections.targets;
  return &targets[(plan.serial + session.life.attempts() - 1) % targets.size()];
}

std::string LoadWorker::request_target(std::uint32_t slot, const Target& target) const {
  if (!setup_->plan.in_rooms) return target.url.target;
  return room_target(target.url.target, sessions_[slot]->plan.room);
}

void LoadWorker::on_attempt_failed(std::uint32_t slot, Figure as, TimeNs retry_after) {
  Session& session = *sessions_[slot];
  forget_connection(session);
  attempt_ended(session, as, now(), retry_after);
}

void LoadWorker::attempt_ended(Session& session, Figure as, TimeNs now, TimeNs retry_after) {
  if (!recording_) return;
  count_attempt(now, as, now - session.attempt_began);
  const TimeNs pause = setup_->respect_retry_after ? retry_after : 0;
  go_on(session, session.life.attempt_failed(now, reconnects_, pause, session.plan.until), now);
}

// --- Open: as a session that is served once a message came, or 1013 did not.
void LoadWorker::on_opened(std::uint32_t slot) {
  Session& session = *sessions_[slot];
  const TimeNs opened = now();
  session.state = SessionState::open;
  session.opened_at = opened;
  session.last_heard = opened;
  session.admitted = false;
  session.generation = ++generations_;
  if (!recording_) return session.connection->close();
  push(opened + kAdmittedAfter, TimerKind::admitted, &session);
  if (setup_->idle_timeout > 0) push(opened + setup_->idle_timeout, TimerKind::idle, &session);
  session.flow.opened(setup_->messages, opened,
                      phase_.uniform(session.life.serial(), session.life.attempts()));
  send_due(session, opened);  // the read that follows flushes
}

void LoadWorker::admit(Session& session, TimeNs now) {
  const bool first = !session.life.was_open();
  session.admitted = true;
  session.life.opened(session.plan.connected_from(session.opened_at), session.plan.until);
  if (first) session.first_opened = session.opened_at;
  const TimeNs took = session.opened_at - session.attempt_began;
  count_attempt(now, Figure::opened, took);
  say(session, "alive");
  LoadHistograms& histograms = figures_.histograms;
  if (scored(session.attempt_began)) {
    histograms.attempt_time.record(took);
  }
  const TimeNs wanted = session.plan.wanted_since();
  if (first && session.opened_at >= wanted && scored(wanted)) {
    histograms.time_to_connect.record(session.opened_at - wanted);
  }
  if (session.life.ends_at() != kNever) {
    push(session.life.ends_at(), TimerKind::session_end, &session);
  }
}

// --- Messages.
void LoadWorker::send_due(Session& session, TimeNs now) {
  const bool has_schedule = setup_->messages.period > 0 || setup_->messages.think_time > 0;
  std::int64_t messages = 0;
  bool full = false;
  while (session.flow.next_due() <= now) {
    full = session.connection->queued_bytes() > kQueueBytes;
    if (full) break;
    const TimeNs intended = session.flow.next_due();
    session.connection->send(payload_.of(session.life.serial(), session.flow.sent()));
    ++messages;
    if (!has_schedule || !recording_) continue;
    figures_.histograms.send_lateness.record(now - intended);
    figures_.late(std::min(now, setup_->plan.duration - 1), now - intended);
  }
  if (messages > 0) {
    count(now, Figure::messages_sent, messages);
    count(now, Figure::bytes_sent, messages * setup_->messages.bytes);
  }
  const TimeNs due = full ? now + kQueueFullPause : session.flow.next_due();
  if (due == kNever || session.message_armed) return;
  session.message_armed = true;
  push(due, TimerKind::message, &session);
}

void LoadWorker::on_message(std::uint32_t slot, std::string_view payload) {
  Session& session = *sessions_[slot];
  if (!recording_) return;
  const TimeNs arrived = now();
  session.last_heard = arrived;
  if (!session.admitted) admit(session, arrived);
  count(arrived, Figure::bytes_received, static_cast<std::int64_t>(payload.size()));
  const std::uint64_t serial = session.life.serial();
  const bool of_another =
      setup_->messages.replies == Replies::room && Payload::serial_of(payload) != serial;
  if (of_another || !session.flow.awaits_reply()) {
    return count(arrived, Figure::messages_from_others);
  }
  count(arrived, Figure::messages_received);
  if (!payload_.matches(payload, serial, session.flow.next_reply())) {
    count(arrived, Figure::messages_mismatched);
  }
  const TimeNs intended = session.flow.replied(arrived);
  const TimeNs took = arrived - intended;
  if (scored(intended)) figures_.histograms.message_latency.record(took);
  if (setup_->late_message > 0 && took > setup_->late_message) {
    count(arrived, Figure::messages_late);
  }
  if (session.state == SessionState::ending) {
    if (session.flow.awaits_reply()) return;
    session.state = SessionState::closing;
    return session.connection->close();
  }
  if (setup_->messages.period == 0) send_due(session, arrived);  // the next read flushes
}

void LoadWorker::on_control(std::uint32_t slot) { sessions_[slot]->last_heard = now(); }

void LoadWorker::check_idle(Session& session, TimeNs now) {
  const TimeNs ends = session.last_heard + setup_->idle_timeout;
  if (ends > now) return push(ends, TimerKind::idle, &session);
  session.connection->abort(Figure::closed_idle_timeout);
}

// --- Ends.
void LoadWorker::end_session(Session& session) {
  if (session.state != SessionState::open) return;
  session.flow.stop();
  push(now() + setup_->close_timeout, TimerKind::close_timeout, &session);
  if (session.flow.awaits_reply()) {
    session.state = SessionState::ending;
    return;
  }
  session.state = SessionState::closing;
  session.connection->close();
}

void LoadWorker::on_closing(std::uint32_t slot) {
  push(now() + setup_->close_timeout, TimerKind::close_timeout, sessions_[slot].get());
}

void LoadWorker::on_closed(std::uint32_t slot, Figure cause, int code) {
  Session& session = *sessions_[slot];
  const TimeNs ended = now();
  forget_connection(session);
  if (!recording_) return;
  const bool refused = !session.admitted && code == 1013;
  lose_messages(session, ended, refused);
  if (refused) return attempt_ended(session, Figure::refused_1013, ended, 0);
  if (!session.admitted) admit(session, ended);
  count(ended, cause);
  if (code != 0) ++figures_.close_codes[code];
  if (cause == Figure::closed_own_end || cause == Figure::closed_close_timeout) {
    return go_on(session, {NextStep::completed}, ended);
  }
  // Over dead air its time was over when the last sign of life came.
  const TimeNs lost_at = cause == Figure::closed_idle_timeout ? session.last_heard : ended;
  go_on(session, session.life.cut(lost_at, ended, reconnects_, session.plan.until), ended);
}

// What went down with a refused attempt says nothing on the latency of messages.
void LoadWorker::lose_messages(Session& session, TimeNs now, bool refused) {
  while (const auto intended = session.flow.take_lost()) {
    count(now, Figure::messages_lost);
    if (!refused && setup_->late_message > 0) count(now, Figure::messages_late);
    if (!refused && scored(*intended)) figures_.histograms.message_latency.record_infinite();
  }
}

void LoadWorker::go_on(Session& session, const ClientStep& step, TimeNs now) {
  if (step.next == NextStep::retry) {
    session.state = SessionState::waiting;
    say(session, "retrying");
    return push(step.at, TimerKind::attempt, &session);
  }
  const PlannedSession plan = session.plan;
  const bool lost = step.next == NextStep::lost;
  count(now, lost ? Figure::sessions_lost : Figure::sessions_completed);
  if (lost) say(session, "failed");
  if (lost && !session.life.was_open() && scored(session.plan.wanted_since())) {
    figures_.histograms.time_to_connect.record_infinite();
  }
  if (setup_->log_sessions) log(session);
  free_slots_.push_back(session.slot);
  sessions_[session.slot].reset();
  --live_sessions_;
  if (lost) return;
  if (const auto next = plan_->successor(plan, now)) begin_attempt(add_session(*next), next->start);
}

}  // namespace wsfleet
