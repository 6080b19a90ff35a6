// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an agent does with requests and with time (docs/formats/loadgen-agent.md): it waits to be
// told, runs the load generator, keeps what came out of it, and ends. No sockets and no clock: the
// listener brings both. One thread, which has to live as long as the load generator.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"
#include "loadgen/agent/load_process.h"

namespace wsfleet {

inline constexpr const char* kAgentTokenHeader = "X-Wsfleet-Token";

struct AgentSettings {
  std::string program;  // wsfleet-loadgen
  std::string token;    // not empty
  TimeNs wait = 10 * kMinute;
  TimeNs keep = 5 * kMinute;
};

struct AgentRequest {
  std::string_view method;
  std::string_view target;  // path and query
  std::string_view token;
  std::string_view body;
};

struct AgentAnswer {
  int status = 200;
  std::string body;
  bool json = true;  // else plain text
};

class LoadAgent {
 public:
  LoadAgent(AgentSettings settings, TimeNs now);

  /// Whether the token lets a request in; /livez needs none. An answer says that it does not.
  std::optional<AgentAnswer> refuse(const AgentRequest& request) const;
  /// Of a request that was not refused.
  AgentAnswer answer(const AgentRequest& request, TimeNs now);
  /// SIGTERM.
  void terminate(TimeNs now);
  /// Looks after the load generator, copies its log to stderr, watches the limits of time; several
  /// times a second. The status to end with, when that is due.
  std::optional<int> advance(TimeNs now);

 private:
  AgentAnswer start(std::string_view body);
  AgentAnswer stop();
  AgentAnswer done();
  AgentAnswer status() const;
  AgentAnswer report(std::string_view query) const;
  AgentAnswer log() const;
  const char* state() const;
  void copy_log();

  const AgentSettings settings_;
  LoadProcess process_;
  std::string shard_;
  TimeNs since_;                      // when the wait for /start or for /done began
  std::optional<TimeNs> terminated_;  // when SIGTERM came
  std::optional<int> end_with_;
  std::uint64_t copied_ = 0;  // bytes of the log
  bool ended_ = false;
};

}  // namespace wsfleet
