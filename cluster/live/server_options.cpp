// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/server_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/time.h"

namespace wsfleet {
namespace {

const char* mode_name(DrainMode mode) {
  constexpr const char* kNames[] = {"none", "immediate", "paced"};
  return kNames[static_cast<int>(mode)];
}

}  // namespace

std::vector<std::pair<std::string, std::string>> server_options(const ServerSettings& server) {
  return {{"--mode", server.mode == MessageMode::broadcast ? "broadcast" : "echo"},
          {"--max-connections", std::to_string(server.max_connections)},
          {"--max-connection-rate", fmt::format("{}", server.max_connection_rate)},
          {"--ready-when-full", server.ready_when_full ? "true" : "false"},
          {"--ping-interval", format_duration(server.ping_interval)},
          {"--drain-mode", mode_name(server.drain.mode)},
          {"--drain-over", format_duration(server.drain.over)},
          {"--drain-close-code", std::to_string(server.drain.close_code)},
          {"--termination-grace", format_duration(server.termination_grace)}};
}

std::string server_variable(const std::string& option) {
  std::string name = "WSFLEET_" + option.substr(2);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return name;
}

}  // namespace wsfleet
