// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/local.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/asio/executor_work_guard.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "cluster/live/clients.h"
#include "cluster/live/janitor.h"
#include "cluster/live/live_loop.h"
#include "cluster/live/live_record.h"
#include "cluster/live/live_world.h"
#include "cluster/local/pods/fleet_cluster.h"
#include "cluster/prometheus/prometheus_metrics.h"
#include "core/live/live_clock.h"
#include "core/live/stop.h"
#include "core/process/waiting.h"

namespace wsfleet {
namespace {

constexpr TimeNs kStep = 20 * kMillisecond;
constexpr TimeNs kPodsReadyWithin = kMinute;
// Load generators close their sockets, up to 5 s long, and write what they counted.
constexpr TimeNs kClientsEndWithin = 90 * kSecond;

Result<std::string> make_scratch() {
  std::string path = std::filesystem::temp_directory_path() / "wsfleet-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return fail("no temporary directory can be made: " + path);
  return path;
}

/// One live run: what it is made of, in the order in which it is made; gone in the opposite order.
class LocalRun : private LiveParts {
 public:
  LocalRun(const LiveSettings& settings, Recorder& recorder, const LiveProgress& progress)
      : settings_(settings), recorder_(recorder), progress_(progress) {}

  Result<void> prepare();
  Result<void> run(const WorldBody& body);

 private:
  Result<void> start_services();
  Result<void> start_fleet();
  Result<void> start_clients();
  void turn() override;
  FleetSecond end_second(TimeNs end) override;
  LiveTraffic traffic(const FleetSecond& seen) override;
  Result<void> check() override;
  bool clients_ended() override { return clients_->ended(); }
  void stop_clients() override { clients_->stop(); }
  Result<void> record();
  ServicePlace place(const char* name) const;

