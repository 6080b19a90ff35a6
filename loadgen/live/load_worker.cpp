// SPDX-License-Identifier: Apache-2.0
// The worker's time: its timers, the arrivals, the end of the run.
#include "loadgen/live/load_worker.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "core/live/live_clock.h"
#include "core/live/stop.h"
#include "loadgen/live/load_session.h"

namespace wsfleet {
namespace {

constexpr TimeNs kTick = 100 * kMillisecond;
constexpr TimeNs kLookAtTargets = 50 * kMillisecond;
// After so many timers the sockets get their turn.
constexpr int kTimersInARow = 64;
// Ctrl-C: long enough for close frames to leave.
constexpr TimeNs kStopTimeout = 200 * kMillisecond;

double thread_cpu_s() {
  rusage use{};
  getrusage(RUSAGE_THREAD, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

}  // namespace

LoadWorker::LoadWorker(const LoadSetup& setup, Share share, bool is_first)
    : setup_(&setup),
      timer_(io_),
      share_(share),
      plan_(make_session_plan(setup.plan, share)),
      reconnects_(setup.plan.workload.reconnect, RandomStreams(setup.plan.seed)),
      phase_(RandomStreams(setup.plan.seed).stream("loadgen.message_phase")),
      payload_(setup.messages.bytes) {
  if (!setup.targets_file.empty()) {
    fleet_.emplace(setup.targets_file, setup.choices.make(setup.choice), is_first);
  }
  figures_.replies_expected = setup.messages.replies != Replies::none;
}

LoadWorker::~LoadWorker() = default;

TimeNs LoadWorker::now() const { return monotonic_now() - setup_->epoch; }

void LoadWorker::count(TimeNs now, Figure figure, std::int64_t amount) {
  if (recording_) figures_.add(std::min(now, setup_->plan.duration - 1), figure, amount);
}

void LoadWorker::count_attempt(TimeNs now, Figure as, TimeNs took) {
  if (!recording_) return;
  figures_.attempt_ended(std::min(now, setup_->plan.duration - 1), as, took, setup_->late_connect);
}

void LoadWorker::run() {
  cpu_began_s_ = thread_cpu_s();
  began_ = now();
  push(began_ + kTick, TimerKind::tick);
  if (fleet_) push(began_, TimerKind::targets);
  if (setup_->plan.duration != kNever) push(setup_->plan.duration, TimerKind::run_end);
  expect_arrival();
  figures_.row(arriving_ ? std::min<TimeNs>(0, arriving_->start) : 0);  // rows begin there
  arm();
  io_.run();
  publish(now(), /*done=*/true);
}

void LoadWorker::push(TimeNs at, TimerKind kind, const Session* session) {
  TimerEvent event{.at = at, .kind = kind};
  if (session != nullptr) {
    event.slot = session->slot;
    event.generation = session->generation;
  }
  queue_.push(event);
  if (at < armed_for_) arm();
}

void LoadWorker::arm() {
  if (queue_.empty() || queue_.top().at == armed_for_) return;
  armed_for_ = queue_.top().at;
  timer_.expires_at(
      boost::asio::steady_timer::time_point(std::chrono::nanoseconds(setup_->epoch + armed_for_)));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) process_due();
  });
}

void LoadWorker::process_due() {
  armed_for_ = INT64_MIN;  // nothing that is pushed meanwhile arms
  for (int i = 0; i < kTimersInARow && !queue_.empty(); ++i) {
    const TimeNs time = now();
    if (queue_.top().at > time) break;
    handle(queue_.pop(), time);
  }
  armed_for_ = kNever;
  arm();
}

void LoadWorker::handle(const TimerEvent& event, TimeNs now) {
  switch (event.kind) {
    case TimerKind::tick:
      return on_tick(now);
    case TimerKind::targets:
      fleet_->refresh(now);
      return push(now + kLookAtTargets, TimerKind::targets);
    case TimerKind::run_end:
      if (recording_) return finish(std::min(now, setup_->plan.duration));
      return io_.stop();
    case TimerKind::arrival:
      return on_arrival();
    default:
      break;
  }
  Session* session = sessions_[event.slot].get();
  if (session == nullptr || session->generation != event.generation) return;
  handle_session(event, *session, now);
}

