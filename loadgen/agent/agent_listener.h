// SPDX-License-Identifier: Apache-2.0
#pragma once
// Serves an agent over HTTP until it ends.

#include "core/result.h"
#include "loadgen/agent/agent_options.h"

namespace wsfleet {

/// The status to exit with. Blocks; SIGTERM and SIGINT end it and the load generator.
Result<int> run_agent(const AgentOptions& options);

}  // namespace wsfleet
