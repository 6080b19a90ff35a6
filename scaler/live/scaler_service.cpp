// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/scaler_service.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "core/live/live_clock.h"
#include "core/live/stop.h"
#include "core/net/http_listener.h"
#include "scaler/live/config/config_file.h"
#include "scaler/live/term/scaler_term.h"

namespace wsfleet {
namespace {

constexpr auto kSignalCheck = std::chrono::milliseconds(100);
constexpr TimeNs kFileCheck = kSecond;
constexpr TimeNs kStandbyStep = kSecond / 2;
constexpr TimeNs kTryAgain = 5 * kSecond;

const char* environment(const std::string& name) { return std::getenv(name.c_str()); }

/// One write per line, so that a line is whole for whoever follows the log.
void print_line(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

/// Whether another configuration needs another election.
bool same_election(const KubernetesSection& a, const KubernetesSection& b) {
  return a.dry_run == b.dry_run && a.name_space == b.name_space && a.lease_name == b.lease_name &&
         a.lease_duration == b.lease_duration && a.renew_deadline == b.renew_deadline &&
         a.retry_period == b.retry_period;
}

class ScalerService {
 public:
  ScalerService(const ScalerOptions& options, const ForeignSections& foreign,
                const ScalerParts& parts)
      : options_(options),
        foreign_(foreign),
        parts_(parts),
        file_(options.config),
        log_(options.log_format, options.log_level) {}

  int run();

 private:
  bool load();
  Result<void> open_listener();
  Result<void> join_election();
  void lead();
  void stand_by();
  void take_new_config();

  void watch(const std::stop_token& stop);
  void look_at_file();
  HttpPage answer(const std::string& path) const;
  HttpPage readiness() const;
  std::shared_ptr<Leadership> leadership() const;

  const ScalerOptions& options_;
  const ForeignSections& foreign_;
  const ScalerParts& parts_;
  ConfigFile file_;
  EventLog log_;
  ScalerStatus status_;
  Wakeup wakeup_;
  ScalerConfig config_;      // in force; the main thread's
  std::string told_holder_;  // the leader that was told last; the main thread's
  std::atomic<TimeNs> readiness_silence_{kMinute};

  mutable std::mutex mutex_;  // of what follows
  std::shared_ptr<Leadership> leadership_;
  std::optional<ScalerConfig> next_config_;
  std::atomic<bool> reload_{false};

  std::unique_ptr<HttpListener> listener_;
};

// --- The main thread

int ScalerService::run() {
  if (!load()) return exit_status(ErrorKind::configuration);
  if (options_.check) {
    std::fprintf(stderr, "%s: fine\n", options_.config.c_str());
    return 0;
  }
  install_stop_handlers();
  std::signal(SIGPIPE, SIG_IGN);
  status_.moved();
  for (const Result<void>& begun : {open_listener(), join_election()}) {
    if (begun) continue;
    log_.write(LogLevel::error, "cannot_start", {{"error", begun.error().message}});
    return exit_status(begun.error().kind);
  }
  const std::jthread watcher([this](const std::stop_token& stop) { watch(stop); });
  while (!stop_requested()) {
    status_.moved();
    take_new_config();
    if (leadership() != nullptr && leadership()->leading()) {
      lead();
    } else {
      stand_by();
    }
  }
  log_.write(LogLevel::info, "terminating");
  const std::lock_guard lock(mutex_);
  leadership_.reset();  // gives the Lease up
  return 0;
}

bool ScalerService::load() {
  file_.changed();  // what is read from now on is a change
  ScalerConfigLoad load = load_scaler_config(options_.config, foreign_, environment);
  if (!load.diagnostics.empty()) {
    std::fprintf(stderr, "%s\n", render(load.diagnostics).c_str());
    return false;
  }
  config_ = std::move(load.config);
  apply_options(options_, config_);
  status_.policy(std::string(config_.policy->name), config_.interval, config_.kubernetes.dry_run);
  return true;
}

Result<void> ScalerService::open_listener() {
  const KubernetesSection& section = config_.kubernetes;
  auto listener =
      HttpListener::open(section.listen, section.port,
                         pages_by_path([this](const std::string& path) { return answer(path); }));
  if (!listener) return tl::unexpected(listener.error());
  listener_ = std::move(*listener);
  log_.write(LogLevel::info, "listening",
             {{"address", section.listen},
              {"port", static_cast<std::int64_t>(listener_->port())},
              {"identity", options_.identity},
              {"policy", config_.policy->name}});
  return {};
}

Result<void> ScalerService::join_election() {
  readiness_silence_ = std::max(2 * config_.kubernetes.lease_duration, kMinute / 2);
  auto made = parts_.leadership(config_, [this](const std::string& trouble) {
    if (!trouble.empty()) {
      status_.error("lease");
      log_.write(LogLevel::warning, "lease_trouble", {{"error", trouble}});
    }
    wakeup_.notify();
  });
  if (!made) return tl::unexpected(made.error());
  const std::lock_guard lock(mutex_);
  leadership_ = std::move(*made);
  return {};
}

void ScalerService::lead() {
  const std::shared_ptr<Leadership> leads = leadership();
  const int term_number = leads->term();
  const TimeNs epoch = epoch_of(config_, leads->handed_over(), wall_now());
  auto fleet = parts_.fleet(config_, epoch, *leads);
  if (!fleet) {
    log_.write(LogLevel::error, "no_fleet", {{"error", fleet.error().message}});
    wakeup_.wait(kTryAgain);
    return;
  }
  const auto goes_on = [&] {
    return !stop_requested() && !reload_ && leads->leading() && leads->term() == term_number;
  };
  const Result<void> ended = run_term({.config = config_,
                                       .identity = options_.identity,
                                       .leadership = *leads,
                                       .fleet = **fleet,
                                       .epoch = epoch,
                                       .goes_on = goes_on,
                                       .print = print_line,
                                       .wakeup = wakeup_,
                                       .status = status_,
                                       .log = log_});
  if (ended) return;
  log_.write(LogLevel::error, "control_loop_failed", {{"error", ended.error().message}});
  wakeup_.wait(kTryAgain);
}

void ScalerService::stand_by() {
  const auto others = leadership();
  const std::string holder = others != nullptr ? others->holder() : std::string();
  if (holder != told_holder_ && !holder.empty() && holder != options_.identity) {
    log_.write(LogLevel::info, "standing_by", {{"leader", holder}});
  }
  told_holder_ = holder;
  wakeup_.wait(kStandbyStep);
}

void ScalerService::take_new_config() {
  std::optional<ScalerConfig> next;
  {
    const std::lock_guard lock(mutex_);
    next.swap(next_config_);
    reload_ = false;
  }
  if (next) {
    const bool same = same_election(config_.kubernetes, next->kubernetes);
    if (next->kubernetes.listen != config_.kubernetes.listen ||
        next->kubernetes.port != config_.kubernetes.port) {
      log_.write(LogLevel::warning, "needs_restart", {{"key", "listen, port"}});
    }
    config_ = std::move(*next);
    status_.policy(std::string(config_.policy->name), config_.interval, config_.kubernetes.dry_run);
    if (!same) {
      const std::lock_guard lock(mutex_);
      leadership_.reset();
    }
  }
  if (leadership() != nullptr) return;
  const Result<void> joined = join_election();
  if (joined) return;
  log_.write(LogLevel::error, "no_election", {{"error", joined.error().message}});
  wakeup_.wait(kTryAgain);
}

// --- Other threads

void ScalerService::watch(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  TimeNs looked = monotonic_now();
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, kSignalCheck, [] { return false; });
    if (stop_requested()) return wakeup_.notify();
    if (monotonic_now() - looked < kFileCheck) continue;
    looked = monotonic_now();
    look_at_file();
  }
}

void ScalerService::look_at_file() {
  const auto text = file_.changed();
  if (!text) return;
  ScalerConfigLoad load =
      read_scaler_config(TomlDocument::parse(*text, options_.config), foreign_, environment);
  status_.reloaded(load.diagnostics.empty());
  if (!load.diagnostics.empty()) {
    status_.error("config");
    log_.write(LogLevel::error, "config_invalid",
               {{"file", options_.config},
                {"mistakes", static_cast<std::int64_t>(load.diagnostics.size())},
                {"diagnostics", render(load.diagnostics)}});
    return;
  }
  log_.write(LogLevel::info, "config_changed",
             {{"file", options_.config}, {"policy", load.config.policy->name}});
  apply_options(options_, load.config);
  const std::lock_guard lock(mutex_);
  next_config_ = std::move(load.config);
  reload_ = true;
  wakeup_.notify();
}

std::shared_ptr<Leadership> ScalerService::leadership() const {
  const std::lock_guard lock(mutex_);
  return leadership_;
}

HttpPage ScalerService::answer(const std::string& path) const {
  if (path == "/metrics") {
    const auto leads = leadership();
    ScalerLevels levels;
    // A dry run has no Lease to hold.
    levels.leading = leads != nullptr && leads->leading() && !leads->holder().empty();
    levels.lease_transitions = leads != nullptr ? leads->transitions() : 0;
    return {200, status_.text(levels), "text/plain; version=0.0.4; charset=utf-8"};
  }
  if (path == "/livez") {
    const TimeNs still = status_.stillness();
    if (still <= status_.patience()) return {200, "alive\n"};
    return {503,
            fmt::format("the control loop has not moved for {}\n", format_duration_short(still))};
  }
  if (path == "/readyz") return readiness();
  return {404, "there are /metrics, /livez and /readyz\n"};
}

// A standby is ready as well: it could lead at any moment.
HttpPage ScalerService::readiness() const {
  const auto leads = leadership();
  const TimeNs silence = std::min(status_.silence(), leads != nullptr ? leads->silence() : kNever);
  if (silence <= std::max(readiness_silence_.load(), status_.patience())) return {200, "ready\n"};
  if (silence == kNever) return {503, "the API server has not answered yet\n"};
  return {503,
          fmt::format("the API server has not answered for {}\n", format_duration_short(silence))};
}

}  // namespace

int run_scaler(const ScalerOptions& options, const ForeignSections& foreign,
               const ScalerParts& parts) {
  return ScalerService(options, foreign, parts).run();
}

}  // namespace wsfleet
