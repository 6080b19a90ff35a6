// SPDX-License-Identifier: Apache-2.0
#pragma once
// The command line of wsfleet-loadgen-agent. docs/formats/loadgen-agent.md describes it.

#include <cstdint>
#include <string>

#include "loadgen/agent/load_agent.h"

namespace wsfleet {

struct AgentOptions {
  std::string listen = "0.0.0.0";
  std::uint16_t port = 8090;  // 0: any free one
  AgentSettings agent;
};

struct AgentCommand {
  bool serve = false;
  int exit_status = 0;  // without `serve`: it was all done while reading, or there was a mistake
  AgentOptions options;
};

/// Mistakes have been told on stderr. Reads the token and finds the load generator, too.
AgentCommand read_agent_command(int argc, const char* const* argv);

}  // namespace wsfleet
