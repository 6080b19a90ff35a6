// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which sessions a load run has: when each is meant to start, how long it stays, from which
// address, in which room. From a scenario's workload they are the very sessions that the simulator
// has for the same seed (loadgen/sessions.h); the flags give populations and stages. Lazy: one
// session at a time, in order of their starts. Pure; one thread.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "loadgen/workload.h"

namespace wsfleet {

struct PlannedSession {
  std::uint64_t serial = 0;
  TimeNs start = 0;        // intended; below 0 for sessions that are there at t = 0
  TimeNs length = kNever;  // of connected time
  TimeNs until = kNever;   // wants to be gone then, however long it was connected
  std::uint64_t source = 0;
  std::uint64_t room = 0;      // where the plan's settings have rooms
  bool already_there = false;  // at t = 0: its length counts from then

  /// What its time to connect counts from: those that are there at t = 0 wait from then on.
  TimeNs wanted_since() const { return already_there ? 0 : start; }
  /// From when its connected time counts, open since `opened`.
  TimeNs connected_from(TimeNs opened) const {
    return already_there ? std::max<TimeNs>(opened, 0) : opened;
  }
};

/// The part of all sessions that is one's own: those with serial % count == index.
struct Share {
  std::uint64_t index = 0;
  std::uint64_t count = 1;

  bool has(std::uint64_t serial) const { return serial % count == index; }
  /// A part of this part; both count their parts from 0.
  Share part(std::uint64_t part_index, std::uint64_t parts) const {
    return {index + count * part_index, count * parts};
  }
};

/// From the level before, linearly to `connections` within `duration`.
struct Stage {
  TimeNs duration = 0;
  std::int64_t connections = 0;
};

enum class Population {
  arrivals,  // open model: sessions arrive at a rate, whatever becomes of them
  fixed,     // closed: so many sessions, each followed by another when it ends
  stages,    // a number of sessions that follows ramps
};

struct PlanSettings {
  Population population = Population::fixed;
  WorkloadSettings workload;
  std::uint64_t seed = 1;
  TimeNs duration = kNever;  // kNever: only with `fixed`

  bool in_rooms = false;  // arrivals: each session connects to the path of its room

  bool start_steady = false;  // arrivals: the stationary population is there at t = 0 ...
  TimeNs lead_in = 0;         // ... and connects within this before it

  std::int64_t connections = 0;  // fixed
  TimeNs ramp = 0;               // fixed: their starts are spread evenly over it
  bool endless = true;           // fixed, stages: no length, they stay to the end

  std::vector<Stage> stages;
};

class SessionPlan {
 public:
  virtual ~SessionPlan() = default;
  /// Absent from the first one on that starts after the end.
  virtual std::optional<PlannedSession> next() = 0;
  /// Who follows when this one has ended by itself; nobody in open models.
  virtual std::optional<PlannedSession> successor(const PlannedSession& /*ended*/, TimeNs /*now*/) {
    return std::nullopt;
  }
};

/// Only the sessions of `share`; each share by itself is as cheap as all.
std::unique_ptr<SessionPlan> make_session_plan(const PlanSettings& settings, Share share);

/// The path of a room: "/ws/room-7" of "/ws/" or "/ws"; a query stays behind it.
std::string room_target(std::string_view target, std::uint64_t room);

/// How many sessions of `start = "steady"` there are in all; 0 for other plans.
std::int64_t initial_population(const PlanSettings& settings);

/// The sessions of stages, serials in order of starts: the k-th connection is there while the level
/// is k or more, so that those that came last leave first.
std::vector<PlannedSession> stage_sessions(const std::vector<Stage>& stages);

}  // namespace wsfleet
