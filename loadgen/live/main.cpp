// SPDX-License-Identifier: Apache-2.0
// The executable `wsfleet-loadgen`: a run or a merge, its outputs, its exit status. Brings the
// project's balancers along, for clients that reach a fleet without an ingress.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "cluster/balancers/balancer.h"
#include "core/live/stop.h"
#include "core/log.h"
#include "loadgen/live/figures/merge_reports.h"
#include "loadgen/live/load_run.h"
#include "loadgen/live/outputs/load_outputs.h"

namespace wsfleet {
namespace {

constexpr int kThresholdMissed = 99;

class BalancerChoice final : public TargetChoice {
 public:
  explicit BalancerChoice(std::unique_ptr<Balancer> balancer) : balancer_(std::move(balancer)) {}

  void set_endpoints(const std::vector<std::uint32_t>& ids, TimeNs now) override {
    balancer_->advance_to(now);
    balancer_->set_endpoints(ids);
  }
  std::optional<std::uint32_t> pick(const TargetRequest& request) override {
    return balancer_->pick({.session = request.session,
                            .attempt = upstream_draw(request.attempt),
                            .source = request.source,
                            .now = request.now});
  }
  void release(std::uint32_t id, TimeNs now, TimeNs life) override {
    balancer_->release(id, now, life);
  }
  void forget(std::uint32_t id) override { balancer_->forget(id); }

 private:
  std::unique_ptr<Balancer> balancer_;
};

std::unique_ptr<TargetChoice> make_choice(const TargetChoiceSettings& settings) {
  ClusterSettings cluster;
  for (const auto& [name, kind] : balancer_names()) {
    if (name == settings.balancer) cluster.balancer = kind;
  }
  cluster.affinity_timeout = settings.affinity_timeout.value_or(cluster.affinity_timeout);
  return std::make_unique<BalancerChoice>(make_balancer(cluster, RandomStreams(settings.seed)));
}

TargetChoices balancers() {
  TargetChoices choices;
  for (const auto& [name, kind] : balancer_names()) choices.names.emplace_back(name);
  choices.make = make_choice;
  return choices;
}

int status_of(const LoadReport& report) {
  if (report.stopped) return exit_status(ErrorKind::stopped);
  const auto& thresholds = report.thresholds;
  return std::all_of(thresholds.begin(), thresholds.end(),
                     [](const ThresholdResult& threshold) { return threshold.met; })
             ? 0
             : kThresholdMissed;
}

int tell(const Error& error) {
  log_error(error.message);
  return exit_status(error.kind);
}

int loadgen(int argc, char** argv) {
  const TargetChoices choices = balancers();
  LoadCommand command = read_load_command(argc, argv, choices.names);
  if (command.kind == LoadCommand::Kind::none) return command.exit_status;
  LoadOptions& options = command.options;
  const char* no_color = std::getenv("NO_COLOR");
  if ((no_color != nullptr && *no_color != '\0') || isatty(STDOUT_FILENO) == 0) {
    options.color = false;
  }
  if (options.quiet) set_log_level(LogLevel::error);
  std::signal(SIGPIPE, SIG_IGN);
  install_stop_handlers();
  auto report = command.kind == LoadCommand::Kind::merge
                    ? merge_reports(command.merge_files, options.thresholds)
                    : run_load(options, choices);
  if (!report) return tell(report.error());
  if (const auto written = write_outputs(*report, options); !written) {
    return tell(written.error());
  }
  return status_of(*report);
}

}  // namespace
}  // namespace wsfleet

int main(int argc, char** argv) { return wsfleet::loadgen(argc, argv); }
