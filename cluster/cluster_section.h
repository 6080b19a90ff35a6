// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the `[cluster]` and `[metrics]` sections of a scenario (docs/formats/scenario-cluster.md).
// Mistakes become diagnostics of the table's document.

#include "cluster/settings.h"
#include "core/toml/toml_reader.h"

namespace wsfleet {

ClusterSettings read_cluster(TomlTable table);
MetricsSettings read_metrics(TomlTable table);

}  // namespace wsfleet
