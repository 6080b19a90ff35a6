// SPDX-License-Identifier: Apache-2.0
#pragma once
// One function per arrival shape, each of which writes its curve as linear pieces; RateFunction
// puts an index over them. docs/how-to/add-a-workload-shape.md says what belongs to a new one.
// Pure.

#include <vector>

#include "core/time.h"
#include "loadgen/arrivals/rate_function.h"
#include "loadgen/workload.h"

namespace wsfleet {

/// Contiguous, none empty, from 0 to `duration`; rates as written, `peak_concurrent` not applied.
std::vector<RateSegment> rate_segments(const ArrivalSettings& arrivals, TimeNs duration);

}  // namespace wsfleet
