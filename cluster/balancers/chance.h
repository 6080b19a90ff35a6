// SPDX-License-Identifier: Apache-2.0
#pragma once
// How balancers turn one draw of chance into indices of endpoints. The draw is keyed by (session,
// attempt) on one stream for all of them: balancers that start with a random endpoint start with
// the same one. Pure.

#include <cstddef>
#include <cstdint>
#include <utility>

#include "cluster/balancers/balancer.h"
#include "core/random.h"

namespace wsfleet {

inline constexpr const char* kBalancerStream = "cluster.balancer";

inline std::uint64_t draw_for(const RandomStream& chance, const PickRequest& request) {
  return chance.bits(request.session, request.attempt);
}

/// 0 .. count - 1 from 32 bits (multiply-shift).
inline std::size_t scale_to(std::uint32_t bits, std::size_t count) {
  return static_cast<std::size_t>((static_cast<std::uint64_t>(bits) * count) >> 32);
}

inline std::size_t random_index(std::uint64_t bits, std::size_t count) {
  return scale_to(static_cast<std::uint32_t>(bits >> 32), count);
}

/// Two different indices below count >= 2: the first two steps of a Fisher-Yates shuffle, in the
/// order in which ingress-nginx's shuffle_peers() would leave them.
inline std::pair<std::size_t, std::size_t> random_pair(std::uint64_t bits, std::size_t count) {
  const std::size_t first = random_index(bits, count);
  const std::size_t swapped = 1 + scale_to(static_cast<std::uint32_t>(bits), count - 1);
  return {first, swapped == first ? 0 : swapped};
}

}  // namespace wsfleet
