// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/hpa_behavior.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wsfleet {
namespace {

// getReplicasChangePerPeriod: an event exactly one period old does not count any more.
std::int64_t change_within(const std::vector<ScaleEvent>& events, TimeNs period, TimeNs now) {
  std::int64_t change = 0;
  for (const ScaleEvent& event : events) {
    if (event.time > now - period) change += event.change;
  }
  return change;
}

// A rate looks back: what the count was when the period began.
std::int64_t period_start(const ScaleHistory& history, const ScalingPolicy& policy, TimeNs now,
                          int current) {
  return current - change_within(history.ups, policy.period, now) +
         change_within(history.downs, policy.period, now);
}

std::int64_t up_limit(const ScalingPolicy& policy, std::int64_t start) {
  if (policy.type == ScalingPolicy::Type::pods) return start + policy.value;
  // Rounded up: a small fleet must be able to grow at all.
  return static_cast<std::int64_t>(
      std::ceil(static_cast<double>(start) * (1.0 + static_cast<double>(policy.value) / 100.0)));
}

std::int64_t down_limit(const ScalingPolicy& policy, std::int64_t start) {
  if (policy.type == ScalingPolicy::Type::pods) return start - policy.value;
  return static_cast<std::int64_t>(static_cast<double>(start) *
                                   (1.0 - static_cast<double>(policy.value) / 100.0));
}

// The count that the rules let the fleet reach now; never on the other side of `current`.
int scale_up_limit(const ScalingRules& rules, const ScaleHistory& history, TimeNs now,
                   int current) {
  if (rules.select_policy == SelectPolicy::disabled) return current;
  const bool least = rules.select_policy == SelectPolicy::min;
  std::int64_t result = least ? std::numeric_limits<std::int64_t>::max() : current;
  for (const ScalingPolicy& policy : rules.policies) {
    const std::int64_t limit = up_limit(policy, period_start(history, policy, now, current));
    result = least ? std::min(result, limit) : std::max(result, limit);
  }
  return static_cast<int>(
      std::clamp<std::int64_t>(result, current, std::numeric_limits<int>::max()));
}

int scale_down_limit(const ScalingRules& rules, const ScaleHistory& history, TimeNs now,
                     int current) {
  if (rules.select_policy == SelectPolicy::disabled) return current;
  const bool least = rules.select_policy == SelectPolicy::min;
  // The smallest change down is the largest count.
  std::int64_t result = least ? std::numeric_limits<std::int64_t>::min() : current;
  for (const ScalingPolicy& policy : rules.policies) {
    const std::int64_t limit = down_limit(policy, period_start(history, policy, now, current));
    result = least ? std::max(result, limit) : std::min(result, limit);
  }
  return static_cast<int>(
      std::clamp<std::int64_t>(result, std::numeric_limits<int>::min(), current));
}

}  // namespace

ScalingRules default_scale_up() {
  return {.stabilization_window = 0,
          .select_policy = SelectPolicy::max,
          .policies = {{ScalingPolicy::Type::pods, 4, 15 * kSecond},
                       {ScalingPolicy::Type::percent, 100, 15 * kSecond}}};
}

ScalingRules default_scale_down() {
  return {.stabilization_window = 300 * kSecond,
          .select_policy = SelectPolicy::max,
          .policies = {{ScalingPolicy::Type::percent, 100, 15 * kSecond}}};
}

int stabilize(const HpaBehavior& behavior, const ScaleHistory& history, TimeNs now, int current,
              int desired) {
  int lowest = desired;
  int highest = desired;
  for (const TimedRecommendation& past : history.recommendations) {
    if (past.time > now - behavior.scale_up.stabilization_window) {
      lowest = std::min(lowest, past.replicas);
    }
    if (past.time > now - behavior.scale_down.stabilization_window) {
      highest = std::max(highest, past.replicas);
    }
  }
  return std::min(std::max(current, lowest), highest);
}

LimitedReplicas limit_rate(const HpaBehavior& behavior, const ScaleHistory& history, TimeNs now,
                           int current, int desired, const ReplicaBounds& bounds) {
  if (desired > current) {
    const int rate = scale_up_limit(behavior.scale_up, history, now, current);
    const int limit = std::min(bounds.max, rate);
    if (desired > limit) return {limit, rate < bounds.max ? "the scale-up rate" : "the maximum"};
  } else if (desired < current) {
    const int rate = scale_down_limit(behavior.scale_down, history, now, current);
    const int limit = std::max(bounds.min, rate);
    if (desired < limit) return {limit, rate > bounds.min ? "the scale-down rate" : "the minimum"};
  }
  return {desired, ""};
}

int stabilize_without_behavior(const ScaleHistory& history, TimeNs window, TimeNs now,
                               int desired) {
  int highest = desired;
  for (const TimedRecommendation& past : history.recommendations) {
    // One that is exactly as old as the window still counts here, unlike with `behavior`.
    if (past.time >= now - window) highest = std::max(highest, past.replicas);
  }
  return highest;
}

LimitedReplicas limit_without_behavior(int current, int desired, const ReplicaBounds& bounds) {
  const int rate = static_cast<int>(
      std::min<std::int64_t>(std::max<std::int64_t>(2 * static_cast<std::int64_t>(current), 4),
                             std::numeric_limits<int>::max()));
  const int limit = std::min(bounds.max, rate);
  if (desired < bounds.min) return {bounds.min, "the minimum"};
  if (desired > limit)
    return {limit, rate < bounds.max ? "twice the current count" : "the maximum"};
  return {desired, ""};
}

void record_recommendation(ScaleHistory& history, TimeNs window,
                           TimedRecommendation recommendation) {
  std::erase_if(history.recommendations, [&](const TimedRecommendation& past) {
    return past.time < recommendation.time - window;
  });
  history.recommendations.push_back(recommendation);
}

void record_scale_event(const HpaBehavior& behavior, ScaleHistory& history, TimeNs now, int from,
                        int to) {
  const bool up = to > from;
  const ScalingRules& rules = up ? behavior.scale_up : behavior.scale_down;
  std::vector<ScaleEvent>& events = up ? history.ups : history.downs;
  TimeNs longest = 0;
  for (const ScalingPolicy& policy : rules.policies) longest = std::max(longest, policy.period);
  const ScaleEvent event{now, up ? to - from : from - to};
  const auto outdated = std::find_if(events.rbegin(), events.rend(), [&](const ScaleEvent& past) {
    return past.time < now - longest;
  });
  if (outdated != events.rend()) {
    *outdated = event;
  } else {
    events.push_back(event);
  }
}

}  // namespace wsfleet
