// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the experiment reads of a pod's object: what the scaler sees (fleet_pod.h), and how its
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

/// A string somewhere in an object, "" where there is none: text_at(pod, "/status/podIP").
std::string text_at(const nlohmann::json& object, const char* pointer);
/// The same for whole numbers, with 0.
int number_at(const nlohmann::json& object, const char* pointer);

}  // namespace wsfleet
