// SPDX-License-Identifier: Apache-2.0
#pragma once
// One experiment at a time in a namespace: a ConfigMap that names its holder, when it was renewed
// last, and what the holder has changed. One object for all three, so that who may put back and
// what there is to put back can't disagree (ADR 21). Each write carries the resourceVersion that it
// builds on: a holder of yesterday writes no more. A thread of its own renews. Thread-safe.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <thread>

#include "cluster/kubernetes/api/api_client.h"
#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

/// The ConfigMap.
inline constexpr const char* kExperimentName = "wsfleet-experiment";

struct LockSettings {
  std::string identity = {};  // no two have the same; "": host, process and chance
  TimeNs renew_every = 5 * kSecond;
  TimeNs abandoned_after = 30 * kSecond;  // without a renewal; then `recover` may take it
  TimeNs watched_for = 10 * kSecond;      // before it is taken: wall clocks may be apart
  std::function<TimeNs()> wall = {};      // none: the machine's
};

class ExperimentLock {
 public:
  /// `client` outlives it.
  ExperimentLock(ApiClient& client, std::string name_space, LockSettings settings);
  /// Renews no more; the lock stays.
  ~ExperimentLock();

  /// Takes it and renews it from then on; what the holder before had written ("[]" for nothing).
  /// An error with holder, times and remedy where somebody has it; with `recover` only where that
  /// one does not renew it any more.
  Result<std::string> take(bool recover);
  /// Writes what is changed. `conflict`: somebody else has the lock now, and nothing was written.
  Result<void> write(const std::string& changes);
  /// Renews it now. `conflict`: somebody else has it; other errors: it can't be known, and the last
  /// renewal is so long ago that somebody may have taken it.
  Result<void> confirm();
  /// `conflict` when somebody else has it, as of the last write or renewal. Never waits.
  Result<void> held() const;
  /// Renews no more, and the ConfigMap goes.
  Result<void> release();

 private:
  struct Seen;

  Result<void> create();
  Result<Seen> read();
  Result<std::string> take_over(const Seen& seen);
  Result<void> watch(const Seen& seen);
  Result<void> update(nlohmann::json data, TimeNs deadline);
  Result<void> read_again();
  void begin_to_renew();
  void renew(const std::stop_token& stop);
  Error taken_by(const Seen& seen) const;
  void wrote(const nlohmann::json& object, TimeNs sent);

  ApiClient& client_;
  const std::string name_space_;
  const std::string collection_;
  const std::string path_;
  LockSettings settings_;
  std::mutex mutex_;  // one request at a time; guards what follows
  std::condition_variable_any never_;
  std::string version_;
  std::string began_;
  std::string changes_ = "[]";
  TimeNs renewed_ = 0;  // when the last renewal was sent
  mutable std::mutex taken_mutex_;
  std::string taken_;  // who has it now; "": this one
  std::jthread renewing_;
};

}  // namespace wsfleet
