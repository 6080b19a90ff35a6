// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/load_run.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "core/live/live_clock.h"
#include "core/live/stop.h"
#include "core/log.h"
#include "loadgen/live/load_worker.h"
#include "loadgen/live/outputs/live_status.h"
#include "loadgen/live/outputs/metrics_listener.h"
#include "loadgen/live/targets/fleet_targets.h"

namespace wsfleet {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kLook = std::chrono::milliseconds(100);
constexpr TimeNs kListAppears = 10 * kSecond;
constexpr int kListLookMs = 50;
constexpr TimeNs kThreadsStart = 20 * kMillisecond;
// connect() takes every other port of the 28,232 first and searches them one by one.
constexpr std::size_t kPortsFoundFast = 13'000;

Result<Target> resolve(const WebSocketUrl& url) {
  asio::io_context io;
  tcp::resolver resolver(io);
  boost::system::error_code error;
  const auto found = resolver.resolve(url.host, std::to_string(url.port), error);
  if (error || found.empty()) {
    return fail(fmt::format("the host '{}' can't be resolved: {}", url.host, error.message()));
  }
  Target target{
      .url = url, .endpoint = found.begin()->endpoint(), .host_header = url.host_header()};
  for (const auto& entry : found) {  // "localhost" is both; servers often listen on IPv4 alone
    if (!entry.endpoint().address().is_v4()) continue;
    target.endpoint = entry.endpoint();
    break;
  }
  return target;
}

Result<std::shared_ptr<asio::ssl::context>> make_tls(const LoadOptions& options) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  boost::system::error_code error;
  if (options.tls_insecure) {
    log_warning("--tls-insecure: the servers' certificates are not verified");
    context->set_verify_mode(asio::ssl::verify_none, error);
    return context;
  }
  context->set_verify_mode(asio::ssl::verify_peer, error);
  if (options.tls_ca.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(options.tls_ca, error);
  }
  if (error) {
    return fail(fmt::format("certificates to verify with can't be read from '{}': {}",
                            options.tls_ca, error.message()));
  }
  return context;
}

Result<ConnectionSettings> connection_settings(const LoadOptions& options) {
  ConnectionSettings settings;
  for (const WebSocketUrl& url : options.targets) {
    auto target = resolve(url);
    if (!target) return tl::unexpected(target.error());
    settings.targets.push_back(std::move(*target));
    if (!url.tls || settings.tls != nullptr) continue;
    auto tls = make_tls(options);
    if (!tls) return tl::unexpected(tls.error());
    settings.tls = std::move(*tls);
  }
  for (const std::string& address : options.source_addresses) {
    settings.source_addresses.push_back(asio::ip::make_address(address));
  }
  if (!options.targets_file.empty()) {  // wss:// may come later
    auto tls = make_tls(options);
    if (!tls) return tl::unexpected(tls.error());
    settings.tls = std::move(*tls);
  }
  settings.verify_peer = !options.tls_insecure;
  settings.host_header = options.host;
  if (const auto host = parse_host_port(options.host, 0)) settings.tls_name = host->host;
  settings.origin = options.origin;
  settings.headers = options.headers;
  settings.idle_timeout = options.idle_timeout > 0;
  const auto bytes = static_cast<std::size_t>(options.messages.bytes);
  settings.read_buffer_bytes = std::max<std::size_t>(64, bytes + 1);
  return settings;
}

