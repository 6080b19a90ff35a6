// SPDX-License-Identifier: Apache-2.0
#pragma once
// Points in time as text, as Kubernetes and people write them (RFC 3339); live_clock.h writes them.
// Pure.

#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

/// Nanoseconds since 1970 of "2026-11-24T19:00:00Z", with up to nine digits of a second's fraction
/// and 'Z' or an offset like "+01:00". Years from 1970 to 2261. An Error (configuration) quotes it.
Result<TimeNs> parse_utc(std::string_view text);

}  // namespace wsfleet
