// SPDX-License-Identifier: Apache-2.0
#pragma once
// The server's TOML file: `[server]` as in a scenario, and tables for what only a real server has
// (docs/formats/server.md). Reads one file; throws nothing.

#include <string>
#include <vector>

#include "core/result.h"
#include "core/toml/diagnostics.h"
#include "server/live/options/server_options.h"

namespace wsfleet {

/// Fills in what the file sets. `token_file` gets the path of `[listen] admin_token_file`.
std::vector<Diagnostic> read_server_config(const std::string& path, ServerOptions& options,
                                           std::string& token_file);

/// What no single option can get wrong alone, wherever the values came from.
Result<void> check_server_options(const ServerOptions& options);

}  // namespace wsfleet
