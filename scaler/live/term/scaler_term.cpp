// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/term/scaler_term.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/live/live_clock.h"
#include "core/live/utc.h"
#include "scaler/live/term/guarded_cluster.h"
#include "scaler/live/term/lease_memory.h"
#include "scaler/live/term/live_recorder.h"
#include "scaler/live/term/saved_state.h"
#include "scaler/policy_setup.h"

namespace wsfleet {
namespace {

/// A leader that does not know what its policy knew only adds pods for so many intervals. Policies
/// that look further back than that begin as Kubernetes' autoscaler does, with the present count
/// among their recommendations.
constexpr int kHeldIntervals = 3;

/// What the term begins with.
struct Beginning {
  TimeNs now = 0;  // on the axis
  HoldSettings hold;
};

Beginning begin(const ScalerTerm& term, const PolicyIdentity& identity, Policy& policy) {
  const ScalerConfig& config = term.config;
  const HandOver given = term.leadership.handed_over();
  Beginning beginning;
  beginning.hold.on_doubt = config.run_by == RunBy::wsfleet_scaler;
  const TimeNs wall = wall_now();
  const Result<double> restored = restore_state(
      identity, given.policy_state, to_seconds(wall - term.epoch), config.interval, policy);
  if (restored) {
    beginning.now = axis_start(wall, term.epoch, &*restored);
    term.log.write(LogLevel::info, "memory_restored",
                   {{"policy", identity.policy}, {"time_s", *restored}});
    return beginning;
  }
  beginning.now = axis_start(wall, term.epoch, nullptr);
  // An epoch that no leader has acted in yet: everything begins here, nothing has been forgotten.
  const bool is_first = config.kubernetes.epoch && given.epoch != identity.epoch;
  term.log.write(LogLevel::info, "memory_empty",
                 {{"why", restored.error().message}, {"first", is_first ? "yes" : "no"}});
  if (is_first || config.kubernetes.dry_run) return beginning;
  beginning.hold.until_s =
      to_seconds(std::max<TimeNs>(0, beginning.now) + kHeldIntervals * config.interval);
  beginning.hold.why_until = fmt::format(
      "this leader began without its policy's memory ({}) and removes no pod for {} intervals",
      restored.error().message, kHeldIntervals);
  return beginning;
}

}  // namespace

TimeNs epoch_of(const ScalerConfig& config, const HandOver& given, TimeNs wall) {
  if (config.kubernetes.epoch) return *config.kubernetes.epoch;
  const auto known = parse_utc(given.epoch);
  return known ? *known : wall / kMillisecond * kMillisecond;
}

Result<void> run_term(const ScalerTerm& term) {
  const ScalerConfig& config = term.config;
  const std::unique_ptr<Policy> policy = config.make_policy();
  const PolicyIdentity identity{std::string(config.policy->name), config.settings_hash,
                                format_utc(term.epoch)};
  const Beginning beginning = begin(term, identity, *policy);
  const bool dry_run = config.kubernetes.dry_run;
  GuardedCluster cluster(term.fleet.cluster(), dry_run,
                         [&term] { return term.leadership.leading(); });
  if (const auto state = cluster.state()) {
    term.status.heard();
    term.log.write(LogLevel::info, "leading",
                   {{"policy", identity.policy},
                    {"epoch", identity.epoch},
                    {"time_s", to_seconds(beginning.now)},
                    {"replicas", state->replicas},
                    {"dry_run", dry_run ? "yes" : "no"}});
  } else {
    term.log.write(LogLevel::warning, "leading_blind", {{"error", state.error().message}});
  }
  LiveRecorder recorder({.identity = term.identity, .dry_run = dry_run, .print = term.print},
                        term.fleet, term.status, term.log);
  LeaseMemory memory(identity, *policy, term.leadership, term.status, term.log);
  ScalerClock clock(
      beginning.now,
      [&term] {
        term.status.moved();
        return term.goes_on();
      },
      term.wakeup);
  ControlLoopSettings settings = control_loop_settings(config.scaler, *config.policy);
  settings.hold = beginning.hold;
  if (!dry_run) settings.may_act = [&memory](double time_s) { return memory.leave(time_s); };
  const auto summary =
      run_control_loop(*policy, settings, clock, cluster, term.fleet.metrics(), recorder);
  if (!summary) return tl::unexpected(summary.error());
  term.log.write(LogLevel::info, "stopped_leading",
                 {{"decisions", summary->decisions},
                  {"scale_ups", summary->scale_ups},
                  {"scale_downs", summary->scale_downs},
                  {"held", summary->held},
                  {"missed", summary->missed}});
  return {};
}

}  // namespace wsfleet
