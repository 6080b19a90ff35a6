// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/experiment_load.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "cluster/kubernetes/load/load_job.h"
#include "cluster/live/clients.h"
#include "core/live/stop.h"
#include "core/process/files.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

constexpr TimeNs kPodsRunWithin = 3 * kMinute;
constexpr TimeNs kLoadEndsWithin = 2 * kMinute;

LoadTarget clients_target(const LoadPlan& plan) {
  LoadTarget target;
  target.url = plan.entrance.url;
  target.host = plan.entrance.host;
  target.on_loopback = false;
  return target;
}

/// wsfleet-loadgen processes of this machine.
class ProcessLoad : public ExperimentLoad {
 public:
  explicit ProcessLoad(LoadPlan plan) : plan_(std::move(plan)) {}

  Result<void> prepare() override {
    std::error_code error;
    const std::string& named = plan_.settings.programs_directory;
    const fs::path own =
        named.empty() ? fs::read_symlink("/proc/self/exe", error).parent_path() : fs::path(named);
    program_ = own / "wsfleet-loadgen";
    if (fs::exists(program_, error)) return {};
    return fail(fmt::format("{} is missing; build it with `./dev build`", program_));
  }
  Result<void> start(const RunEpoch& epoch) override {
    auto clients = LiveClients::start(plan_.settings, {.program = program_,
                                                       .scratch = plan_.scratch,
                                                       .logs = plan_.logs,
                                                       .group = plan_.group,
                                                       .target = clients_target(plan_),
                                                       .epoch = epoch.monotonic,
                                                       .sessions_max = plan_.sessions_max});
    if (!clients) return tl::unexpected(clients.error());
    clients_ = std::move(*clients);
    return {};
  }
  Result<void> check() override { return clients_->check(); }
  bool ended() override { return !clients_ || clients_->ended(); }
  void stop() override {
    if (clients_) clients_->stop();
  }
  Result<LoadReport> report() override { return clients_->report(); }
  int processes() const override { return static_cast<int>(clients_->processes()); }
  Result<void> finish() override {
    clients_.reset();
    return {};
  }

 private:
  LoadPlan plan_;
  std::string program_;
  std::optional<LiveClients> clients_;
};

/// A Job's pods.
class JobLoad : public ExperimentLoad {
 public:
  explicit JobLoad(LoadPlan plan)
      : plan_(std::move(plan)), job_(plan_.client, job_settings(plan_)) {}

  Result<void> prepare() override {
    if (auto created = job_.create(); !created) return created;
    return job_.wait_running(kPodsRunWithin, [] { return stop_requested(); });
  }
  Result<void> start(const RunEpoch& epoch) override {
    std::map<std::string, std::string> files = {{kScenario, plan_.settings.scenario_text}};
    const std::string& trace = plan_.settings.trace_file;
    if (!trace.empty()) files[kTrace] = text_of(trace);
    std::vector<std::string> arguments = load_arguments(plan_.settings, clients_target(plan_),
                                                        kScenario, trace.empty() ? "" : kTrace);
    arguments.emplace_back("--start-at");
    arguments.push_back(
        fmt::format("{}.{:09}", epoch.since_1970 / kSecond, epoch.since_1970 % kSecond));
    return job_.start(arguments, files);
  }
  Result<void> check() override { return job_.check(); }
  bool ended() override { return job_.ended(); }
  void stop() override { job_.stop(); }
  Result<LoadReport> report() override {
    std::vector<std::string> files;
    std::vector<std::string> logs;
    for (int i = 0; i < job_.pods(); ++i) {
      files.push_back(fmt::format("{}/clients-{}.json", plan_.logs, i));
      logs.push_back(fmt::format("{}/clients-{}.log", plan_.logs, i));
    }
    if (auto kept = job_.logs(logs); !kept) return tl::unexpected(kept.error());
    return job_.reports(files);
  }
  int processes() const override { return job_.pods(); }
  Result<void> finish() override { return job_.finish(); }

 private:
  static constexpr const char* kScenario = "scenario.toml";
  static constexpr const char* kTrace = "trace.csv";

  // A Job whose harness is gone ends by itself, sockets and all.
  static LoadJobSettings job_settings(const LoadPlan& plan) {
    LoadJobSettings settings;
    settings.name_space = plan.target.name_space;
    settings.image = plan.target.load_image;
    settings.pods = plan.target.load_pods;
    settings.runs = clients_lead(plan.settings) + plan.settings.duration + kLoadEndsWithin;
    settings.requests = {{"cpu", "100m"}, {"memory", "64Mi"}};
    return settings;
  }

  LoadPlan plan_;
  LoadJob job_;
};

}  // namespace

std::unique_ptr<ExperimentLoad> make_load(LoadPlan plan) {
  if (plan.target.load_pods > 0) return std::make_unique<JobLoad>(std::move(plan));
  return std::make_unique<ProcessLoad>(std::move(plan));
}

}  // namespace wsfleet
