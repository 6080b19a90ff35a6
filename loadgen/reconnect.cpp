// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

/// min(cap, base * 2^doublings), without overflow.
double backed_off_s(const ReconnectSettings& settings, std::uint32_t doublings) {
  const double wait = std::ldexp(to_seconds(settings.base),
                                 static_cast<int>(std::min<std::uint32_t>(doublings, 1000)));
  return std::min(to_seconds(settings.cap), wait);
}

}  // namespace

ReconnectModel::ReconnectModel(const ReconnectSettings& settings, RandomStreams streams)
    : settings_(settings), jitter_(streams.stream("loadgen.reconnect")) {}

std::optional<TimeNs> ReconnectModel::delay(std::uint64_t serial, std::uint32_t failed_in_a_row,
                                            std::uint32_t attempts_so_far) const {
  const std::uint32_t doublings = failed_in_a_row > 0 ? failed_in_a_row - 1 : 0;
  const bool spent = failed_in_a_row >= static_cast<std::uint32_t>(settings_.max_attempts);
  switch (settings_.kind) {
    case ReconnectKind::none:
      return std::nullopt;
    case ReconnectKind::fixed:
      if (spent) return std::nullopt;
      return settings_.base;
    case ReconnectKind::exponential:
      if (spent) return std::nullopt;
      return from_seconds_rounded(backed_off_s(settings_, doublings));
    case ReconnectKind::full_jitter:
      if (spent) return std::nullopt;
      return from_seconds_rounded(jitter_.uniform(serial, attempts_so_far) *
                                  backed_off_s(settings_, doublings));
  }
  return std::nullopt;
}

}  // namespace wsfleet
