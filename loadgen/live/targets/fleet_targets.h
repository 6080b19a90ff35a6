// SPDX-License-Identifier: Apache-2.0
#pragma once
// The targets of a fleet that changes: reads `--targets-file` anew whenever it was replaced and
// hands endpoints out by a chooser. A bad file leaves the last good list in place. One worker
// thread each.

#include <sys/stat.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "loadgen/live/clients/client_connection.h"
#include "loadgen/live/targets/endpoint_list.h"
#include "loadgen/live/targets/target_choice.h"

namespace wsfleet {

/// An endpoint that was picked and is to be released. Targets live as long as the FleetTargets.
struct TargetPick {
  const Target* target = nullptr;
  std::uint32_t id = 0;
  std::uint32_t life = 0;  // of the pod that had the id then
};

class FleetTargets {
 public:
  /// `tells`: whether it warns of bad files (one of several threads does).
  FleetTargets(std::string path, std::unique_ptr<TargetChoice> choice, bool tells);

  /// Looks whether the file was replaced; reads it then.
  void refresh(TimeNs now);
  /// Absent when there is no endpoint.
  std::optional<TargetPick> pick(const TargetRequest& request);
  void release(const TargetPick& pick, TimeNs now, TimeNs life);

 private:
  struct Pod {
    std::string uid;
    std::uint32_t life = 0;
    const Target* target = nullptr;
  };

  bool is_replaced();
  void take(const std::vector<ListedEndpoint>& endpoints, TimeNs now);
  const Target* target_of(const WebSocketUrl& url, const Target* known);
  void warn(const std::string& what);

  std::string path_;
  std::unique_ptr<TargetChoice> choice_;
  bool tells_;
  struct stat seen_ {};
  bool was_there_ = false;
  bool warned_missing_ = false;
  std::vector<Pod> pods_;  // by id, of all that were ever there
  std::vector<std::uint32_t> ids_;
  std::deque<Target> targets_;  // never moved, never dropped: attempts point into it
};

/// The file's endpoints, once: for a start that waits for it.
Result<std::vector<ListedEndpoint>> read_endpoint_list(const std::string& path);

}  // namespace wsfleet
