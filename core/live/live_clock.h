// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine's clocks, for the live parts: servers, clients, harness. Simulated parts never see
// them. Thread-safe.

#include <string>

#include "core/time.h"

namespace wsfleet {

/// Nanoseconds on the monotonic clock; its zero means nothing, differences do. Processes of one
/// machine share it.
TimeNs monotonic_now();

/// Nanoseconds since 1970 on the wall clock, which may jump.
TimeNs wall_now();

/// "2026-03-01T09:30:00.123Z" for nanoseconds since 1970.
std::string format_utc(TimeNs since_1970);

}  // namespace wsfleet
