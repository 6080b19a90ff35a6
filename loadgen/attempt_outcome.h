// SPDX-License-Identifier: Apache-2.0
#pragma once
// How an attempt to connect ends, and whether it was late. The simulated clients and the real ones
// count by the same rule. Pure.

#include "core/time.h"

namespace wsfleet {

enum class AttemptOutcome {
  opened,
  refused,  // told so at once: full, draining, no endpoint
  failed,   // nobody answered: a timeout, a reset, an ingress that reaches nobody
};

/// Late is what failed, however soon, and what opened after more than `objective`. A refused
/// attempt is counted as refused.
constexpr bool attempt_is_late(AttemptOutcome outcome, TimeNs took, TimeNs objective) {
  return outcome == AttemptOutcome::failed ||
         (outcome == AttemptOutcome::opened && took > objective);
}

}  // namespace wsfleet
