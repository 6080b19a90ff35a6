// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is measured, one function for each part of the table. The figures are of the servers' CPU
// time as the kernel counts it, so that neither the client's speed nor waiting is in them.

#include "core/time.h"

namespace wsfleet::bench {

struct Effort {
  TimeNs duration = 2 * kSecond;  // of one measurement with traffic
  int rounds = 5;
};

// False when a measurement failed.
bool bench_echo(const Effort& effort);
bool bench_idle(const Effort& effort);
bool bench_accept(const Effort& effort);
bool bench_broadcast(const Effort& effort);
bool bench_loadgen(const Effort& effort);

}  // namespace wsfleet::bench
