// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the `[server]` section of a scenario (docs/formats/scenario-server.md). Mistakes become
// diagnostics of the table's document.

#include "core/toml/toml_reader.h"
#include "server/settings.h"

namespace wsfleet {

ServerSettings read_server(TomlTable table);

}  // namespace wsfleet
