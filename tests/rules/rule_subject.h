// SPDX-License-Identifier: Apache-2.0
#pragma once
// One server that the rules are tested on, whatever it is made of: the simulated pod or the real
// process. Each question starts a server of its own with the given settings.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/time.h"
#include "server/settings.h"

namespace wsfleet {

struct Arrivals {
  std::int64_t attempts = 0;
  std::int64_t opened = 0;
  std::int64_t refused = 0;
  bool ready_after = true;  // as the readiness probe sees it once all have come
};

struct Closes {
  std::int64_t open_before = 0;
  std::vector<TimeNs> at;  // when each close frame came, after the drain or shed began
  std::int64_t open_after = 0;
  std::int64_t without_frame = 0;
  std::int64_t refused_meanwhile = 0;  // of clients that come while it lasts
};

class RuleSubject {
 public:
  virtual ~RuleSubject() = default;
  /// About so many clients come at once and stay.
  virtual Arrivals come(const ServerSettings& settings, std::int64_t clients) = 0;
  /// About so many are open; then the server is told to drain.
  virtual Closes drain(const ServerSettings& settings, std::int64_t clients) = 0;
  /// The same with a shed.
  virtual Closes shed(const ServerSettings& settings, std::int64_t clients, double share) = 0;
};

std::unique_ptr<RuleSubject> simulated_pod();
std::unique_ptr<RuleSubject> real_server();

}  // namespace wsfleet
