// SPDX-License-Identifier: Apache-2.0
#pragma once
// The autoscaling policy: a value machine. The observation carries the time, the state is explicit
// and serialisable, nothing else comes in: no clock, no I/O, no randomness. The very same object
// decides in simulation, live and in `wsfleet decide`. Not thread-safe: one caller at a time.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/result.h"
#include "core/seam/observation.h"

namespace wsfleet {

/// What a policy is told once, when it is made; its own keys come from `[policy.<name>]`.
struct PolicyContext {
  int min_replicas = 1;
  int max_replicas = 10;
  std::int64_t server_max_connections = 1000;  // `[server] max_connections`
  int connections_per_pod = 800;               // `[objective] connections_per_pod`
  /// d(t) for t = 0, 1, 2, ... seconds, from the dry pass; null outside simulation. Must outlive
  /// the policy.
  const std::vector<int>* demand_per_second = nullptr;
  int initial_replicas = 0;  // `[scaler] initial_replicas`; 0: min_replicas
};

class Policy {
 public:
  virtual ~Policy() = default;

  /// Observations come in order of their time. A Decision without replicas leaves the fleet as it
  /// is; its reason always says in words, with the numbers, why.
  virtual Decision decide(const Observation& observation) = 0;

  /// Everything that later decisions depend on: restore(state()) on a policy made with the same
  /// settings decides like the original from there on.
  virtual nlohmann::json state() const = 0;
  /// An error (naming the key) leaves the policy as it was.
  virtual Result<void> restore(const nlohmann::json& state) = 0;
};

}  // namespace wsfleet
