// SPDX-License-Identifier: Apache-2.0
#pragma once
// A pod's object as the seam sees it. Pure; missing parts read as "not yet".

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/seam/observation.h"
#include "core/time.h"

namespace wsfleet {

struct FleetPod {
  PodObservation observation;  // without connections
  std::string created;         // creationTimestamp: sorts by time
  std::string owner_kind;      // of the controller among its owners; "" for none
  std::string owner_uid;
  std::string address;          // "" while it has none
  std::uint16_t http_port = 0;  // the container's port named "http"; 0: it names none
};

/// `epoch` is t = 0, since 1970: `started_s` counts from it.
FleetPod fleet_pod(const nlohmann::json& pod, const std::string& container, TimeNs epoch);

}  // namespace wsfleet
