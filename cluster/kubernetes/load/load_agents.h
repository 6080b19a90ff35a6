// SPDX-License-Identifier: Apache-2.0
#pragma once
// Talks to the agents of load pods through the API server's proxy (docs/formats/loadgen-agent.md).
// What can be asked for again is, until a deadline, while the answer is `unavailable`. Any thread
// may call, also at the same time.

#include <functional>
#include <string>
#include <vector>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/load/load_pods.h"
#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

class LoadAgents {
 public:
  LoadAgents(ApiClient& client, std::string name_space, std::string token);

  // `pod` is a name, `until` on the monotonic clock. Errors name the pod.

  /// Tried once, for a few seconds.
  Result<AgentStatus> status(const std::string& pod) const;
  /// `body` as of POST /start, with `shard` among its arguments. An answer that got lost is
  /// noticed: who has that shard already has been started.
  Result<void> start(const std::string& pod, const std::string& body, const std::string& shard,
                     TimeNs until) const;
  Result<void> stop(const std::string& pod, TimeNs until) const;
  Result<std::string> report(const std::string& pod, TimeNs until) const;
  Result<std::string> log(const std::string& pod, TimeNs until) const;
  /// Tried once; it does not matter much.
  void done(const std::string& pod) const;

 private:
  Result<std::string> ask(const std::string& method, const std::string& pod,
                          const std::string& target, const std::string& body,
                          TimeNs deadline) const;

  ApiClient& client_;
  std::string name_space_;
  std::string token_;
};

/// Calls `work` with each index below `count`, several at a time; the first error by index.
Result<void> for_each_at_once(std::size_t count,
                              const std::function<Result<void>(std::size_t)>& work);

}  // namespace wsfleet
