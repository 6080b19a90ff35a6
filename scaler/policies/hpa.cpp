// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/hpa.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "scaler/policies/state_json.h"

namespace wsfleet {

using nlohmann::json;

namespace {

Decision hold(std::string reason) {
  Decision decision;
  decision.reason = std::move(reason);
  return decision;
}

}  // namespace

Decision HpaPolicy::decide(const Observation& observation) {
  const TimeNs now = from_seconds(observation.time_s);
  const int current = observation.replicas;
  settle_last_order(current);
  if (history_.recommendations.empty()) history_.recommendations.push_back({now, current});

  const ReplicaBounds& bounds = settings_.bounds;
  if (current == 0 && bounds.min != 0) {
    return hold("scaling is disabled while spec.replicas is 0");
  }
  if (current > bounds.max) {
    return order(now, current, bounds.max,
                 fmt::format("{} replicas are over the maximum of {}", current, bounds.max));
  }
  if (current < bounds.min) {
    return order(now, current, bounds.min,
                 fmt::format("{} replicas are under the minimum of {}", current, bounds.min));
  }
  const HpaProposal proposal = propose_replicas(observation, settings_.target);
  if (!proposal.replicas) return hold(proposal.reason);

  const LimitedReplicas normalized = normalize(now, current, *proposal.replicas);
  std::string reason = fmt::format("{}: {} proposed", proposal.reason, *proposal.replicas);
  if (!normalized.limit.empty()) {
    reason += fmt::format(", {} by {}", normalized.replicas, normalized.limit);
  }
  return order(now, current, normalized.replicas, std::move(reason));
}

// Kubernetes stores a scale event once the update of the scale subresource went through. A policy
// learns that from the next observation: spec.replicas is what it ordered.
void HpaPolicy::settle_last_order(int replicas) {
  const std::optional<Order> ordered = std::exchange(last_order_, std::nullopt);
  if (!ordered || ordered->to != replicas || !settings_.with_behavior) return;
  record_scale_event(settings_.behavior, history_, ordered->time, ordered->from, ordered->to);
}

// Stabilises, limits and remembers the raw proposal.
LimitedReplicas HpaPolicy::normalize(TimeNs now, int current, int proposed) {
  int stable = 0;
  LimitedReplicas limited;
  if (settings_.with_behavior) {
    stable = stabilize(settings_.behavior, history_, now, current, proposed);
    limited = limit_rate(settings_.behavior, history_, now, current, stable, settings_.bounds);
  } else {
    stable = stabilize_without_behavior(history_, settings_.downscale_stabilization, now, proposed);
    limited = limit_without_behavior(current, stable, settings_.bounds);
  }
  record_recommendation(history_, longest_window(), {now, proposed});
  if (limited.limit.empty() && stable != proposed) limited.limit = "the stabilisation window";
  return limited;
}

Decision HpaPolicy::order(TimeNs now, int current, int replicas, std::string reason) {
  Decision decision = hold(std::move(reason));
  if (replicas == current) return decision;
  decision.replicas = replicas;
  last_order_ = Order{now, current, replicas};
  return decision;
}

TimeNs HpaPolicy::longest_window() const {
  if (!settings_.with_behavior) return settings_.downscale_stabilization;
  return std::max(settings_.behavior.scale_up.stabilization_window,
                  settings_.behavior.scale_down.stabilization_window);
}

namespace {

json events_to_json(const std::vector<ScaleEvent>& events) {
  json list = json::array();
  for (const ScaleEvent& event : events) {
    list.push_back({{"time_s", to_seconds(event.time)}, {"change", event.change}});
  }
  return list;
}

// Throws nlohmann's exceptions; read_state turns them into an Error.
std::vector<ScaleEvent> events_from(const json& list) {
  std::vector<ScaleEvent> events;
  for (const json& event : list) {
    events.push_back(
        {from_seconds(event.at("time_s").get<double>()), event.at("change").get<int>()});
  }
  return events;
}

}  // namespace

json HpaPolicy::state() const {
  json recommendations = json::array();
  for (const TimedRecommendation& past : history_.recommendations) {
    recommendations.push_back({{"time_s", to_seconds(past.time)}, {"replicas", past.replicas}});
  }
  json last_order = nullptr;
  if (last_order_) {
    last_order = {{"time_s", to_seconds(last_order_->time)},
                  {"from", last_order_->from},
                  {"to", last_order_->to}};
  }
  return {{"recommendations", std::move(recommendations)},
          {"scale_ups", events_to_json(history_.ups)},
          {"scale_downs", events_to_json(history_.downs)},
          {"last_order", std::move(last_order)}};
}

Result<void> HpaPolicy::restore(const json& state) {
  return read_state("hpa", state, [this](const json& saved) {
    ScaleHistory history;
    for (const json& past : saved.at("recommendations")) {
      history.recommendations.push_back(
          {from_seconds(past.at("time_s").get<double>()), past.at("replicas").get<int>()});
    }
    history.ups = events_from(saved.at("scale_ups"));
    history.downs = events_from(saved.at("scale_downs"));
    std::optional<Order> last_order;
    if (const json& ordered = saved.at("last_order"); !ordered.is_null()) {
      last_order = Order{from_seconds(ordered.at("time_s").get<double>()),
                         ordered.at("from").get<int>(), ordered.at("to").get<int>()};
    }
    history_ = std::move(history);
    last_order_ = last_order;
  });
}

}  // namespace wsfleet
