// SPDX-License-Identifier: Apache-2.0
#pragma once
// One thread of the load generator: its share of the planned sessions, their connections on one
// io_context, one timer for all of them. run() belongs to the thread; view() may be called from
// any other one.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/frames.h"
#include "core/random.h"
#include "core/time.h"
#include "loadgen/client_life.h"
#include "loadgen/live/clients/client_connection.h"
#include "loadgen/live/clients/message_flow.h"
#include "loadgen/live/figures/figures.h"
#include "loadgen/live/figures/session_log.h"
#include "loadgen/live/outputs/status_words.h"
#include "loadgen/live/sessions/session_plan.h"
#include "loadgen/live/sessions/timer_queue.h"
#include "loadgen/live/targets/fleet_targets.h"
#include "loadgen/live/targets/target_choice.h"

namespace wsfleet {

/// What all workers of a run share; unchanged while they run.
struct LoadSetup {
  PlanSettings plan;
  MessageSettings messages;
  ConnectionSettings connections;
  TimeNs epoch = 0;         // monotonic_now() at t = 0
  TimeNs warmup = 0;        // histograms begin then
  TimeNs idle_timeout = 0;  // 0: none
  TimeNs close_timeout = 5 * kSecond;
  bool respect_retry_after = false;
  TimeNs late_connect = 0;  // 0: late attempts are not counted
  TimeNs late_message = 0;
  std::string targets_file;  // "": the targets of `connections`
  TargetChoices choices;     // with targets_file
  TargetChoiceSettings choice;
  bool log_sessions = false;
  bool publish_histograms = false;  // in view()
  StatusWords* words = nullptr;
};

/// Where a worker is; figures since the start.
struct LoadView {
  Counts counts{};
  LoadHistograms histograms;  // up to a second old
  double cpu_s = 0;
  bool done = false;
};

class LoadWorker {
 public:
  /// The first of several tells what concerns all of them.
  LoadWorker(const LoadSetup& setup, Share share, bool is_first);
  ~LoadWorker();

  /// Until the end of the run, or soon after stop_requested().
  void run();
  LoadFigures take_figures() { return std::move(figures_); }
  std::vector<SessionLogEntry> take_session_log() { return std::move(session_log_); }
  bool stopped() const { return stopped_; }
  LoadView view() const;

  // For connections, which each call belongs to.
  boost::asio::io_context& io() { return io_; }
  const ConnectionSettings& connection_settings() const { return setup_->connections; }
  MaskingKeys& masking_keys() { return masking_keys_; }
  /// The path to ask for: the target's, or its room's.
  std::string request_target(std::uint32_t slot, const Target& target) const;
  void on_opened(std::uint32_t slot);
  void on_attempt_failed(std::uint32_t slot, Figure as, TimeNs retry_after);
  void on_message(std::uint32_t slot, std::string_view payload);
  void on_control(std::uint32_t slot);
  /// Only the server's end of the TCP connection is waited for.
  void on_closing(std::uint32_t slot);
  void on_closed(std::uint32_t slot, Figure cause, int code);

 private:
  struct Session;

  TimeNs now() const;
  void count(TimeNs now, Figure figure, std::int64_t amount = 1);
  void count_attempt(TimeNs now, Figure as, TimeNs took);
  bool scored(TimeNs time) const { return recording_ && time >= setup_->warmup; }
  void say(const Session& session, std::string_view word) const;

  // Timers (load_worker.cpp).
  void push(TimeNs at, TimerKind kind, const Session* session = nullptr);
  void arm();
  void process_due();
  void handle(const TimerEvent& event, TimeNs now);
  void handle_session(const TimerEvent& event, Session& session, TimeNs now);
  void expect_arrival();
  void on_arrival();
  void on_tick(TimeNs now);
  void publish(TimeNs now, bool done);
  void finish(TimeNs now);
  void count_left_over(TimeNs now);
  void forget_connection(Session& session);
  void log(const Session& session);

  // Sessions (load_sessions.cpp).
  Session& add_session(const PlannedSession& plan);
  void begin_attempt(Session& session, TimeNs intended);
  const Target* choose_target(Session& session, TimeNs now);
  void attempt_ended(Session& session, Figure as, TimeNs now, TimeNs retry_after);
  void admit(Session& session, TimeNs now);
  void go_on(Session& session, const ClientStep& step, TimeNs now);
  void end_session(Session& session);
  void check_idle(Session& session, TimeNs now);
  void send_due(Session& session, TimeNs now);
  void lose_messages(Session& session, TimeNs now, bool refused);

  const LoadSetup* setup_;
  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};  // its own thread's alone
  MaskingKeys masking_keys_;
  boost::asio::steady_timer timer_;
  TimeNs armed_for_ = kNever;
  TimerQueue queue_;

  Share share_;
  std::unique_ptr<SessionPlan> plan_;
  std::optional<PlannedSession> arriving_;
  std::optional<FleetTargets> fleet_;  // with --targets-file
  ReconnectModel reconnects_;
  RandomStream phase_;
  Payload payload_;
  std::vector<std::unique_ptr<Session>> sessions_;  // by slot
  std::vector<std::uint32_t> free_slots_;
  std::uint32_t generations_ = 0;
  std::int64_t connections_ = 0;  // objects, attempts included
  std::int64_t live_sessions_ = 0;

  LoadFigures figures_;
  std::vector<SessionLogEntry> session_log_;
  bool recording_ = true;
  bool stopped_ = false;
  TimeNs began_ = 0;
  double cpu_began_s_ = 0;

  mutable std::mutex view_mutex_;
  LoadView view_;
  std::size_t published_rows_ = 0;
  Counts published_counts_{};
  TimeNs histograms_published_ = 0;
};

}  // namespace wsfleet
