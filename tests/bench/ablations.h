// SPDX-License-Identifier: Apache-2.0
#pragma once
// What each modelled effect is worth: it is switched off, on a scenario that lives by it, and the
// scores that move are shown. Where a bundled scenario's own setting is too mild to move any, a row
// says so and the next one has a harsher setting. Scores without a better direction do not count.

namespace wsfleet::bench {

void bench_ablations();

}  // namespace wsfleet::bench
