// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/experiment.h"

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cluster/balancers/balancer.h"
#include "cluster/kubernetes/access/access.h"
#include "cluster/kubernetes/experiment/changes/cluster_changes.h"
#include "cluster/kubernetes/experiment/changes/deployment.h"
#include "cluster/kubernetes/experiment/experiment_faults.h"
#include "cluster/kubernetes/experiment/experiment_load.h"
#include "cluster/kubernetes/experiment/watch/experiment_metrics.h"
#include "cluster/kubernetes/experiment/watch/fleet_watch.h"
#include "cluster/kubernetes/experiment/watch/followed_scaler.h"
#include "cluster/kubernetes/experiment/watch/scaler_log.h"
#include "cluster/kubernetes/fleet/names.h"
#include "cluster/kubernetes/load/load_job.h"
#include "cluster/live/clients.h"
#include "cluster/live/janitor.h"
#include "cluster/live/live_loop.h"
#include "cluster/live/live_record.h"
#include "cluster/live/live_world.h"
#include "core/live/live_clock.h"
#include "core/live/stop.h"
#include "core/log.h"
#include "core/process/waiting.h"

namespace wsfleet {
namespace {

constexpr TimeNs kStep = 20 * kMillisecond;
// From the scaler's new pods to t = 0.
constexpr TimeNs kScalerLead = 25 * kSecond;
constexpr TimeNs kListedWithin = 15 * kSecond;
constexpr TimeNs kClientsEndWithin = 120 * kSecond;
constexpr TimeNs kCheckEvery = 2 * kSecond;

constexpr const char* kFinishFirst =
    "\nstopping; the cluster is put back first (Ctrl-\\ ends at once and leaves that to the next "
    "run's --recover)\n";

Error user_stop() { return {ErrorKind::stopped, "stopped by the user"}; }

/// Whatever is thrown in there is an error like others: the cluster has to be put back.
template <class Step>
Result<void> contained(const Step& step) {
  try {
    return step();
  } catch (const std::exception& error) {
    return fail(fmt::format("the experiment broke off: {}", error.what()));
  } catch (...) {
    return fail("the experiment broke off");
  }
}

/// One experiment, in the order in which things are made; put back in the opposite order.
class Experiment : private LiveParts {
 public:
  Experiment(const LiveSettings& settings, const ExperimentTarget& target, Recorder& recorder,
             const LiveProgress& progress)
      : settings_(settings), target_(target), recorder_(recorder), progress_(progress) {}

  Result<void> prepare();
  Result<void> run(const WorldBody& body);
  /// Also after errors; told, not returned, where something else went wrong before.
  Result<void> restore();

 private:
  Result<void> connect();
  Result<void> check_scrapes();
  Result<void> make_scratch();
  Result<void> start_load();
  Result<void> begin();
  void turn() override { rest(kStep); }
  FleetSecond end_second(TimeNs end) override { return fleet_->end_second(end); }
  LiveTraffic traffic(const FleetSecond& seen) override;
  Result<void> check() override;
  bool clients_ended() override;
  void stop_clients() override { load_->stop(); }
  Result<void> record();
  void keep_line(const std::string& pod, std::string_view line);
  void tell_left_alone();

