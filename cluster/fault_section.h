// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the `[[fault]]` tables of a scenario (docs/formats/scenario-cluster.md) and says which
// kinds a backend can honour. Mistakes become diagnostics of the tables' document.

#include <string>
#include <vector>

#include "core/seam/fault.h"
#include "core/toml/toml_reader.h"

namespace wsfleet {

/// Sorted by time; those at the same time in the order of the file, which is also what their index
/// counts. `root` is the document's root.
std::vector<Fault> read_faults(TomlTable root);

/// "pod_kill", as the key `kind` has it.
const char* fault_name(FaultKind kind);
/// All of them, sorted by name.
std::vector<FaultKind> fault_kinds();

/// Whether Faults::inject() of that backend ("simulated", "local", "kubernetes") can do it.
bool backend_honours(const std::string& backend, FaultKind kind);

}  // namespace wsfleet
