// SPDX-License-Identifier: Apache-2.0
#pragma once
// When a decision is not carried out, or only where it adds pods: on missing data, right after a
// leader began without its policy's memory, without leadership. A step of the control loop, the
// same in every world. Pure; docs/formats/observations.md has the rules in words.

#include <string>

#include "core/seam/observation.h"

namespace wsfleet {

enum class Permit {
  all,
  scale_up,  // more replicas, nothing else
  nothing,
};

struct Hold {
  Permit permit = Permit::all;
  std::string reason;  // a word for metrics: "metrics_error"; "" for none
  std::string text;    // for people, with the numbers
};

struct HoldSettings {
  bool on_doubt = false;       // false: an autoscaler acts on what it has; leadership still counts
  double until_s = 0;          // a leader without its policy's memory only adds pods before it
  std::string why_until = {};  // and why that
};

/// `metrics_error`, `metrics_empty` or `metrics_partial` (more than half of the running pods have
/// no sample): nobody is sent away for want of data. No hold where the metrics are fine, or where
/// no pod runs and none could have been read.
Hold hold_on_missing_data(const Observation& observation);

/// `may_act`: an Error says why nothing may be done right now (`not_leading`). Of several holds the
/// strictest, of two alike the one on missing data.
Hold hold_for(const Observation& observation, const HoldSettings& settings,
              const Result<void>& may_act);

/// Whether spec.replicas may go from `current` to `wanted`.
bool permits(Permit permit, int current, int wanted);

/// What may be done of a decision on a fleet of `current` replicas: all that the hold permits. Its
/// `held` says what was taken away, and is absent where nothing was.
Decision hold_back(const Hold& hold, int current, Decision decision);

}  // namespace wsfleet
