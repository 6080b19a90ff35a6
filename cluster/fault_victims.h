// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which pods or nodes a fault hits, for every world. Pure: the draws are keyed by the seed and by
// the fault's place in the scenario, so neither the policy nor what happened before changes them.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wsfleet {

/// Whether a fault of the kinds that hit pods may choose it: its server listens and it is not on
/// its way out, by scaling or by a fault before.
constexpr bool may_be_hit(bool serves, bool leaving) { return serves && !leaving; }

/// `count` of the `candidates` (all of them where they are fewer) as indexes, without replacement,
/// in the order in which they are picked. Candidates are in order of creation, so that equal
/// indexes are comparable pods in every world.
std::vector<std::size_t> choose_victims(std::uint64_t seed, std::uint64_t fault_index, int count,
                                        std::size_t candidates);

}  // namespace wsfleet
