// SPDX-License-Identifier: Apache-2.0
#pragma once
// The `[scaler]` section as values. Read by scaler_section.h; each policy reads its own
// `[policy.<name>]` table.

#include <string>

#include "core/time.h"

namespace wsfleet {

struct ScalerSettings {
  int min_replicas = 1;
  int max_replicas = 10;
  int initial_replicas = 0;  // 0: min_replicas
  std::string policy = "hpa";
  TimeNs interval = 0;  // 0: the policy's own

  int initial() const { return initial_replicas > 0 ? initial_replicas : min_replicas; }
};

}  // namespace wsfleet
