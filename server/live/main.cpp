// SPDX-License-Identifier: Apache-2.0
// The executable `wsfleet-server`.
#include "core/log.h"
#include "server/live/server.h"

int main(int argc, char** argv) {
  wsfleet::ServerCommand command = wsfleet::read_server_command(argc, argv);
  if (!command.serve) return command.exit_status;
  wsfleet::Server server(std::move(command.options));
  const auto result = server.run();
  if (result) return 0;
  wsfleet::log_error(result.error().message);
  return wsfleet::exit_status(result.error().kind);
}
