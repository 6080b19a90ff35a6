// SPDX-License-Identifier: Apache-2.0
#pragma once
// One server that the rules are tested on, whatever it is made of: the simulated pod or the real
// process. Each question starts a server of its own with the given settings. The clients whose life
// is looked at are of the same world: simulated ones, or those of wsfleet-loadgen.

#include <cstdint>
#include <memory>
#include <optional>
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
  std::vector<TimeNs> at;  // when each close frame came, after the first order
  std::int64_t open_after = 0;
  std::int64_t without_frame = 0;
  std::int64_t refused_meanwhile = 0;  // of clients that come while it lasts
};

/// Clients whose life is looked at: they come within half a second and stay for `length`.
struct Crew {
  std::int64_t clients = 0;
  TimeNs length = 0;
  TimeNs wait = 0;  // before each further attempt
  int max_attempts = 0;
  bool cut = false;  // all of them, while all are open
};

struct Lives {
  std::int64_t sessions = 0;
  std::int64_t attempts = 0;
  std::int64_t reconnects = 0;  // attempts of those that had been open
  std::int64_t completed = 0;
  std::int64_t lost = 0;
  std::vector<TimeNs> began;  // each attempt, to the second, after the first client came
};

/// What a server is told, `after` the first order.
struct Order {
  std::optional<double> shed;  // the share; absent: to drain
  TimeNs after = 0;
};

class RuleSubject {
 public:
  virtual ~RuleSubject() = default;
  /// About so many clients come at once and stay.
  virtual Arrivals come(const ServerSettings& settings, std::int64_t clients) = 0;
  /// About so many are open; then the server is told to drain or to shed. A drain comes last.
  virtual Closes close(const ServerSettings& settings, std::int64_t clients,
                       const std::vector<Order>& orders) = 0;
  /// Clients until all of them have left or are lost.
  virtual Lives live(const ServerSettings& settings, const Crew& crew) = 0;
};

std::unique_ptr<RuleSubject> simulated_pod();
std::unique_ptr<RuleSubject> real_server();

}  // namespace wsfleet
