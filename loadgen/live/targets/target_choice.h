// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which of a fleet's endpoints an attempt goes to. The load generator does not know the balancers:
// its executable brings them along (main.cpp), so that clients without an ingress pick as the
// simulated ones do. A chooser belongs to one worker thread and knows only the connections that it
// gave away itself.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"

namespace wsfleet {

struct TargetRequest {
  std::uint64_t session = 0;  // serial
  std::uint32_t attempt = 0;  // of the session, from 1
  std::uint64_t source = 0;   // address that it comes from
  TimeNs now = 0;
};

class TargetChoice {
 public:
  virtual ~TargetChoice() = default;
  /// Ids of all endpoints, sorted, whenever they change.
  virtual void set_endpoints(const std::vector<std::uint32_t>& ids, TimeNs now) = 0;
  /// Nothing only when there is no endpoint; counts as a connection until release().
  virtual std::optional<std::uint32_t> pick(const TargetRequest& request) = 0;
  /// What pick() gave has ended, `life` after its begin.
  virtual void release(std::uint32_t id, TimeNs now, TimeNs life) = 0;
  /// The id is no endpoint now, and will be another pod's.
  virtual void forget(std::uint32_t id) = 0;
};

struct TargetChoiceSettings {
  std::string balancer = "round_robin";
  std::optional<TimeNs> affinity_timeout;  // client_ip; absent: as a scenario's default
  std::uint64_t seed = 1;
};

/// What the executable brings along.
struct TargetChoices {
  std::vector<std::string> names;
  std::function<std::unique_ptr<TargetChoice>(const TargetChoiceSettings&)> make;
};

}  // namespace wsfleet
