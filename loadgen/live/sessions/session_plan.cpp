// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/sessions/session_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "loadgen/arrivals/rate_function.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

TimeNs portion(TimeNs whole, std::int64_t numerator, std::int64_t denominator) {
  return static_cast<TimeNs>(static_cast<long double>(whole) * numerator / denominator);
}

/// Sessions that arrive by the workload's rate.
class ArrivalPlan final : public SessionPlan {
 public:
  ArrivalPlan(const PlanSettings& settings, Share share)
      : share_(share),
        lead_in_(settings.lead_in),
        rate_(settings.workload.arrivals, settings.workload.length, settings.duration),
        arrivals_(rate_, RandomStreams(settings.seed)),
        sessions_(settings.workload, RandomStreams(settings.seed)),
        initial_(settings.start_steady ? sessions_.stationary_population(rate_.rate_at(0)) : 0) {}

  std::int64_t initial() const { return initial_; }

  std::optional<PlannedSession> next() override {
    while (next_initial_ < initial_) {
      const std::int64_t index = next_initial_++;
      const std::uint64_t serial = initial_serial(static_cast<std::uint64_t>(index));
      if (share_.has(serial)) return initial_session(serial, index);
    }
    for (TimeNs start = arrivals_.next(); start != kNever; start = arrivals_.next()) {
      const std::uint64_t serial = next_serial_++;
      if (!share_.has(serial)) continue;
      return PlannedSession{.serial = serial,
                            .start = start,
                            .length = sessions_.length(serial),
                            .source = sessions_.source_address(serial),
                            .room = sessions_.room(serial)};
    }
    return std::nullopt;
  }

 private:
  PlannedSession initial_session(std::uint64_t serial, std::int64_t index) const {
    return {.serial = serial,
            .start = portion(lead_in_, index, initial_) - lead_in_,
            .length = sessions_.residual(static_cast<std::uint64_t>(index)),
            .source = sessions_.source_address(serial),
            .room = sessions_.room(serial),
            .already_there = true};
  }

  Share share_;
  TimeNs lead_in_;
  RateFunction rate_;
  ArrivalProcess arrivals_;
  SessionModel sessions_;
  std::int64_t initial_;
  std::int64_t next_initial_ = 0;
  std::uint64_t next_serial_ = 0;
};

/// A closed population. The r-th session of place i has the serial i + r * connections, so that it
/// does not matter which place is free first.
class FixedPlan final : public SessionPlan {
 public:
  FixedPlan(const PlanSettings& settings, Share share)
      : settings_(settings),
        share_(share),
        sessions_(settings.workload, RandomStreams(settings.seed)) {}

  std::optional<PlannedSession> next() override {
    while (next_place_ < settings_.connections) {
      const std::int64_t place = next_place_++;
      const auto serial = static_cast<std::uint64_t>(place);
      if (!share_.has(serial)) continue;
      return session(serial, portion(settings_.ramp, place, settings_.connections));
    }
    return std::nullopt;
  }

  std::optional<PlannedSession> successor(const PlannedSession& ended, TimeNs now) override {
    if (settings_.endless) return std::nullopt;
    return session(ended.serial + static_cast<std::uint64_t>(settings_.connections), now);
  }

 private:
  PlannedSession session(std::uint64_t serial, TimeNs start) const {
    return {.serial = serial,
            .start = start,
            .length = settings_.endless ? kNever : sessions_.length(serial),
            .source = sessions_.source_address(serial)};
  }

  PlanSettings settings_;
  Share share_;
  SessionModel sessions_;
  std::int64_t next_place_ = 0;
};

class StagePlan final : public SessionPlan {
 public:
  StagePlan(const PlanSettings& settings, Share share)
      : share_(share), planned_(stage_sessions(settings.stages)) {}

  std::optional<PlannedSession> next() override {
    while (position_ < planned_.size()) {
      const PlannedSession& session = planned_[position_++];
      if (share_.has(session.serial)) return session;
    }
    return std::nullopt;
  }

 private:
  Share share_;
  std::vector<PlannedSession> planned_;
  std::size_t position_ = 0;
};

}  // namespace

std::unique_ptr<SessionPlan> make_session_plan(const PlanSettings& settings, Share share) {
  switch (settings.population) {
    case Population::arrivals:
      return std::make_unique<ArrivalPlan>(settings, share);
    case Population::stages:
      return std::make_unique<StagePlan>(settings, share);
    case Population::fixed:
      break;
  }
  return std::make_unique<FixedPlan>(settings, share);
}

std::string room_target(std::string_view target, std::uint64_t room) {
  const std::string_view path = target.substr(0, target.find('?'));
  return fmt::format("{}{}room-{}{}", path, path.ends_with('/') ? "" : "/", room,
                     target.substr(path.size()));
}

std::int64_t initial_population(const PlanSettings& settings) {
  if (settings.population != Population::arrivals || !settings.start_steady) return 0;
  return ArrivalPlan(settings, {}).initial();
}

std::vector<PlannedSession> stage_sessions(const std::vector<Stage>& stages) {
  std::vector<PlannedSession> sessions;
  std::vector<std::size_t> open;  // a stack: indices into `sessions`
  TimeNs begin = 0;
  std::int64_t level = 0;
  for (const Stage& stage : stages) {
    const std::int64_t change = std::abs(stage.connections - level);
    for (std::int64_t step = 1; step <= change; ++step) {
      const TimeNs when = begin + portion(stage.duration, step, change);
      if (stage.connections > level) {
        const auto serial = static_cast<std::uint64_t>(sessions.size());
        open.push_back(sessions.size());
        sessions.push_back({.serial = serial, .start = when, .source = serial});
      } else {
        sessions[open.back()].until = when;
        open.pop_back();
      }
    }
    level = stage.connections;
    begin += stage.duration;
  }
  return sessions;
}

}  // namespace wsfleet
