// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an experiment changes on a cluster, and how it is put back: before each change its opposite
// is written into a ConfigMap of the namespace, so that a killed harness loses nothing. That
// ConfigMap is also the lock: one experiment at a time in a namespace. Thread-safe.

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cluster/kubernetes/api/api_client.h"
#include "core/result.h"

namespace wsfleet {

/// The ConfigMap.
inline constexpr const char* kExperimentName = "wsfleet-experiment";

class ClusterChanges {
 public:
  /// `client` outlives it.
  ClusterChanges(ApiClient& client, std::string name_space);

  /// Takes the namespace. Where another experiment has it, or one was killed: an error with the
  /// remedy, or with `recover` what that one changed is put back first.
  Result<void> claim(bool recover);

  /// Replaces a part of an object (a JSON pointer, "/spec/replicas"), after its present value has
  /// been noted. `what` in words, for messages: "the replicas of the StatefulSet websocket".
  Result<void> replace(const std::string& what, const std::string& path, const std::string& pointer,
                       const nlohmann::json& value);
  /// The same for several parts of one object, at once.
  Result<void> replace(const std::string& what, const std::string& path,
                       const std::vector<std::pair<std::string, nlohmann::json>>& parts);
  /// Puts back what the changes to this object were, the last one first.
  Result<void> put_back(const std::string& path);

  /// Puts everything back, the last change first, and gives the namespace free. All is tried, also
  /// after an error; the first one is returned, and the ConfigMap stays then. Does nothing twice.
  Result<void> put_all_back();

 private:
  Result<void> store();
  Result<void> undo(const nlohmann::json& change);
  std::string own_path() const;

  ApiClient& client_;
  const std::string name_space_;
  std::mutex mutex_;
  bool claimed_ = false;
  nlohmann::json changes_ = nlohmann::json::array();
};

}  // namespace wsfleet
