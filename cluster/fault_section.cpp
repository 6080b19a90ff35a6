// SPDX-License-Identifier: Apache-2.0
#include "cluster/fault_section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace wsfleet {
namespace {

// What a kind takes beside `at` and `kind`. `for` and `factor` have no default: none would fit.
struct FaultEntry {
  const char* name;
  FaultKind kind;
  bool takes_duration;
  bool takes_count;
  bool takes_factor;
  bool simulated;  // whether that backend honours it
  bool local;
  bool kubernetes;
};

constexpr std::array kFaults{
    FaultEntry{"api_outage", FaultKind::api_outage, true, false, false, true, false, false},
    FaultEntry{"network_cut", FaultKind::network_cut, true, true, false, true, true, false},
    FaultEntry{"node_down", FaultKind::node_down, true, true, false, true, false, false},
    FaultEntry{"pod_kill", FaultKind::pod_kill, false, true, false, true, true, true},
    FaultEntry{"prometheus_outage", FaultKind::prometheus_outage, true, false, false, true, true,
               true},
    FaultEntry{"redis_outage", FaultKind::redis_outage, true, false, false, true, true, true},
    FaultEntry{"slow_start", FaultKind::slow_start, true, false, true, true, true, false},
};

static_assert(std::is_sorted(kFaults.begin(), kFaults.end(),
                             [](const FaultEntry& a, const FaultEntry& b) {
                               return std::string_view(a.name) < std::string_view(b.name);
                             }));

const FaultEntry& entry_of(FaultKind kind) {
  return *std::find_if(kFaults.begin(), kFaults.end(),
                       [kind](const FaultEntry& entry) { return entry.kind == kind; });
}

const FaultEntry* read_kind(TomlTable& table) {
  if (!table.has("kind")) {
    table.required_string("kind");
    return nullptr;
  }
  std::vector<std::string> names;
  for (const FaultEntry& entry : kFaults) names.emplace_back(entry.name);
  const std::string name = table.choice("kind", "", names);
  const auto found = std::find_if(kFaults.begin(), kFaults.end(),
                                  [&](const FaultEntry& entry) { return entry.name == name; });
  return found != kFaults.end() ? &*found : nullptr;
}

void reject(TomlTable& table, const char* key, const FaultEntry& entry) {
  table.accept(key);
  if (!table.has(key)) return;
  std::vector<const char*> keys{"at", "kind"};
  if (entry.takes_duration) keys.push_back("for");
  if (entry.takes_count) keys.push_back("count");
  if (entry.takes_factor) keys.push_back("factor");
  table.error(key, fmt::format("'{}' does not apply to a fault of kind '{}'", key, entry.name),
              fmt::format("it takes {}", fmt::join(keys, ", ")));
}

Fault read_fault(TomlTable& table) {
  Fault fault;
  fault.at = table.required_duration("at");
  const FaultEntry* entry = read_kind(table);
  if (entry == nullptr) {  // no word on the rest before the kind is known
    for (const char* key : {"for", "count", "factor"}) table.accept(key);
    table.finish();
    return fault;
  }
  fault.kind = entry->kind;
  if (entry->takes_duration) {
    fault.duration = table.required_duration("for", {.min = 0, .exclusive_min = true});
  } else {
    reject(table, "for", *entry);
  }
  if (entry->takes_count) {
    fault.count =
        static_cast<int>(table.integer("count", fault.count, {.min = 1, .max = 1'000'000}));
  } else {
    reject(table, "count", *entry);
  }
  if (entry->takes_factor) {
    fault.factor = table.required_number("factor", {.min = 0, .exclusive_min = true});
  } else {
    reject(table, "factor", *entry);
  }
  table.finish();
  return fault;
}

}  // namespace

std::vector<Fault> read_faults(TomlTable root) {
  std::vector<Fault> faults;
  std::vector<TomlTable> tables = root.tables("fault");
  for (TomlTable& table : tables) {
    faults.push_back(read_fault(table));
    faults.back().index = faults.size() - 1;
  }
  std::stable_sort(faults.begin(), faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  return faults;
}

const char* fault_name(FaultKind kind) { return entry_of(kind).name; }

std::vector<FaultKind> fault_kinds() {
  std::vector<FaultKind> kinds;
  for (const FaultEntry& entry : kFaults) kinds.push_back(entry.kind);
  return kinds;
}

bool backend_honours(const std::string& backend, FaultKind kind) {
  const FaultEntry& entry = entry_of(kind);
  if (backend == "simulated") return entry.simulated;
  if (backend == "local") return entry.local;
  return backend == "kubernetes" && entry.kubernetes;
}

}  // namespace wsfleet
