// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an experiment changes on a cluster, and how it is put back: before each change its opposite
// is written into the lock of the namespace, so that a killed harness loses nothing. What others
// change meanwhile stays: other fields of an object, and also the very field, which is told.
// Thread-safe.

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/experiment/changes/experiment_lock.h"
#include "cluster/kubernetes/experiment/changes/object_changes.h"
#include "core/result.h"

namespace wsfleet {

class ClusterChanges {
 public:
  /// `client` outlives it.
  ClusterChanges(ApiClient& client, std::string name_space, LockSettings lock = {});

  /// Takes the namespace. Where another experiment has it, or one was killed: an error with the
  /// remedy; with `recover` what a killed one changed is put back first. One that lives is left
  /// alone.
  Result<void> claim(bool recover);
  /// An error when another experiment has taken the namespace meanwhile.
  Result<void> held() const { return lock_.held(); }

  /// Replaces a part of an object (a JSON pointer, "/spec/replicas"), after its present value has
  /// been noted. `what` in words, for messages: "the replicas of the StatefulSet websocket".
  Result<void> replace(const std::string& what, const std::string& path, const std::string& pointer,
                       const nlohmann::json& value);
  /// The same for several parts of one object, at once.
  Result<void> replace(const std::string& what, const std::string& path,
                       const std::vector<WantedPart>& parts);
  /// Puts back what the changes to this object were, the last one first.
  Result<void> put_back(const std::string& path);

  /// Puts everything back, the last change first, and gives the namespace free. All is tried, also
  /// after an error; the error then names all that could not be put back and the commands that do
  /// it, and the lock stays. Does nothing twice.
  Result<void> put_all_back();

  /// What somebody else has changed meanwhile and so was not put back, a sentence each; each once.
  std::vector<std::string> left_alone();

 private:
  Result<void> store() { return lock_.write(changes_.dump()); }
  Result<bool> change(const std::string& what, const std::string& path,
                      const std::vector<WantedPart>& parts);
  Result<void> undo(std::size_t index, TimeNs deadline);
  Result<void> undo_all();
  void note(std::size_t index, const std::vector<std::string>& others);

  ApiClient& client_;
  const std::string name_space_;
  ExperimentLock lock_;
  std::mutex mutex_;
  bool claimed_ = false;
  nlohmann::json changes_ = nlohmann::json::array();
  std::vector<std::string> left_alone_;
};

}  // namespace wsfleet
