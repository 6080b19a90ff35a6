// SPDX-License-Identifier: Apache-2.0
#pragma once
// The objects of a load generator's Job as they are sent to the API server: a Secret with the
// agents' token, and the Job. They need no right in the cluster, no root, no writable image.
// batch/v1 as of Kubernetes 1.20. Pure.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cluster/kubernetes/fleet/names.h"
#include "core/time.h"

namespace wsfleet {

struct LoadJobSettings {
  std::string name_space;
  std::string name = kLoadgenName;  // of the Job; of the Secret with "-token"
  std::string image;                // its entrypoint is wsfleet-loadgen-agent
  int pods = 1;
  std::map<std::string, std::string> labels;    // of all objects, besides app.kubernetes.io/*
  std::map<std::string, std::string> requests;  // "cpu": "500m", "memory": "256Mi"
  std::map<std::string, std::string> limits;
  std::string token;           // "": a random one
  TimeNs wait = 10 * kMinute;  // an agent that nobody starts for so long ends
  TimeNs runs = 0;             // at most, once they are started; 0: for as long as they like
  TimeNs keep = 5 * kMinute;   // so long results are kept for whom they are for
};

std::string load_secret_name(const std::string& job_name);
nlohmann::json load_secret_manifest(const LoadJobSettings& settings);
nlohmann::json load_job_manifest(const LoadJobSettings& settings);
/// Makes `job`, as the API server has it, the owner of the Secret: they go together.
nlohmann::json load_secret_owner_patch(const nlohmann::json& job);

}  // namespace wsfleet
