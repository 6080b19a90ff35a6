// SPDX-License-Identifier: Apache-2.0
#pragma once
// What Kubernetes' HPA does to a proposed count before it orders it: stabilisation over recent
// recommendations, rate limits over recent scale events, bounds. As in
// pkg/controller/podautoscaler/horizontal.go (stabilizeRecommendationWithBehaviors,
// convertDesiredReplicasWithBehaviorRate, storeScaleEvent and their ancestors without behavior).
// Pure functions over explicit histories.

#include <string>
#include <vector>

#include "core/time.h"

namespace wsfleet {

enum class SelectPolicy { max, min, disabled };

/// One entry of `policies`: at most this much change per period.
struct ScalingPolicy {
  enum class Type { pods, percent };
  Type type = Type::pods;
  int value = 0;      // over 0
  TimeNs period = 0;  // over 0
};

struct ScalingRules {
  TimeNs stabilization_window = 0;
  SelectPolicy select_policy = SelectPolicy::max;
  std::vector<ScalingPolicy> policies;  // at least one
};

/// GenerateHPAScaleUpRules: no window, the larger of 4 pods and 100 % per 15 s.
ScalingRules default_scale_up();
/// GenerateHPAScaleDownRules: 300 s (or the controller's own window), 100 % per 15 s.
ScalingRules default_scale_down();

struct HpaBehavior {
  ScalingRules scale_up = default_scale_up();
  ScalingRules scale_down = default_scale_down();
};

struct TimedRecommendation {
  TimeNs time = 0;
  int replicas = 0;  // raw: neither stabilised nor bounded
};

struct ScaleEvent {
  TimeNs time = 0;
  int change = 0;  // how many replicas, always over 0
};

struct ScaleHistory {
  std::vector<TimedRecommendation> recommendations;
  std::vector<ScaleEvent> ups;
  std::vector<ScaleEvent> downs;
};

struct ReplicaBounds {
  int min = 1;
  int max = 10;
};

/// A count and what limited it, "" for nothing.
struct LimitedReplicas {
  int replicas = 0;
  std::string limit;
};

/// `current` raised to the lowest recommendation of the up-window, then lowered to the highest of
/// the down-window, `desired` being among both. Does not record `desired`.
int stabilize(const HpaBehavior& behavior, const ScaleHistory& history, TimeNs now, int current,
              int desired);

/// Rate limits, then bounds.
LimitedReplicas limit_rate(const HpaBehavior& behavior, const ScaleHistory& history, TimeNs now,
                           int current, int desired, const ReplicaBounds& bounds);

/// Without `behavior`: the highest recommendation within `window`, `desired` among them.
int stabilize_without_behavior(const ScaleHistory& history, TimeNs window, TimeNs now, int desired);

/// Without `behavior`: within [min, min(max, max(2 * current, 4))].
LimitedReplicas limit_without_behavior(int current, int desired, const ReplicaBounds& bounds);

/// Adds a recommendation and forgets those older than `window`.
void record_recommendation(ScaleHistory& history, TimeNs window,
                           TimedRecommendation recommendation);

/// Adds the change from `from` to `to` (they differ); takes the place of one that is older than the
/// longest period of its direction's policies, as Kubernetes does.
void record_scale_event(const HpaBehavior& behavior, ScaleHistory& history, TimeNs now, int from,
                        int to);

}  // namespace wsfleet
