// SPDX-License-Identifier: Apache-2.0
#pragma once
// What happened to pods, scaling and faults during a run: a line of events.ndjson, and what
// wsfleet-scaler tells of its control loop. Plain values; no threading.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

/// `kind` is one of the words in docs/formats/results.md.
struct FleetEvent {
  TimeNs time = 0;
  std::string kind;    // "pod_scheduled", "pod_ready", "scaled", "fault", ...
  std::string pod;     // name, "" where it is about no pod
  std::string uid;     // of that pod
  std::string node;    // "" where it does not matter
  std::string detail;  // a sentence fragment for people: "image pulled in 4.2s"
  // Of "scaled" and "would_scale": spec.replicas before and after. Not in events.ndjson.
  int replicas_from = 0;
  int replicas_to = 0;
};

/// The keys of a line of events.ndjson.
nlohmann::json to_json(const FleetEvent& event);
/// Unknown keys are ignored; a missing or mistyped one is an error that names it.
Result<FleetEvent> event_from_json(const nlohmann::json& json);

}  // namespace wsfleet
