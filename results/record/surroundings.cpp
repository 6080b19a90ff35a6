// SPDX-License-Identifier: Apache-2.0
#include "results/record/surroundings.h"

#include <map>
#include <string>

namespace wsfleet {

void measure_surroundings(const std::vector<FleetEvent>& events, const ClientHistograms& clients,
                          Surroundings& surroundings) {
  surroundings.attempt_time_p50_s = clients.attempt_time.quantile(0.5) / kSecond;
  std::map<std::string, TimeNs> made;  // by uid; pods that are not ready yet
  Histogram until_ready;
  for (const FleetEvent& event : events) {
    if (event.kind == "pod_created" && event.time > 0) made.emplace(event.uid, event.time);
    if (event.kind != "pod_ready") continue;
    const auto found = made.find(event.uid);
    if (found == made.end()) continue;
    until_ready.record(event.time - found->second);
    made.erase(found);
  }
  surroundings.pod_ready_p50_s = until_ready.quantile(0.5) / kSecond;
}

}  // namespace wsfleet
