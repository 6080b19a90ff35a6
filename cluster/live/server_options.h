// SPDX-License-Identifier: Apache-2.0
#pragma once
// A scenario's `[server]` as wsfleet-server takes it, the same for all live backends. Pure.

#include <string>
#include <utility>
#include <vector>

#include "server/settings.h"

namespace wsfleet {

/// Options and their values; flags have "true" or "false".
std::vector<std::pair<std::string, std::string>> server_options(const ServerSettings& server);

/// The environment variable that says the same: "WSFLEET_MAX_CONNECTIONS" of "--max-connections".
std::string server_variable(const std::string& option);

}  // namespace wsfleet
