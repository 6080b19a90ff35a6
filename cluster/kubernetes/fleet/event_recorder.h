// SPDX-License-Identifier: Apache-2.0
#pragma once
// Events (v1) on the workload, as `kubectl describe` shows them. They are written on a thread of
// their own, so that nobody waits for them; what can't be written is logged and forgotten. The same
// reason and message within ten minutes count up one Event. Thread-safe.

#include <functional>
#include <memory>
#include <string>

namespace wsfleet {

class ApiClient;

struct EventRecorderSettings {
  std::string name_space;
  std::string kind = "StatefulSet";  // of the apps/v1 object that they are about
  std::string name;
  std::function<std::string()> uid;  // of that object, when it is known
  std::string component = "wsfleet-scaler";
  std::string instance;  // the pod that reports
};

class EventRecorder {
 public:
  /// `client` outlives it.
  EventRecorder(ApiClient& client, EventRecorderSettings settings);
  /// Waits for the write that is under way; what still waits is dropped.
  ~EventRecorder();

  /// `reason` in CamelCase; `message` is cut at 1,024 bytes, Kubernetes' limit.
  void record(const std::string& reason, const std::string& message, bool warning = false);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