/// As many descriptors as this process may have; warns of limits that the run will meet.
void prepare_limits(const LoadOptions& options) {
  std::int64_t most = options.plan.connections;
  for (const Stage& stage : options.plan.stages) most = std::max(most, stage.connections);
  const std::size_t sources = std::max<std::size_t>(1, options.source_addresses.size());
  const bool targets_known = options.targets_file.empty();  // a fleet grows with its load
  if (targets_known &&
      static_cast<std::size_t>(most) > kPortsFoundFast * sources * options.targets.size()) {
    log_warning(fmt::format(
        "more than {} connections from one source address to one target: the kernel takes long to "
        "find them ports; give more --source-addresses",
        kPortsFoundFast));
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto own = static_cast<std::uint64_t>(most) / options.shard.count;
  if (own + 32 > limit.rlim_max) {
    log_warning(fmt::format(
        "{} connections need more file descriptors than this process may have ({}); raise the "
        "limit or share them out: --shard 0/{}, ...",
        own, limit.rlim_max, own / std::max<std::uint64_t>(1, limit.rlim_max - 32) + 1));
  }
}

/// A fleet's harness may still be about to write its first list.
Result<void> await_endpoint_list(const std::string& path) {
  const TimeNs until = monotonic_now() + kListAppears;
  while (true) {
    const auto endpoints = read_endpoint_list(path);
    if (endpoints) return {};
    if (stop_requested()) return fail(ErrorKind::stopped, "stopped by the user");
    if (monotonic_now() > until) {
      return fail(fmt::format("{}: {}", path, endpoints.error().message));
    }
    poll(nullptr, 0, kListLookMs);
  }
}

LoadSetup make_setup(const LoadOptions& options, const TargetChoices& choices,
                     ConnectionSettings connections) {
  LoadSetup setup;
  setup.plan = options.plan;
  setup.messages = options.messages;
  setup.connections = std::move(connections);
  setup.targets_file = options.targets_file;
  setup.choices = choices;
  setup.choice = options.choice;
  setup.late_connect = options.late_connect;
  setup.late_message = options.late_message;
  setup.log_sessions = !options.session_log.empty();
  setup.warmup = options.warmup;
  setup.idle_timeout = options.idle_timeout;
  setup.close_timeout = options.close_timeout;
  setup.respect_retry_after = options.respect_retry_after;
  const TimeNs now = monotonic_now();
  if (!options.start_at) {
    setup.epoch = now + options.plan.lead_in + kThreadsStart;
  } else if (options.start_at->monotonic) {
    setup.epoch = options.start_at->at;
  } else {
    setup.epoch = now + options.start_at->at - wall_now();
  }
  if (setup.epoch < now + options.plan.lead_in) {
    log_warning(fmt::format("--start-at is {} too early: what was to start before now starts late",
                            format_duration_short(now + options.plan.lead_in - setup.epoch)));
  }
  return setup;
}

/// One thread per worker, joined at the end.
class Workers {
 public:
  Workers(const LoadSetup& setup, Share shard, int threads) {
    for (int i = 0; i < threads; ++i) {
      const Share share =
          shard.part(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(threads));
      workers_.push_back(std::make_unique<LoadWorker>(setup, share, i == 0));
    }
    for (const auto& worker : workers_) {
      threads_.emplace_back([&worker = *worker] { worker.run(); });
    }
  }
  std::vector<LoadView> views() const {
    std::vector<LoadView> views;
    for (const auto& worker : workers_) views.push_back(worker->view());
    return views;
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  LoadFigures take_figures() {
    LoadFigures figures = workers_.front()->take_figures();
    for (std::size_t i = 1; i < workers_.size(); ++i) figures.merge(workers_[i]->take_figures());
    return figures;
  }
  std::vector<SessionLogEntry> take_session_log() {
    std::vector<SessionLogEntry> log;
    for (const auto& worker : workers_) {
      const auto part = worker->take_session_log();
      log.insert(log.end(), part.begin(), part.end());
    }
    return log;
  }
  bool stopped() const {
    return std::any_of(workers_.begin(), workers_.end(),
                       [](const auto& worker) { return worker->stopped(); });
  }

 private:
  std::vector<std::unique_ptr<LoadWorker>> workers_;
  std::vector<std::thread> threads_;
};

void say_pending(const LoadOptions& options, StatusWords& words) {
  for (std::int64_t i = 0; i < options.plan.connections; ++i) {
    const auto serial = static_cast<std::uint64_t>(i);
    if (options.shard.has(serial)) words.say(serial, "pending");
  }
}

LoadView sum_of(const std::vector<LoadView>& views) {
  LoadView sum;
  sum.done = true;
  for (const LoadView& view : views) {
    for (std::size_t i = 0; i < kFigures; ++i) sum.counts[i] += view.counts[i];
    for (const auto& [name, histogram] : load_histograms()) {
      (sum.histograms.*histogram).merge(view.histograms.*histogram);
    }
    sum.cpu_s += view.cpu_s;
    sum.done = sum.done && view.done;
  }
  return sum;
}

/// Looks at the workers until all are done.
void watch(asio::io_context& io, const Workers& workers, const LoadSetup& setup,
           MetricsListener* listener, LiveStatus& status) {
  asio::steady_timer timer(io);
  for (bool done = false; !done;) {
    timer.expires_after(kLook);
    timer.async_wait([&](const boost::system::error_code&) {
      const LoadView view = sum_of(workers.views());
      done = view.done;
      const TimeNs now = monotonic_now() - setup.epoch;
      if (listener != nullptr) listener->update(view, now);
      status.update(view, now);
      io.stop();
    });
    io.restart();
    io.run();
  }
}

}  // namespace

Result<LoadReport> run_load(const LoadOptions& options, const TargetChoices& choices) {
  auto connections = connection_settings(options);
  if (!connections) return tl::unexpected(connections.error());
  if (!options.targets_file.empty()) {
    const auto there = await_endpoint_list(options.targets_file);
    if (!there) return tl::unexpected(there.error());
  }
  prepare_limits(options);
  asio::io_context io{1};
  std::unique_ptr<MetricsListener> listener;
  if (options.metrics_port) {
    auto opened = MetricsListener::open(io, options.metrics_listen, *options.metrics_port);
    if (!opened) return tl::unexpected(opened.error());
    listener = std::move(*opened);
  }
  LiveStatus status(options);
  StdoutWords words;
  LoadSetup setup = make_setup(options, choices, std::move(*connections));
  setup.publish_histograms = listener != nullptr || status.shown();
  if (options.like_original) {
    setup.words = &words;
    say_pending(options, words);
  }

  const TimeNs started = wall_now() + setup.epoch - monotonic_now();
  Workers workers(setup, options.shard, options.threads);
  watch(io, workers, setup, listener.get(), status);
  workers.join();
  status.finish();

  LoadReport report;
  report.targets = options.target_texts;
  report.scenario = options.scenario;
  report.seed = options.plan.seed;
  report.shard = fmt::format("{}/{}", options.shard.index, options.shard.count);
  report.started = format_utc(started);
  report.stopped = workers.stopped();
  report.figures = workers.take_figures();
  report.session_log = workers.take_session_log();
  const auto& rows = report.figures.rows();
  report.duration_s = rows.empty() ? 0 : static_cast<double>(rows.back().time_s + 1);
  if (!report.stopped && options.plan.duration != kNever) {
    report.duration_s = to_seconds(options.plan.duration);
  }
  judge(report, options.thresholds);
  return report;
}

}  // namespace wsfleet
