// SPDX-License-Identifier: Apache-2.0
#pragma once
// The pods of a load generator's Job, from their objects and from what their agents answer
// (docs/formats/loadgen-agent.md), and what that means for the run. Pure.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace wsfleet {

struct LoadPod {
  std::string name;
  std::string uid;
  std::string phase;      // "Pending", "Running", "Succeeded", "Failed"; "Gone": there is none
  bool running = false;   // its container runs, and nobody has asked it to end
  bool hopeless = false;  // it will never run: waiting does not help
  std::string trouble;    // why it does not run, in the cluster's words; "" when it does
};
LoadPod read_load_pod(const nlohmann::json& pod);
/// Whether the Job with this uid owns it; another one may have had the same name.
bool belongs_to_job(const nlohmann::json& pod, const std::string& job_uid);

enum class AgentState { waiting, running, ended };
struct AgentStatus {
  AgentState state = AgentState::waiting;
  std::string shard = {};
  std::optional<int> exit_status = {};
  std::uint64_t report_bytes = 0;
  std::string log_tail = {};
};
/// What an agent answered through the API server's proxy: its body with 200. Errors: `unavailable`
/// when the proxy did not reach it, `not_found` when there is no such pod, `conflict` when the
/// agent is in no state for that (409), `failed` with its words, or the API server's, for the rest.
Result<std::string> read_agent_answer(int http_status, std::string body);
/// `failed` for what is no status of an agent.
Result<AgentStatus> read_agent_status(std::string_view body);

/// How a pod of a running Job was last seen.
struct LoadPodSeen {
  LoadPod pod;
  std::optional<AgentStatus> agent;  // nothing before its first answer

  /// There is nothing more to wait for.
  bool over() const;
  /// Its load generator or the pod failed; "" when not. A threshold that was missed (99) and a stop
  /// that was asked for (105) are no failures.
  std::string failure() const;
};

/// "2 of 3 load pods do not run: a: Pending (...); b: Pending (...)"; "" when all `expected` do.
std::string not_running(const std::vector<LoadPod>& pods, int expected);

}  // namespace wsfleet
