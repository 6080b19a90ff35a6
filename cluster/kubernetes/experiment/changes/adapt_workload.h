// SPDX-License-Identifier: Apache-2.0
#pragma once
// A scenario's settings put into a workload that is there: the pod template with the server's
// options, probe, resources and grace of the scenario, everything else as it was. Pure.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cluster/live/live_settings.h"
#include "core/result.h"

namespace wsfleet {

/// What a deployed StatefulSet has and can't be given another of must be the scenario's:
/// ErrorKind::configuration names the key and the ways to make them equal.
Result<void> check_workload(const nlohmann::json& workload, const LiveSettings& settings);

/// `template_` is spec.template of the StatefulSet. An error when it has no container of the
/// server's name, or wants Redis and has no address of it.
Result<nlohmann::json> adapted_template(nlohmann::json template_, const LiveSettings& settings);

/// The arguments of wsfleet-endpoints with this balancer instead of the one that they name, if any.
nlohmann::json with_balancer(const nlohmann::json& arguments, const std::string& balancer);

/// The scaler's configuration of a run: the scenario's text, the `[kubernetes]` tables of what is
/// there now, and t = 0 (nanoseconds since 1970) for the policy.
std::string scaler_config(const std::string& scenario_text, const std::string& present_config,
                          TimeNs epoch_since_1970);

}  // namespace wsfleet
