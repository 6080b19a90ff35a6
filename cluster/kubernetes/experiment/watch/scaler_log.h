// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a wsfleet-scaler that runs in the cluster writes, read from the logs of its pods as they are
// written: one follower per container, which goes on where it was after a break. Pods that come are
// followed too. followed_scaler.h says what the lines mean.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cluster/kubernetes/api/api_client.h"

namespace wsfleet {

class ScalerLog {
 public:
  /// The pod's name and the text without its end; on a follower's thread, one at a time.
  using OnLine = std::function<void(const std::string& pod, std::string_view line)>;

  /// `client` outlives it.
  ScalerLog(ApiClient& client, std::string name_space, OnLine on_line);
  ~ScalerLog();

  /// What was written until now is read, then following ends.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
