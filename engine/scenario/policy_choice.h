// SPDX-License-Identifier: Apache-2.0
#pragma once
// Policies as they are named on the command line: `hpa`, or with settings of its own,
// `hpa:target_connections=300,tolerance=0.2`; several are separated by commas. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "scaler/policies/policies.h"

namespace wsfleet {

struct PolicyChoice {
  std::string label;  // as the user wrote it; names the policy in results
  const PolicyEntry* entry = nullptr;
  std::vector<std::string> sets;  // as for --set: "policy.hpa.target_connections=300"
};

/// A part with '=' and no policy before it belongs to the policy on its left, so that
/// "hpa:a=1,b=2,oracle" is two policies. Unknown policies are ErrorKind::configuration, what can't
/// be read or is named twice is ErrorKind::usage.
Result<std::vector<PolicyChoice>> parse_policies(std::string_view list);

/// Splits at commas that stand outside of quotes, brackets and braces: TOML values in a list.
std::vector<std::string> split_values(std::string_view list);

/// For directory names: "hpa:target_connections=300" becomes "hpa-target_connections-300".
std::string file_name_of(std::string_view label);

}  // namespace wsfleet
