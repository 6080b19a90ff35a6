// SPDX-License-Identifier: Apache-2.0
// The executable `wsfleet-loadgen-agent`.
#include "core/log.h"
#include "loadgen/agent/agent_listener.h"

int main(int argc, char** argv) {
  const wsfleet::AgentCommand command = wsfleet::read_agent_command(argc, argv);
  if (!command.serve) return command.exit_status;
  const auto status = wsfleet::run_agent(command.options);
  if (status) return *status;
  wsfleet::log_error(status.error().message);
  return wsfleet::exit_status(status.error().kind);
}
