// SPDX-License-Identifier: Apache-2.0
#include "scaler/policies/policies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "scaler/policies/fixed.h"
#include "scaler/policies/hpa.h"
#include "scaler/policies/oracle.h"
#include "scaler/policies/original.h"

namespace wsfleet {
namespace {

constexpr std::array kPolicies{
    PolicyEntry{"fixed", "always the same number of replicas", 15 * kSecond, false, make_fixed},
    PolicyEntry{"hpa", "Kubernetes' HorizontalPodAutoscaler v2 on connections per pod",
                15 * kSecond, false, make_hpa},
    PolicyEntry{"oracle", "knows the demand to come; the bound for the others", 5 * kSecond, true,
                make_oracle},
    PolicyEntry{"original", "the original demonstration's rule to the letter, one pod at a time",
                5 * kSecond, false, make_original},
};

static_assert(std::is_sorted(kPolicies.begin(), kPolicies.end(),
                             [](const PolicyEntry& a, const PolicyEntry& b) {
                               return a.name < b.name;
                             }));

}  // namespace

std::span<const PolicyEntry> policies() { return kPolicies; }

std::vector<std::string> policy_names() {
  std::vector<std::string> names;
  for (const PolicyEntry& entry : kPolicies) names.emplace_back(entry.name);
  return names;
}

const PolicyEntry* find_policy(std::string_view name) {
  for (const PolicyEntry& entry : kPolicies) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

Result<const PolicyEntry*> policy_named(std::string_view name) {
  if (const PolicyEntry* entry = find_policy(name)) return entry;
  const std::vector<std::string> names = policy_names();
  const auto near = closest_match(name, names);
  return fail(ErrorKind::configuration,
              fmt::format("unknown policy '{}'; {}", name,
                          near ? fmt::format("did you mean '{}'?", *near)
                               : fmt::format("there are {}", fmt::join(names, ", "))));
}

std::unique_ptr<Policy> make_policy(const PolicyEntry& entry, TomlDocument& document,
                                    const PolicyContext& context) {
  return entry.make(document.root().table("policy").table(entry.name), context);
}

void check_policy_tables(TomlDocument& document, const PolicyContext& context) {
  TomlTable tables = document.root().table("policy");
  for (const PolicyEntry& entry : kPolicies) entry.make(tables.table(entry.name), context);
  tables.finish();
}

}  // namespace wsfleet
