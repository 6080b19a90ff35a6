// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a policy sees and what it answers, the same in both worlds and in `wsfleet decide`.
// JSON forms are documented in docs/formats/observations.md. Plain values; no threading.

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

enum class PodPhase { pending, running, failed };

/// How the read of the metrics went: `empty` is an answer without any sample, `error` is no answer.
enum class MetricsStatus { ok, empty, error };

struct PodObservation {
  std::string name;  // "websocket-3"; a StatefulSet gives the same name again
  std::string uid;   // identifies the pod; never used twice in a run
  std::string node;  // "" while it is not scheduled
  PodPhase phase = PodPhase::pending;
  bool ready = false;
  bool terminating = false;
  bool draining = false;
  int restarts = 0;
  double started_s = 0;                // when its container last started; 0 while it has not
  std::optional<double> connections;   // the last scraped sample; absent when there is none
  std::optional<double> sample_age_s;  // age of that sample
};

struct Observation {
  double time_s = 0;
  int replicas = 0;         // spec.replicas
  int status_replicas = 0;  // pods that the controller counts, terminating ones excluded
  MetricsStatus metrics = MetricsStatus::ok;
  std::vector<PodObservation> pods;  // in order of creation; terminating pods are listed
};

struct ShedOrder {
  std::string uid;
  double share = 0;  // of its connections, 0..1
};

/// What the control loop kept from being done of a decision (scaler/hold.h).
struct Held {
  std::string reason;             // a word: "metrics_error"
  std::string text;               // for people, with the numbers
  std::vector<std::string> what;  // names of the decision's fields, in the order of its JSON
};

struct Decision {
  std::optional<int> replicas;  // absent: leave spec.replicas as it is
  std::vector<std::string> drain;
  std::vector<ShedOrder> shed;
  std::map<std::string, int> deletion_costs;  // by uid
  std::string reason;                         // in words, with the numbers that decided
  std::optional<Held> held = std::nullopt;    // the control loop's; no policy sets it

  bool changes_nothing() const {
    return !replicas && drain.empty() && shed.empty() && deletion_costs.empty();
  }
};

nlohmann::json to_json(const Observation& observation);
/// As the policy made it: without what was held.
nlohmann::json to_json(const Decision& decision);
/// A line of decisions.ndjson: the observation's keys, "decision" and "held".
nlohmann::json decision_record(const Observation& observation, const Decision& decision);

/// Unknown keys are ignored (recorded lines carry more); a missing or mistyped key is an error that
/// names it.
Result<Observation> observation_from_json(const nlohmann::json& json);
/// The same for a decision.
Result<Decision> decision_from_json(const nlohmann::json& json);
/// "decision" and "held" of a line of decisions.ndjson; without "held" nothing was.
Result<Decision> decision_from_record(const nlohmann::json& json);

}  // namespace wsfleet
