// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the experiment reads of a pod's object (pod_object.h): where it is in its life, and how its
// container ended last. Pure.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace wsfleet {

struct PodView {
  std::string name;
  std::string uid;
  std::string created;   // creationTimestamp; sorts by time
  std::string node;      // "" while it is not bound
  bool running = false;  // its container runs
  bool ready = false;
  bool terminating = false;
  int restarts = 0;
  std::string last_end;  // how its container ended last: "OOMKilled, exit status 137"
  bool out_of_memory = false;
};

/// Missing parts read as "not yet".
PodView pod_view(const nlohmann::json& pod, const std::string& container);

}  // namespace wsfleet
