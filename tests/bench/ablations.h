// SPDX-License-Identifier: Apache-2.0
#pragma once
// What each modelled effect is worth: it is switched off, on a scenario that lives by it, and the
// scores that move are shown. An effect that moves nothing anywhere would not be modelled.

namespace wsfleet::bench {

void bench_ablations();

}  // namespace wsfleet::bench
