// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/experiment.h"

#include <fmt/format.h>

#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "cluster/kubernetes/access.h"
#include "cluster/kubernetes/experiment/cluster_changes.h"
#include "cluster/kubernetes/experiment/deployment.h"
#include "cluster/kubernetes/experiment/experiment_faults.h"
#include "cluster/kubernetes/experiment/experiment_load.h"
#include "cluster/kubernetes/experiment/experiment_metrics.h"
#include "cluster/kubernetes/experiment/fleet_watch.h"
#include "cluster/kubernetes/experiment/scaler_log.h"
#include "cluster/kubernetes/load_job.h"
#include "cluster/kubernetes/names.h"
#include "cluster/live/clients.h"
#include "cluster/live/janitor.h"
#include "cluster/live/live_record.h"
#include "cluster/live/live_world.h"
#include "cluster/live/process.h"
#include "core/live_clock.h"
#include "core/log.h"
#include "core/stop.h"

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
class Experiment {
 public:
  Experiment(const LiveSettings& settings, const ExperimentTarget& target, Recorder& recorder,
             const LiveProgress& progress)
      : settings_(settings), target_(target), recorder_(recorder), progress_(progress) {}

  Result<void> prepare();
  Result<void> run(const ExperimentBody& body);
  /// Also after errors; told, not returned, where something else went wrong before.
  Result<void> restore();

 private:
  Result<void> connect();
  Result<void> make_scratch();
  Result<void> start_load();
  Result<void> begin();
  Result<void> attend(const std::atomic<bool>& body_done);
  void end_seconds();
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
  std::unique_ptr<ScalerLog> scaler_log_;
  std::string scratch_;
  std::string logs_;
  RunEpoch epoch_;
  std::vector<OfferedSecond> offered_;
  std::vector<FleetSecond> seconds_;
  std::vector<std::string> notices_;
  TimeNs next_check_ = 0;
  bool stopped_ = false;
};

Result<void> Experiment::prepare() {
  if (auto connected = connect(); !connected) return connected;
  if (auto made = make_scratch(); !made) return made;
  changes_ = std::make_unique<ClusterChanges>(*client_, target_.name_space);
  const auto claimed = changes_->claim(target_.recover);
  tell_left_alone();
  if (!claimed) return claimed;
  if (auto gone = remove_load_job(*client_, target_.name_space, kLoadgenName); !gone) return gone;
  deployment_ = std::make_unique<Deployment>(*client_, *changes_, target_.name_space);
  if (auto stopped = deployment_->stop_scaler(); !stopped) return stopped;
  if (auto adapted = deployment_->adapt_servers(settings_); !adapted) return adapted;
  const auto balances = deployment_->adapt_ingress(settings_.cluster.balancer);
  if (!balances) return tl::unexpected(balances.error());
  if (!*balances) {
    notices_.emplace_back(
        "the ingress balances as it is set up: it does not know the scenario's "
        "balancer");
  }
  metrics_ = std::make_unique<ExperimentMetrics>(*client_, target_.name_space, target_.prometheus);
  if (auto answers = metrics_->check(); !answers) return answers;
  if (auto started = start_load(); !started) return started;
  return begin();
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
  offered_ = offered_load(settings_);
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
  scaler_log_ = std::make_unique<ScalerLog>(
      *client_, target_.name_space,
      [this](const ScalerDecision& made) {
        recorder_.decision(made.observation, made.decision);
        if (made.held.empty()) return;
        recorder_.event({.time = from_seconds(made.observation.time_s),
                         .kind = "scaler_notice",
                         .pod = made.leader,
                         .uid = {},
                         .node = {},
                         .detail = "held: " + made.held});
      },
      [this](const std::string& pod, std::string_view line) { keep_line(pod, line); });
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

Result<void> Experiment::run(const ExperimentBody& body) {
  while (clock_->now() < 0 && !stop_requested()) rest(kStep);
  fleet_->begin();
  LiveTasks tasks;
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
  std::atomic<bool> body_done = false;
  Result<void> done;
  std::thread thread([&] {
    done = contained([&]() -> Result<void> {
      body(*clock_, tasks, faults, recorder_);
      return {};
    });
    if (!done) clock_->finish();
    clock_->sleep_until(settings_.duration);
    tasks.join();
    body_done = true;
  });
  Result<void> attended = contained([&] { return attend(body_done); });
  if (!attended) clock_->finish();
  thread.join();
  if (attended) attended = done;
  fleet_->end();
  scaler_log_->finish();
  if (!attended) return attended;
  if (auto recorded = record(); !recorded) return recorded;
  if (stopped_) return tl::unexpected(user_stop());
  return {};
}

// Goes on until the run's time is over and the body has returned.
Result<void> Experiment::attend(const std::atomic<bool>& body_done) {
  Result<void> outcome;
  const auto time_left = [&] { return outcome && !stopped_ && clock_->now() < settings_.duration; };
  while (!body_done || time_left()) {
    rest(kStep);
    end_seconds();
    if (time_left() && monotonic_now() >= next_check_) {
      outcome = load_->check();
      if (outcome) outcome = changes_->held();
      next_check_ = monotonic_now() + kCheckEvery;
    }
    if (stop_requested()) stopped_ = true;
    if (!time_left()) clock_->finish();
  }
  end_seconds();
  if (stopped_ || !outcome) load_->stop();
  const TimeNs until = monotonic_now() + kClientsEndWithin;
  while (!load_->ended() && monotonic_now() < until && !hurry_requested()) {
    rest(10 * kStep);
  }
  return outcome;
}

void Experiment::end_seconds() {
  const TimeNs now = clock_->now();
  while (static_cast<TimeNs>(seconds_.size() + 1) * kSecond <= std::min(now, settings_.duration)) {
    const TimeNs end = static_cast<TimeNs>(seconds_.size() + 1) * kSecond;
    seconds_.push_back(fleet_->end_second(end));
    if (!progress_) continue;
    const auto seen = metrics_->latest();
    progress_({.now = end,
               .replicas = seconds_.back().spec_replicas,
               .ready = seconds_.back().ready_replicas,
               .connections = seen.connections,
               .refused = seen.refused});
  }
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
                   .drain_close_code = settings_.server.drain.close_code,
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
                               Recorder& recorder, const ExperimentBody& body,
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
