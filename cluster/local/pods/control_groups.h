// SPDX-License-Identifier: Apache-2.0
#pragma once
// CPU and memory limits of pods by the kernel's control groups (cgroups), version 2 or 1, whichever
// the machine has and lets this user write. A pod's limits then hold as a container's do: CPU is
// throttled, memory over the limit is an out-of-memory kill. Not thread-safe.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "cluster/settings.h"
#include "core/result.h"

namespace wsfleet {

/// The directories that a run of this name may make, for the janitor.
std::vector<std::string> control_group_directories(const std::string& name,
                                                   const std::string& root = "/sys/fs/cgroup");

class ControlGroups {
 public:
  /// An error says what is missing: the run goes on without limits and tells its user.
  static Result<std::unique_ptr<ControlGroups>> make(const std::string& name,
                                                     const std::string& root = "/sys/fs/cgroup");
  ~ControlGroups();
  ControlGroups(const ControlGroups&) = delete;
  ControlGroups& operator=(const ControlGroups&) = delete;

  /// A group with the pod's limits; the process joins it.
  Result<void> confine(const std::string& uid, pid_t pid, const PodSettings& limits);
  /// Once its processes are gone.
  void remove(const std::string& uid);

 private:
  struct Hierarchy {
    std::string directory;
    bool cpu = false;
    bool memory = false;
    bool version_2 = false;
  };
  explicit ControlGroups(std::vector<Hierarchy> hierarchies)
      : hierarchies_(std::move(hierarchies)) {}

  std::vector<Hierarchy> hierarchies_;
};

}  // namespace wsfleet