void LoadWorker::handle_session(const TimerEvent& event, Session& session, TimeNs now) {
  switch (event.kind) {
    case TimerKind::attempt:
      return begin_attempt(session, event.at);
    case TimerKind::deadline:
      return session.connection->abort(Figure::failed_timeout);
    case TimerKind::admitted:
      if (!session.admitted) admit(session, now);
      return;
    case TimerKind::session_end:
      return end_session(session);
    case TimerKind::message:
      session.message_armed = false;
      send_due(session, now);
      return session.connection->flush();
    case TimerKind::idle:
      return check_idle(session, now);
    case TimerKind::close_timeout:
      if (session.state == SessionState::ending) {  // the replies did not come: leave without them
        session.state = SessionState::closing;
        session.connection->close();
        return push(now + setup_->close_timeout, TimerKind::close_timeout, &session);
      }
      return session.connection->abort(Figure::closed_close_timeout);
    default:
      return;
  }
}

// --- Arrivals: one planned session at a time.
void LoadWorker::expect_arrival() {
  arriving_ = plan_->next();
  if (arriving_) push(arriving_->start, TimerKind::arrival);
}

void LoadWorker::on_arrival() {
  if (!recording_) return;
  const PlannedSession plan = *arriving_;
  expect_arrival();
  begin_attempt(add_session(plan), plan.start);
}

void LoadWorker::on_tick(TimeNs now) {
  if (recording_) {
    const bool nothing_left = setup_->plan.duration == kNever && !arriving_ && live_sessions_ == 0;
    if (stop_requested()) stopped_ = true;
    if (stopped_ || nothing_left) finish(now);
  }
  publish(now, /*done=*/false);
  push(now + kTick, TimerKind::tick);
}

void LoadWorker::publish(TimeNs now, bool done) {
  // Sums up what is new: a long run has many rows.
  const std::vector<LoadRow>& rows = figures_.rows();
  for (; published_rows_ + 1 < rows.size(); ++published_rows_) {
    for (std::size_t i = 0; i < kFigures; ++i) {
      published_counts_[i] += rows[published_rows_].counts[i];
    }
  }
  const std::lock_guard lock(view_mutex_);
  view_.done = done;
  view_.cpu_s = thread_cpu_s() - cpu_began_s_;
  view_.counts = published_counts_;
  if (!rows.empty()) {
    for (std::size_t i = 0; i < kFigures; ++i) view_.counts[i] += rows.back().counts[i];
  }
  if (setup_->publish_histograms && (done || now - histograms_published_ >= kSecond)) {
    view_.histograms = figures_.histograms;
    histograms_published_ = now;
  }
}

LoadView LoadWorker::view() const {
  const std::lock_guard lock(view_mutex_);
  return view_;
}

// --- The end: figures stop here, then every connection is closed.
void LoadWorker::finish(TimeNs now) {
  count_left_over(now);
  recording_ = false;
  figures_.threads = {{thread_cpu_s() - cpu_began_s_, to_seconds(now - began_)}};
  for (const auto& session : sessions_) {
    if (session == nullptr || session->connection == nullptr) continue;
    if (session->state == SessionState::connecting) {
      session->connection->abort(Figure::failed_other);
    } else {
      session->flow.stop();
      session->connection->close();
    }
  }
  if (connections_ == 0) return io_.stop();
  push(this->now() + (stopped_ ? kStopTimeout : setup_->close_timeout), TimerKind::run_end);
}

void LoadWorker::count_left_over(TimeNs now) {
  for (const auto& session : sessions_) {
    if (session == nullptr) continue;
    if (setup_->log_sessions) log(*session);
    if (session->state == SessionState::waiting) {
      ++figures_.left.sessions_waiting;
    } else if (session->state == SessionState::connecting) {
      ++figures_.left.attempts_under_way;
    } else {
      if (!session->admitted) admit(*session, now);
      ++figures_.left.connections_open;
      figures_.left.messages_in_flight += static_cast<std::int64_t>(session->flow.in_flight());
    }
  }
  figures_.row(std::min(now, setup_->plan.duration) - 1);  // quiet seconds have rows too
}

void LoadWorker::log(const Session& session) {
  const PlannedSession& plan = session.plan;
  session_log_.push_back({.serial = plan.serial,
                          .intended = session.plan.wanted_since(),
                          .length = plan.length,
                          .source = plan.source,
                          .first_attempt = session.first_attempt,
                          .opened = session.first_opened,
                          .attempts = session.life.attempts()});
}

void LoadWorker::forget_connection(Session& session) {
  if (session.pick.target != nullptr) {
    const TimeNs time = now();
    fleet_->release(session.pick, time, time - session.attempt_began);
    session.pick = {};
  }
  session.connection.reset();
  session.generation = ++generations_;
  session.message_armed = false;
  --connections_;
  if (!recording_ && connections_ == 0) io_.stop();
}

}  // namespace wsfleet
