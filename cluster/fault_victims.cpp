// SPDX-License-Identifier: Apache-2.0
#include "cluster/fault_victims.h"

#include <numeric>

#include "core/random.h"

namespace wsfleet {

std::vector<std::size_t> choose_victims(std::uint64_t seed, std::uint64_t fault_index, int count,
                                        std::size_t candidates) {
  const RandomStream choice(seed, "cluster.fault_choice");
  std::vector<std::size_t> left(candidates);
  std::iota(left.begin(), left.end(), std::size_t{0});
  std::vector<std::size_t> chosen;
  for (std::uint32_t pick = 0; !left.empty() && static_cast<std::int64_t>(pick) < count; ++pick) {
    const auto at = static_cast<std::ptrdiff_t>(choice.below(left.size(), fault_index, pick));
    chosen.push_back(left[static_cast<std::size_t>(at)]);
    left.erase(left.begin() + at);
  }
  return chosen;
}

}  // namespace wsfleet
