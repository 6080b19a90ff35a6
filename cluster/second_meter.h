// SPDX-License-Identifier: Apache-2.0
#pragma once
// The meter of every world: what happened in a second and how the pods stand at its end become a
// SecondRow. It alone says who is ready and who is supply, how even they are, which time of a pod
// counts, which attempts are late or refused for want of capacity. Backends give it facts. Counters
// are inline, simulations call them for each event. Pure; not thread-safe.

#include <cstdint>
#include <optional>
#include <utility>

#include "core/seam/run_record.h"
#include "core/time.h"
#include "loadgen/attempt_outcome.h"
#include "server/rules.h"

namespace wsfleet {

/// What ended a connection, but for the session's own end.
enum class CloseCause { moved_by_scaling, cut_by_scaling, shed, cut_by_failure };

/// A pod at the end of a second.
struct PodStanding {
  bool ready = false;    // passes its readiness probe
  bool started = false;  // has passed it before: its start-up is over
  bool running = false;  // its server is there: not starting, not waiting for its restart
  bool terminating = false;
  std::optional<std::int64_t> sockets = std::nullopt;  // nothing: not known
};

/// s(t) counts those past start-up and not terminating, full or not.
constexpr bool in_supply(const PodStanding& pod) {
  return !pod.terminating && pod.started && pod.running;
}

/// How evenly sockets are spread over the pods in supply, by Jain's index (Σx)² / (n Σx²).
class SocketSpread {
 public:
  void add(const std::optional<std::int64_t>& sockets) {
    if (!sockets) {
      known_ = false;
      return;
    }
    const auto open = static_cast<double>(*sockets);
    ++pods_;
    sum_ += open;
    squares_ += open * open;
  }
  /// 1 where there are none; nothing where one pod's are not known.
  std::optional<double> jain_index() const {
    if (!known_) return std::nullopt;
    return squares_ > 0 ? sum_ * sum_ / (pods_ * squares_) : 1.0;
  }

 private:
  double sum_ = 0;
  double squares_ = 0;
  int pods_ = 0;
  bool known_ = true;
};

/// The pods of a second, counted.
struct PodLevels {
  int ready = 0;
  int supply = 0;
  SocketSpread sockets;  // of those in supply

  void add(const PodStanding& pod) {
    if (pod.ready && !pod.terminating) ++ready;
    if (!in_supply(pod)) return;
    ++supply;
    sockets.add(pod.sockets);
  }
};

/// Pod-seconds: pods from scheduled to gone, from t = 0 on.
class PodTime {
 public:
  /// Nothing counts before `start`, the moment of t = 0.
  explicit PodTime(TimeNs start = 0) : counted_(start) {}
  void change(int by, TimeNs now) {
    if (now > counted_) {
      pod_seconds_ += pods_ * to_seconds(now - counted_);
      counted_ = now;
    }
    pods_ += by;
  }
  /// t = 0 turns out to be then: what was counted before it is none of the run's.
  void begin(TimeNs start) {
    counted_ = start;
    pod_seconds_ = 0;
  }
  double take(TimeNs now) {
    change(0, now);
    return std::exchange(pod_seconds_, 0);
  }

 private:
  int pods_ = 0;
  TimeNs counted_ = 0;
  double pod_seconds_ = 0;
};

/// Whether a refusal is for want of capacity: all are, but those of a pod that is leaving.
constexpr bool for_want_of_capacity(Admission verdict) {
  return verdict != Admission::refuse_draining;
}

/// The attempts that ended in a second, where they are counted elsewhere.
struct AttemptCounts {
  std::int64_t opened = 0;
  std::int64_t refused = 0;
  std::optional<std::int64_t> refused_draining =
      std::nullopt;  // of them, by pods that were leaving
  std::int64_t failed = 0;
  std::int64_t late = 0;  // by attempt_is_late()
};

class SecondMeter {
 public:
  explicit SecondMeter(TimeNs time_to_connect) : time_to_connect_(time_to_connect) {}

  /// For what needs no rule.
  SecondRow& row() { return row_; }

  // Attempts one by one. `took`: how long the client waited.
  void opened(TimeNs took) {
    ++row_.opened;
    ended(AttemptOutcome::opened, took);
  }
  void refused(bool for_capacity) {
    ++row_.refused;
    if (for_capacity) ++*row_.refused_for_capacity;
    ended(AttemptOutcome::refused, 0);
  }
  void failed() {
    ++row_.failed;
    ended(AttemptOutcome::failed, 0);
  }
  /// Many at once. With refusals of which it is not known who made them, those for want of capacity
  /// are not known.
  void attempts(const AttemptCounts& counts);

  void closed(CloseCause cause, std::int64_t amount = 1);

  void levels(int spec_replicas, const PodLevels& pods);

  /// The row of the second that is over; the next one begins.
  SecondRow end() {
    SecondRow ended = std::exchange(row_, SecondRow{});
    row_.time_s = ended.time_s + 1;
    return ended;
  }

 private:
  void ended(AttemptOutcome outcome, TimeNs took) {
    ++row_.attempts;
    if (attempt_is_late(outcome, took, time_to_connect_)) ++row_.attempts_late;
  }

  TimeNs time_to_connect_;
  SecondRow row_;
};

}  // namespace wsfleet
