// SPDX-License-Identifier: Apache-2.0
#include "loadgen/workload_section.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "loadgen/arrivals/arrivals_section.h"

namespace wsfleet {
namespace {

constexpr std::int64_t kMostAddresses = 1'000'000'000'000;
constexpr std::int64_t kMostRooms = 1'000'000'000;
constexpr std::int64_t kMostAttempts = 10'000;
constexpr std::int64_t kLongestMessage = 16 * 1024 * 1024;
constexpr TimeNs kLongestMean = 10 * 365 * 24 * kHour;

std::string distribution_of(std::string_view key) {
  if (key == "sigma") return "distribution 'lognormal'";
  if (key == "alpha") return "distribution 'pareto'";
  return {};
}

LengthSettings read_length(TomlTable table) {
  LengthSettings length;
  const std::string name =
      table.choice("distribution", "", {"exponential", "fixed", "lognormal", "pareto"});
  length.mean = table.duration("mean", length.mean, {.min = kMillisecond, .max = kLongestMean});
  if (name.empty() && table.has("distribution")) {  // its other keys can't be judged
    table.accept("sigma");
    table.accept("alpha");
  } else if (name == "lognormal") {
    length.distribution = LengthDistribution::lognormal;
    length.sigma = table.number("sigma", length.sigma, {.min = 0, .max = 5, .exclusive_min = true});
    report_misplaced(table, "distribution 'lognormal'", {"sigma"}, distribution_of);
  } else if (name == "pareto") {
    length.distribution = LengthDistribution::pareto;
    length.alpha = table.number("alpha", length.alpha, {.min = 1, .exclusive_min = true});
    report_misplaced(table, "distribution 'pareto'", {"alpha"}, distribution_of);
  } else {
    if (name == "fixed") length.distribution = LengthDistribution::fixed;
    report_misplaced(table, fmt::format("distribution '{}'", name.empty() ? "exponential" : name),
                     {}, distribution_of);
  }
  table.finish();
  return length;
}

void read_session(TomlTable table, WorkloadSettings& workload) {
  workload.length = read_length(table.table("length"));
  workload.messages_per_second =
      table.number("messages_per_second", workload.messages_per_second, {.min = 0, .max = 1e6});
  workload.message_bytes =
      table.bytes("message_bytes", workload.message_bytes, {.min = 0, .max = kLongestMessage});
  workload.rooms = table.integer("rooms", workload.rooms, {.min = 0, .max = kMostRooms});
  table.finish();
}

/// All keys stand with every policy, so that `--set workload.reconnect.policy=none` is enough to
/// see what a policy is worth; those that it has no use for do nothing.
ReconnectSettings read_reconnect(TomlTable table) {
  ReconnectSettings reconnect;
  reconnect.kind = table.choice("policy", reconnect.kind,
                                {{"exponential", ReconnectKind::exponential},
                                 {"fixed", ReconnectKind::fixed},
                                 {"full_jitter", ReconnectKind::full_jitter},
                                 {"none", ReconnectKind::none}});
  const TimeNs base = table.duration("base", -1, {.min = 0, .exclusive_min = true});
  const TimeNs cap = table.duration("cap", -1, {.min = 0, .exclusive_min = true});
  if (base > 0) reconnect.base = base;
  if (cap > 0) reconnect.cap = cap;
  reconnect.max_attempts = static_cast<int>(
      table.integer("max_attempts", reconnect.max_attempts, {.min = 1, .max = kMostAttempts}));
  reconnect.connect_timeout = table.duration("connect_timeout", reconnect.connect_timeout,
                                             {.min = 0, .exclusive_min = true});
  const bool capped =
      reconnect.kind == ReconnectKind::exponential || reconnect.kind == ReconnectKind::full_jitter;
  const bool any_wrong = (table.has("base") && base < 0) || (table.has("cap") && cap < 0);
  if (capped && !any_wrong && reconnect.cap < reconnect.base) {
    const bool cap_given = table.has("cap");
    table.error(
        cap_given ? "cap" : "base",
        fmt::format("'{0}.cap' ({1}{2}) is below '{0}.base' ({3}{4})", table.path(),
                    format_duration(reconnect.cap), cap_given ? "" : ", the default",
                    format_duration(reconnect.base), table.has("base") ? "" : ", the default"));
  }
  table.finish();
  return reconnect;
}

}  // namespace

WorkloadSettings read_workload(TomlTable table, const std::string& scenario_directory) {
  WorkloadSettings workload;
  workload.source_addresses = table.integer("source_addresses", workload.source_addresses,
                                            {.min = 0, .max = kMostAddresses});
  workload.arrivals = read_arrivals(table.table("arrivals"), scenario_directory);
  read_session(table.table("session"), workload);
  workload.reconnect = read_reconnect(table.table("reconnect"));
  table.finish();
  return workload;
}

}  // namespace wsfleet
