// SPDX-License-Identifier: Apache-2.0
#include "cluster/second_meter.h"

#include <algorithm>

namespace wsfleet {

void SecondMeter::attempts(const AttemptCounts& counts) {
  row_.attempts += counts.opened + counts.refused + counts.failed;
  row_.opened += counts.opened;
  row_.refused += counts.refused;
  row_.failed += counts.failed;
  row_.attempts_late += counts.late;
  if (counts.refused == 0) return;
  if (!counts.refused_draining) {
    row_.refused_for_capacity.reset();
  } else if (row_.refused_for_capacity) {
    *row_.refused_for_capacity +=
        std::max<std::int64_t>(0, counts.refused - *counts.refused_draining);
  }
}

void SecondMeter::closed(CloseCause cause, std::int64_t amount) {
  switch (cause) {
    case CloseCause::moved_by_scaling:
      *row_.moved_by_scaling += amount;
      break;
    case CloseCause::cut_by_scaling:
      *row_.cut_by_scaling += amount;
      break;
    case CloseCause::shed:
      *row_.closed_by_shedding += amount;
      break;
    case CloseCause::cut_by_failure:
      *row_.cut_by_failure += amount;
      break;
  }
}

void SecondMeter::levels(int spec_replicas, const PodLevels& pods) {
  row_.spec_replicas = spec_replicas;
  row_.ready_replicas = pods.ready;
  row_.supply = pods.supply;
  row_.jain_index = pods.sockets.jain_index();
}

}  // namespace wsfleet
