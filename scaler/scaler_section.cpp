// SPDX-License-Identifier: Apache-2.0
#include "scaler/scaler_section.h"

#include <fmt/format.h>

#include "scaler/policies/policies.h"

namespace wsfleet {
namespace {

constexpr std::int64_t kMostReplicas = 1'000'000;

// A default that the other bound rules out is as wrong as a written one: it must be set then.
void check_bounds(TomlTable& table, const ScalerSettings& settings) {
  if (settings.max_replicas < settings.min_replicas) {
    const bool max_given = table.has("max_replicas");
    table.error(
        max_given ? "max_replicas" : "min_replicas",
        fmt::format("'scaler.max_replicas' ({}{}) is below 'scaler.min_replicas' ({})",
                    settings.max_replicas, max_given ? "" : ", the default", settings.min_replicas),
        max_given ? "" : "set max_replicas too");
    return;
  }
  const int initial = settings.initial_replicas;
  if (table.has("initial_replicas") &&
      (initial < settings.min_replicas || initial > settings.max_replicas)) {
    table.error("initial_replicas",
                fmt::format("'scaler.initial_replicas' ({}) is outside {} to {}", initial,
                            settings.min_replicas, settings.max_replicas),
                "");
  }
}

}  // namespace

ScalerSettings read_scaler(TomlTable table) {
  ScalerSettings settings;
  const auto replicas = [&table](const char* key, int fallback, std::int64_t least) {
    return static_cast<int>(table.integer(key, fallback, {.min = least, .max = kMostReplicas}));
  };
  settings.min_replicas = replicas("min_replicas", settings.min_replicas, 1);
  settings.max_replicas = replicas("max_replicas", settings.max_replicas, 1);
  settings.initial_replicas = replicas("initial_replicas", settings.initial_replicas, 1);
  settings.policy = table.choice("policy", settings.policy, policy_names());
  settings.interval =
      table.duration("interval", settings.interval, {.min = kMillisecond, .max = 24 * kHour});
  const RunBy run_by = table.choice("run_by", RunBy::autoscaler,
                                    {{name_of(RunBy::autoscaler), RunBy::autoscaler},
                                     {name_of(RunBy::wsfleet_scaler), RunBy::wsfleet_scaler}});
  if (table.has("run_by")) settings.run_by = run_by;
  check_bounds(table, settings);
  table.finish();
  return settings;
}

}  // namespace wsfleet
