// SPDX-License-Identifier: Apache-2.0
#pragma once
// The table of policies: explicit, sorted by name, no self-registration (a static library would
// drop it). docs/how-to/add-a-policy.md says what a new line needs. Thread-safe: constant.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "core/toml/toml_reader.h"
#include "scaler/policies/policy.h"

namespace wsfleet {

struct PolicyEntry {
  std::string_view name;
  std::string_view summary;  // one line, for `wsfleet policies`
  TimeNs default_interval;   // between decisions, unless `[scaler] interval` says otherwise
  bool simulation_only;      // needs PolicyContext::demand_per_second
  /// Reads and checks the keys of `[policy.<name>]`; mistakes become diagnostics of the table's
  /// document. Always returns a policy, which must not be used when there are diagnostics.
  std::unique_ptr<Policy> (*make)(TomlTable policy_table, const PolicyContext& context);
};

/// Sorted by name.
std::span<const PolicyEntry> policies();
std::vector<std::string> policy_names();
/// Null when there is no such policy.
const PolicyEntry* find_policy(std::string_view name);
/// ErrorKind::configuration, naming the closest policy, or all of them when none is close.
Result<const PolicyEntry*> policy_named(std::string_view name);

/// Makes `entry`'s policy from its table in `[policy]` (absent tables mean defaults).
std::unique_ptr<Policy> make_policy(const PolicyEntry& entry, TomlDocument& document,
                                    const PolicyContext& context);

/// Reports the tables of `[policy]` that belong to no policy, and reads the keys of all the others
/// so that a mistake in a policy that does not run today is still found (`validate`).
void check_policy_tables(TomlDocument& document, const PolicyContext& context);

}  // namespace wsfleet
