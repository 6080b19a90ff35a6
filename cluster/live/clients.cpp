// SPDX-License-Identifier: Apache-2.0
#include "cluster/live/clients.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <system_error>

#include "cluster/balancers/balancer.h"
#include "core/process/files.h"
#include "core/random.h"
#include "loadgen/arrivals/rate_function.h"
#include "loadgen/live/figures/merge_reports.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

// Well below the limit of open files, and what one thread serves without being late.
constexpr std::int64_t kSessionsPerProcess = 13'000;
constexpr TimeNs kProcessStart = 1500 * kMillisecond;
constexpr std::int64_t kInitialPerSecond = 500;
// Where the workload does not say how many addresses there are.
constexpr std::int64_t kOwnAddresses = 64;
constexpr std::int64_t kMostAddresses = 60'000;

/// 127.1.0.1, 127.1.0.2, ...: apart from pods and services.
std::string source_addresses(const LiveSettings& settings) {
  const std::int64_t wanted = settings.workload.source_addresses;
  const std::int64_t count = wanted > 0 ? std::min(wanted, kMostAddresses) : kOwnAddresses;
  return fmt::format("127.1.0.1-127.1.{}.{}", count / 256, count % 256);
}

}  // namespace

std::vector<std::string> load_arguments(const LiveSettings& settings, const LoadTarget& target,
                                        const std::string& scenario, const std::string& trace) {
  std::vector<std::string> arguments;
  if (!target.url.empty()) arguments.push_back(target.url);
  const auto add = [&arguments](const char* option, std::string value) {
    arguments.emplace_back(option);
    arguments.push_back(std::move(value));
  };
  if (target.url.empty()) {
    add("--targets-file", target.targets_file);
    add("--balancer", balancer_name(settings.cluster.balancer));
    if (settings.cluster.balancer == BalancerKind::client_ip) {
      add("--affinity-timeout", format_duration(settings.cluster.affinity_timeout));
    }
  }
  if (!target.host.empty()) add("--host", target.host);
  add("--scenario", scenario);
  if (!trace.empty()) add("--set", fmt::format("workload.arrivals.file=\"{}\"", trace));
  add("--set", fmt::format("seed={}", settings.seed));
  if (target.on_loopback) add("--source-addresses", source_addresses(settings));
  add("--idle-timeout", format_duration(2 * settings.server.ping_interval));
  add("--late-connect", format_duration(settings.objective.time_to_connect));
  add("--late-message", format_duration(settings.objective.message_latency));
  arguments.emplace_back("--quiet");
  return arguments;
}

TimeNs clients_lead(const LiveSettings& settings) {
  if (!settings.start_steady) return kProcessStart;
  const RateFunction rate(settings.workload.arrivals, settings.workload.length, settings.duration);
  const SessionModel sessions(settings.workload, RandomStreams(settings.seed));
  const std::int64_t there = sessions.stationary_population(rate.rate_at(0));
  return kProcessStart + std::max(kSecond, there * kSecond / kInitialPerSecond);
}

Result<LiveClients> LiveClients::start(const LiveSettings& settings, const ClientsPlan& plan) {
  const std::string scenario = plan.scratch + "/scenario.toml";
  if (auto written = replace_file(scenario, settings.scenario_text); !written) {
    return tl::unexpected(written.error());
  }
  const std::int64_t count = std::max<std::int64_t>(
      1, (plan.sessions_max + kSessionsPerProcess - 1) / kSessionsPerProcess);
  LiveClients clients;
  for (std::int64_t i = 0; i < count; ++i) {
    clients.results_.push_back(fmt::format("{}/clients-{}.json", plan.scratch, i));
    clients.logs_.push_back(fmt::format("{}/clients-{}.log", plan.logs, i));
    ProcessOptions options;
    options.command = load_arguments(settings, plan.target, scenario, settings.trace_file);
    options.command.insert(options.command.begin(), plan.program);
    // t = 0 in whole nanoseconds, exactly.
    for (const std::string& word :
         {std::string("--start-at"),
          fmt::format("monotonic:{}.{:09}", plan.epoch / kSecond, plan.epoch % kSecond),
          std::string("--shard"), fmt::format("{}/{}", i, count), std::string("--json"),
          clients.results_.back()}) {
      options.command.push_back(word);
    }
    options.output = clients.logs_.back();
    options.errors = clients.logs_.back();
    options.group = plan.group;
    auto process = Process::start(options);
    if (!process) return tl::unexpected(process.error());
    clients.processes_.push_back(std::move(*process));
  }
  return clients;
}

Result<void> LiveClients::check() {
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    const auto end = processes_[i].poll();
    if (!end) continue;
    return fail(fmt::format("a load generator ended before its time ({}); its log ends with:\n{}",
                            describe(*end), last_lines(logs_[i])));
  }
  return {};
}

bool LiveClients::ended() {
  return std::all_of(processes_.begin(), processes_.end(),
                     [](Process& process) { return process.poll().has_value(); });
}

void LiveClients::stop() {
  for (Process& process : processes_) process.signal(SIGTERM);
}

Result<LoadReport> LiveClients::report() const { return merge_reports(results_, {}); }

}  // namespace wsfleet
