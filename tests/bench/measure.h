// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one simulated run costs: in a child of its own, by the operating system's accounting.

#include <cstdint>
#include <string>
#include <vector>

namespace wsfleet::bench {

struct RunCost {
  double cpu_s = 0;
  double wall_s = 0;
  double grown_bytes = 0;  // peak resident memory over what the child had before the run
  std::int64_t events = 0;
  std::int64_t superseded = 0;
  std::int64_t peak_connections = 0;
  double model_bytes_per_connection = 0;
  double ready_mean = 0;
};

/// Ends the program with a message when the scenario is wrong or the run fails.
RunCost measure_run(const std::string& scenario, const std::vector<std::string>& sets);

double cpu_seconds();
double wall_seconds();

/// ns per pop-and-push of the simulator's event queue with so many events pending whose waiting
/// times are exponential with a mean of 600 s (Jones' hold model, CACM 29(4), 1986).
double hold_ns(std::size_t pending, std::int64_t holds);
/// The same of std::priority_queue.
double hold_ns_priority_queue(std::size_t pending, std::int64_t holds);

}  // namespace wsfleet::bench
