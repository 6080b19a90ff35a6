// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads `[scaler]`: bounds, the policy's name, the interval. docs/formats/scenario-scaler.md
// describes the keys. Pure but for the diagnostics, which land in the table's document.

#include "core/toml/toml_reader.h"
#include "scaler/settings.h"

namespace wsfleet {

ScalerSettings read_scaler(TomlTable table);

}  // namespace wsfleet
