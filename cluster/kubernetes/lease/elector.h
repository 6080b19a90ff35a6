// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who of several may act, by a Lease (coordination.k8s.io/v1), as client-go's leaderelection has
// it: the holder renews, the others count from when they themselves saw the Lease change, on their
// own monotonic clock, and trust nobody's wall clock. Each write carries the resourceVersion it
// builds on, so a write of a holder of yesterday fails: that is the fence. One step is one try;
// leader_election.h calls it in time. Thread-safe; what only asks never waits for a request.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

class ApiClient;

struct ElectionSettings {
  std::string name_space;
  std::string lease_name;
  std::string identity;                  // of this candidate; no two have the same
  TimeNs lease_duration = 15 * kSecond;  // whole seconds; others wait so long
  TimeNs renew_deadline = 10 * kSecond;  // under lease_duration; then the holder stops by itself
  TimeNs retry_period = 2 * kSecond;     // under renew_deadline
};

/// Where the Lease is. Each call ends within `deadline`; errors as ApiClient's.
class LeaseStore {
 public:
  virtual ~LeaseStore() = default;
  virtual Result<nlohmann::json> read(TimeNs deadline) = 0;
  virtual Result<nlohmann::json> create(const nlohmann::json& lease, TimeNs deadline) = 0;
  virtual Result<nlohmann::json> replace(const nlohmann::json& lease, TimeNs deadline) = 0;
};

struct ElectionClocks {
  std::function<TimeNs()> monotonic;
  std::function<TimeNs()> wall;  // only to fill in the Lease's times, for people
};

class Elector {
 public:
  using Annotations = std::map<std::string, std::string>;

  /// `store` outlives it. No clocks: the machine's.
  Elector(ElectionSettings settings, LeaseStore& store, ElectionClocks clocks = {});
  ~Elector();

  /// One try to take the Lease or to renew it. An Error says why it could not be known or written;
  /// that another one holds it is none.
  Result<void> step();
  /// Gives the Lease up, so that another one can take it at once.
  Result<void> release();
  /// Writes annotations of the Lease while leading (a renewal, too). `conflict`: this candidate
  /// leads no more, and nothing was written.
  Result<void> annotate(const Annotations& annotations);

  /// False as soon as renew_deadline has passed since the last renewal was sent.
  bool leading() const { return time_left() > 0; }
  /// How long a request may still take that only a leader may make; 0 when not leading. It ends
  /// lease_duration - renew_deadline before another one can take the Lease.
  TimeNs time_left() const;
  /// Counts how often this candidate began to lead. In one term nobody else led.
  int term() const;
  /// As of the last answer.
  std::string holder() const;
  int transitions() const;
  Annotations annotations() const;
  /// Since the last answer of the store, whatever it was; kNever before the first.
  TimeNs silence() const;
  const ElectionSettings& settings() const { return settings_; }

 private:
  struct Seen;

  Result<void> renew();
  Result<void> take();
  Result<void> write(nlohmann::json lease, bool create);
  void saw(const nlohmann::json& lease);
  void stop_holding();
  nlohmann::json filled(nlohmann::json lease, bool acquired);
  std::string next_time();
  TimeNs request_deadline() const;

  const ElectionSettings settings_;
  LeaseStore& store_;
  ElectionClocks clocks_;
  std::mutex request_mutex_;  // one request at a time; guards the two that follow
  TimeNs last_wall_ = 0;
  TimeNs same_wall_ = 0;  // how often the wall clock said the same
  std::unique_ptr<Seen> seen_;
};

/// The Lease on a cluster; `client` outlives it.
std::unique_ptr<LeaseStore> kubernetes_lease(ApiClient& client, const ElectionSettings& settings);

}  // namespace wsfleet