  const LiveSettings& settings_;
  const ExperimentTarget& target_;
  LockedRecorder recorder_;
  const LiveProgress& progress_;
  std::unique_ptr<ApiClient> client_;
  std::unique_ptr<ClusterChanges> changes_;
  std::unique_ptr<Deployment> deployment_;
  std::unique_ptr<Janitor> janitor_;
  std::unique_ptr<ExperimentLoad> load_;
  std::unique_ptr<ExperimentMetrics> metrics_;
  std::unique_ptr<LiveClock> clock_;
  std::unique_ptr<FleetWatch> fleet_;
  std::unique_ptr<FollowedScaler> scaler_;
  std::unique_ptr<ScalerLog> scaler_log_;
  std::string scratch_;
  std::string logs_;
  RunEpoch epoch_;
  std::vector<OfferedSecond> offered_;
  std::vector<FleetSecond> seconds_;
  std::vector<std::string> notices_;
  TimeNs next_check_ = 0;
};

Result<void> Experiment::prepare() {
  if (auto connected = connect(); !connected) return connected;
  if (auto made = make_scratch(); !made) return made;
  changes_ = std::make_unique<ClusterChanges>(*client_, target_.name_space);
  const auto claimed = changes_->claim(target_.recover);
  tell_left_alone();
  if (!claimed) return claimed;
  deployment_ = std::make_unique<Deployment>(*client_, *changes_, target_.name_space);
  if (auto fits = deployment_->check_servers(settings_); !fits) return fits;
  metrics_ = std::make_unique<ExperimentMetrics>(*client_, target_.name_space, target_.prometheus);
  if (auto scrapes = check_scrapes(); !scrapes) return scrapes;
  if (auto gone = remove_load_job(*client_, target_.name_space, kLoadgenName); !gone) return gone;
  if (auto stopped = deployment_->stop_scaler(); !stopped) return stopped;
  if (auto adapted = deployment_->adapt_servers(settings_); !adapted) return adapted;
  const auto balances = deployment_->adapt_ingress(settings_.cluster.balancer);
  if (!balances) return tl::unexpected(balances.error());
  if (!*balances) {
    return fail(
        ErrorKind::configuration,
        fmt::format("cluster.balancer = \"{0}\", which this cluster's ingress does not know "
                    "or its Ingress does not say: run with --set cluster.balancer=ewma or "
                    "round_robin, as ingress-nginx has them",
                    balancer_name(settings_.cluster.balancer)));
  }
  if (auto started = start_load(); !started) return started;
  return begin();
}

// Policies see as much of the fleet as is scraped of it.
Result<void> Experiment::check_scrapes() {
  if (auto answers = metrics_->check(); !answers) return answers;
  const auto interval = metrics_->scrape_interval();
  if (!interval) return tl::unexpected(interval.error());
  if (!*interval) {
    notices_.emplace_back("how often Prometheus scrapes the servers is not known");
    return {};
  }
  const TimeNs wanted = settings_.metrics.scrape_interval;
  if (**interval == wanted) return {};
  const std::string scraped = format_duration_short(**interval);
  return fail(ErrorKind::configuration,
              fmt::format("metrics.scrape_interval = \"{}\", but this cluster's Prometheus scrapes "
                          "the servers every {}: run with --set metrics.scrape_interval={}, or "
                          "change the interval there",
                          format_duration_short(wanted), scraped, scraped));
}

Result<void> Experiment::connect() {
  KubeconfigChoice choice;
  if (!target_.kubeconfig.empty()) choice.files = {target_.kubeconfig};
  choice.context = target_.context;
  auto access = kubeconfig_access(choice);
  if (!access) return tl::unexpected(access.error());
  client_ = std::make_unique<ApiClient>(std::move(*access));
  const auto version = client_->version();
  if (!version) {
    return fail(version.error().kind, fmt::format("the API server of the context '{}': {}",
                                                  target_.context, version.error().message));
  }
  return {};
}

Result<void> Experiment::make_scratch() {
  scratch_ = (std::filesystem::temp_directory_path() / "wsfleet-XXXXXX").string();
  if (mkdtemp(scratch_.data()) == nullptr) {
    return fail("no temporary directory can be made: " + scratch_);
  }
  auto janitor = Janitor::hire({scratch_});
  if (!janitor) return tl::unexpected(janitor.error());
  janitor_ = std::move(*janitor);
  logs_ = settings_.logs.empty() ? scratch_ : settings_.logs;
  return {};
}

Result<void> Experiment::start_load() {
  offered_ = offered_seconds(settings_);
  auto entrance = target_.url.empty() ? deployment_->entrance()
                                      : Result<Entrance>(Entrance{target_.url, target_.host});
  if (!entrance) return tl::unexpected(entrance.error());
  load_ = make_load({.settings = settings_,
                     .target = target_,
                     .client = *client_,
                     .entrance = *entrance,
                     .scratch = scratch_,
                     .logs = logs_,
                     .group = janitor_->group(),
                     .sessions_max = most_sessions(offered_)});
  return load_->prepare();
}

// t = 0 is set first: the scaler is told of it and begins then, as the clients do.
Result<void> Experiment::begin() {
  const TimeNs lead = kScalerLead + clients_lead(settings_);
  const TimeNs ahead = wall_now() + lead;
  epoch_.since_1970 = (ahead + kSecond - 1) / kSecond * kSecond;
  epoch_.monotonic = monotonic_now() + (epoch_.since_1970 - wall_now());
  clock_ = std::make_unique<LiveClock>(epoch_.monotonic, settings_.duration);
  fleet_ = std::make_unique<FleetWatch>(*client_, target_.name_space, *clock_, recorder_);
  if (!fleet_->wait_listed(kListedWithin)) {
    return fail(ErrorKind::unavailable, "the API server lists no pods");
  }
  scaler_ = std::make_unique<FollowedScaler>(*clock_, settings_.duration,
                                             [this] { scaler_log_->finish(); });
  scaler_log_ = std::make_unique<ScalerLog>(*client_, target_.name_space,
                                            [this](const std::string& pod, std::string_view line) {
                                              keep_line(pod, line);
                                              scaler_->line(line);
                                            });
  if (auto started = deployment_->start_scaler(settings_.scaler_scenario, epoch_.since_1970);
      !started) {
    return started;
  }
  if (auto started = load_->start(epoch_); !started) return started;
  if (clock_->now() > 0) {
    return fail("the scaler was not ready in time for t = 0; is the cluster short of CPU?");
  }
  return {};
}

void Experiment::keep_line(const std::string& pod, std::string_view line) {
  std::ofstream(fmt::format("{}/{}.log", logs_, pod), std::ios::app) << line << "\n";
}

Result<void> Experiment::run(const WorldBody& body) {
  LiveTasks tasks;
  ScaledElsewhere elsewhere;
  ExperimentFaults faults(
      {.client = *client_,
       .changes = *changes_,
       .clock = *clock_,
       .tasks = tasks,
       .recorder = recorder_,
       .name_space = target_.name_space,
       .prometheus_service = metrics_->service_in_namespace(),
       .seed = settings_.seed,
       .serving = [this] { return fleet_->serving(); },
       .killing = [this](const std::string& uid) { fleet_->killed_by_fault(uid); }});
  World world{*clock_, tasks, elsewhere, elsewhere, faults, recorder_, scaler_.get()};
  Result<void> done;
  auto seen = run_live_loop({.parts = *this,
                             .clock = *clock_,
                             .duration = settings_.duration,
                             .clients_end_within = kClientsEndWithin,
                             .progress = progress_},
                            [&] {
                              done = contained([&]() -> Result<void> {
                                fleet_->begin();
                                body(world);
                                return {};
                              });
                              if (!done) clock_->finish();
                              tasks.join();
                            });
  if (seen && !done) seen = tl::unexpected(done.error());
  fleet_->end();
  if (!seen) return tl::unexpected(seen.error());
  seconds_ = std::move(seen->seconds);
  if (auto recorded = record(); !recorded) return recorded;
  if (seen->stopped) return tl::unexpected(user_stop());
  return {};
}

LiveTraffic Experiment::traffic(const FleetSecond& /*seen*/) {
  const auto latest = metrics_->latest();
  return {latest.connections, latest.refused};
}

// It may be a request to every load pod, as is check().
bool Experiment::clients_ended() {
  rest(10 * kStep);
  return hurry_requested() || load_->ended();
}

Result<void> Experiment::check() {
  if (monotonic_now() < next_check_) return {};
  next_check_ = monotonic_now() + kCheckEvery;
  if (const Result<void> checked = load_->check(); !checked) return checked;
  return changes_->held();
}

Result<void> Experiment::record() {
  auto report = load_->report();
  if (!report) return tl::unexpected(report.error());
  const auto added = metrics_->complete(seconds_, epoch_.since_1970,
                                        settings_.metrics.scrape_interval, fleet_->scaled_down());
  if (!added) {
    notices_.push_back("sockets by pod, CPU and refusals are not recorded: " +
                       added.error().message);
  }
  if (auto kept = deployment_->keep_logs(logs_); !kept) {
    notices_.push_back("not all logs of the servers could be read: " + kept.error().message);
  }
  record_live_run({.fleet = seconds_,
                   .clients = *report,
                   .client_processes = load_->processes(),
                   .offered = offered_,
                   .server = settings_.server,
                   .notices = notices_},
                  recorder_);
  return {};
}

Result<void> Experiment::restore() {
  scaler_log_.reset();
  fleet_.reset();
  metrics_.reset();
  Result<void> outcome;
  if (load_ != nullptr) outcome = contained([this] { return load_->finish(); });
  if (changes_ != nullptr) {
    const auto back = contained([this] { return changes_->put_all_back(); });
    tell_left_alone();
    if (outcome) {
      outcome = back;
    } else if (!back) {
      log_error(back.error().message);
    }
  }
  return outcome;
}

void Experiment::tell_left_alone() {
  for (const std::string& sentence : changes_->left_alone()) log_warning(sentence);
}

}  // namespace

Result<void> run_on_kubernetes(const LiveSettings& settings, const ExperimentTarget& target,
                               Recorder& recorder, const WorldBody& body,
                               const LiveProgress& progress) {
  const FinishFirst finish_first(kFinishFirst);
  Experiment experiment(settings, target, recorder, progress);
  Result<void> outcome = contained([&]() -> Result<void> {
    if (auto prepared = experiment.prepare(); !prepared) return prepared;
    return experiment.run(body);
  });
  const Result<void> restored = experiment.restore();
  if (restored) return outcome;
  if (outcome) return restored;
  log_error(restored.error().message);
  return outcome;
}

}  // namespace wsfleet
