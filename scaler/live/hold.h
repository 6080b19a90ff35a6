// SPDX-License-Identifier: Apache-2.0
#pragma once
// When a decision is not carried out, or only where it adds pods: on missing data, right after a
// leader began without its policy's memory, without leadership. Pure; docs/formats/scaler.md has
// the rules in words.

#include <string>

#include "core/observation.h"

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

/// `metrics_error`, `metrics_empty` or `metrics_partial` (more than half of the running pods have
/// no sample): nobody is sent away for want of data. No hold where the metrics are fine, or where
/// no pod runs and none could have been read.
Hold hold_on_missing_data(const Observation& observation);

/// The stricter one, the first of two alike.
Hold stricter(Hold a, Hold b);

/// Whether the hold keeps something of the decision from being done.
bool withholds(const Hold& hold, const Observation& observation, const Decision& decision);

}  // namespace wsfleet