  const LiveSettings& settings_;
  LockedRecorder recorder_;
  const LiveProgress& progress_;
  Programs programs_;
  std::string scratch_;
  std::string logs_;
  std::unique_ptr<Janitor> janitor_;
  std::unique_ptr<ControlGroups> groups_;
  std::unique_ptr<RedisService> redis_;
  std::unique_ptr<PrometheusService> prometheus_;
  std::unique_ptr<NginxService> nginx_;
  boost::asio::io_context io_;
  std::unique_ptr<LocalFleet> fleet_;
  std::optional<LiveClients> clients_;
  std::vector<OfferedSecond> offered_;
  std::vector<FleetSecond> seconds_;
  std::vector<std::string> notices_;
  std::int64_t refused_ = 0;
  TimeNs epoch_ = 0;
};

Result<void> LocalRun::prepare() {
  auto programs = find_programs(
      {.redis = settings_.server.redis, .nginx = settings_.cluster.ingress == IngressKind::nginx},
      settings_.programs_directory);
  if (!programs) return tl::unexpected(programs.error());
  programs_ = std::move(*programs);
  auto scratch = make_scratch();
  if (!scratch) return tl::unexpected(scratch.error());
  scratch_ = std::move(*scratch);
  const std::string name = std::filesystem::path(scratch_).filename();
  std::vector<std::string> directories = control_group_directories(name);
  directories.push_back(scratch_);
  auto janitor = Janitor::hire(std::move(directories));
  if (!janitor) return tl::unexpected(janitor.error());
  janitor_ = std::move(*janitor);
  logs_ = settings_.logs.empty() ? scratch_ : settings_.logs;
  if (auto groups = ControlGroups::make(name)) {
    groups_ = std::move(*groups);
  } else {
    notices_.push_back("pods run without CPU and memory limits: " + groups.error().message);
  }
  if (auto started = start_services(); !started) return started;
  if (auto started = start_fleet(); !started) return started;
  return start_clients();
}

ServicePlace LocalRun::place(const char* name) const {
  return {.directory = fmt::format("{}/{}", scratch_, name),
          .log = fmt::format("{}/{}.log", logs_, name),
          .group = janitor_->group()};
}

Result<void> LocalRun::start_services() {
  if (!programs_.redis.empty()) {
    auto redis = RedisService::start(programs_.redis, place("redis"));
    if (!redis) return tl::unexpected(redis.error());
    redis_ = std::move(*redis);
  }
  if (!programs_.nginx.empty()) {
    NginxSettings nginx_settings;
    nginx_settings.balancer = settings_.cluster.balancer;
    nginx_settings.affinity_timeout = settings_.cluster.affinity_timeout;
    nginx_settings.seed = settings_.seed;
    auto nginx = NginxService::start(programs_.nginx, place("nginx"), nginx_settings);
    if (!nginx) return tl::unexpected(nginx.error());
    nginx_ = std::move(*nginx);
  }
  auto prometheus =
      PrometheusService::start(programs_.prometheus, place("prometheus"),
                               settings_.metrics.scrape_interval, settings_.metrics.scrape_timeout);
  if (!prometheus) return tl::unexpected(prometheus.error());
  prometheus_ = std::move(*prometheus);
  return {};
}

Result<void> LocalRun::start_fleet() {
  fleet_ = std::make_unique<LocalFleet>(FleetParts{.settings = settings_,
                                                   .programs = programs_,
                                                   .io = io_,
                                                   .recorder = recorder_,
                                                   .redis = redis_.get(),
                                                   .prometheus = *prometheus_,
                                                   .nginx = nginx_.get(),
                                                   .groups = groups_.get(),
                                                   .group = janitor_->group(),
                                                   .scratch = scratch_,
                                                   .logs = logs_});
  fleet_->start(settings_.initial_replicas);
  const bool ready = wait_for(
      [this] {
        turn();
        return fleet_->ready() || fleet_->broken();
      },
      kPodsReadyWithin);
  if (stop_requested()) return fail(ErrorKind::stopped, "stopped by the user");
  if (fleet_->broken()) return tl::unexpected(*fleet_->broken());
  if (ready) return {};
  return fail(fmt::format("the first pods were not ready within {}",
                          format_duration_short(kPodsReadyWithin)));
}

Result<void> LocalRun::start_clients() {
  offered_ = offered_seconds(settings_);
  epoch_ = monotonic_now() + clients_lead(settings_);
  ClientsPlan plan;
  plan.program = programs_.loadgen;
  plan.scratch = scratch_;
  plan.logs = logs_;
  plan.group = janitor_->group();
  if (nginx_ != nullptr) {
    plan.target.url = fmt::format("ws://127.0.0.1:{}/ws/", nginx_->port());
  } else {
    plan.target.targets_file = fleet_->targets_file();
  }
  plan.epoch = epoch_;
  plan.sessions_max = most_sessions(offered_);
  auto clients = LiveClients::start(settings_, plan);
  if (!clients) return tl::unexpected(clients.error());
  clients_ = std::move(*clients);
  fleet_->begin(epoch_);
  return {};
}

void LocalRun::turn() {
  io_.restart();
  io_.run_for(std::chrono::nanoseconds(kStep));
  fleet_->step();
}

Result<void> LocalRun::run(const WorldBody& body) {
  const auto work = boost::asio::make_work_guard(io_);
  LiveClock clock(epoch_, settings_.duration);
  LiveTasks tasks;
  FleetCluster cluster(io_, *fleet_);
  PrometheusMetrics metrics({.port = prometheus_->port()});
  World world{clock, tasks, cluster, metrics, cluster, recorder_};
  auto seen = run_live_loop({.parts = *this,
                             .clock = clock,
                             .duration = settings_.duration,
                             .clients_end_within = kClientsEndWithin,
                             .progress = progress_},
                            [&] {
                              body(world);
                              tasks.join();
                            });
  if (!seen) return tl::unexpected(seen.error());
  seconds_ = std::move(seen->seconds);
  if (auto recorded = record(); !recorded) return recorded;
  if (seen->stopped) return fail(ErrorKind::stopped, "stopped by the user");
  return {};
}

FleetSecond LocalRun::end_second(TimeNs /*end*/) {
  const FleetSecond second = fleet_->end_second();
  refused_ += second.refused;
  return second;
}

LiveTraffic LocalRun::traffic(const FleetSecond& seen) { return {seen.connections, refused_}; }

Result<void> LocalRun::check() {
  if (fleet_->broken()) return tl::unexpected(*fleet_->broken());
  return clients_->check();
}

Result<void> LocalRun::record() {
  auto report = clients_->report();
  if (!report) return tl::unexpected(report.error());
  std::vector<std::string> notices = notices_;
  for (const std::string& notice : fleet_->notices()) notices.push_back(notice);
  record_live_run({.fleet = seconds_,
                   .clients = *report,
                   .client_processes = static_cast<int>(clients_->processes()),
                   .offered = offered_,
                   .endpoints_known_p50_s = fleet_->endpoints_known_p50_s(),
                   .server = settings_.server,
                   .notices = std::move(notices)},
                  recorder_);
  return {};
}

}  // namespace

Result<void> run_on_this_machine(const LiveSettings& settings, Recorder& recorder,
                                 const WorldBody& body, const LiveProgress& progress) {
  LocalRun run(settings, recorder, progress);
  if (auto prepared = run.prepare(); !prepared) return prepared;
  return run.run(body);
}

}  // namespace wsfleet
