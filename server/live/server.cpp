// SPDX-License-Identifier: Apache-2.0
#include "server/live/server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "core/live/live_clock.h"
#include "server/live/admin/admin_listener.h"
#include "server/live/event_loop.h"
#include "server/live/options/tls_files.h"
#include "server/live/redis_sessions.h"
#include "server/paced_closes.h"

namespace wsfleet {

namespace asio = boost::asio;
using boost::system::error_code;

std::string ServerParts::metrics_text() const {
  ServerLevels levels;
  levels.connections = gate.inside();
  levels.max_connections = options.rules.max_connections;
  levels.ready = gate.ready();
  levels.draining = gate.draining();
  return metrics.text(levels, sessions != nullptr ? sessions->levels() : RedisLevels{});
}

namespace {

constexpr std::chrono::milliseconds kSteeringTick{20};
constexpr TimeNs kTlsCheck = kSecond;

}  // namespace

struct Server::Impl {
  explicit Impl(ServerOptions given)
      : options(std::move(given)),
        log(options.log_format, options.log_level),
        gate(options.rules),
        parts{options, log, metrics, gate, nullptr, {}},
        io(loops.front()->io()),
        signals(io),
        timer(io) {}

  std::vector<std::unique_ptr<EventLoop>> make_loops();
  Result<void> start();
  Result<void> start_tls();
  Result<void> start_redis();
  void announce(std::uint16_t port, std::optional<std::uint16_t> admin_port);
  void serve();
  void wait_for_signal();
  void on_termination();
  std::int64_t drain();
  std::int64_t shed(double share);
  std::int64_t open() const;
  std::int64_t staying() const;
  void close_on_all(std::int64_t count, CloseReason reason);
  void tick();
  void reload_tls();
  void end(const char* why);
  void stop_loops();

  const ServerOptions options;
  EventLog log;
  ServerMetrics metrics;
  AdmissionGate gate;
  ServerParts parts;
  std::vector<std::unique_ptr<EventLoop>> loops = make_loops();

  // Of the first loop: with one loop the process has one thread, which makes system calls cheaper.
  asio::io_context& io;
  asio::signal_set signals;
  asio::steady_timer timer;
  std::unique_ptr<HttpListener> admin;
  std::unique_ptr<RedisSessions> redis;
  std::optional<TlsFiles> tls;
  TimeNs tls_checked = 0;
  PacedCloses closes{options.rules.drain};
  std::optional<TimeNs> killed_at;  // the grace ends
  bool terminated = false;          // what was left then has been cut
  bool ended = false;
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;

Result<void> Server::run() {
  if (const auto started = impl_->start(); !started) return started;
  impl_->serve();
  return {};
}

// --- Starting

std::vector<std::unique_ptr<EventLoop>> Server::Impl::make_loops() {
  std::vector<std::unique_ptr<EventLoop>> made;
  for (int i = 0; i < options.threads; ++i) {
    made.push_back(std::make_unique<EventLoop>(parts, static_cast<std::uint32_t>(i)));
    parts.loops.push_back(made.back().get());
  }
  return made;
}

Result<void> Server::Impl::start() {
  if (const auto done = start_tls(); !done) return done;
  if (const auto done = start_redis(); !done) return done;

  std::uint16_t port = options.port;
  const bool shared = options.threads > 1;
  if (shared && port != 0) {  // SO_REUSEPORT alone would share the port with any other process
    EventLoop probe(parts, 0);
    if (const auto free = probe.listen(options.listen_address, port, false); !free) {
      return tl::unexpected(free.error());
    }
  }
  for (const auto& loop : loops) {
    const auto bound = loop->listen(options.listen_address, port, shared);
    if (!bound) return tl::unexpected(bound.error());
    port = *bound;
  }
  std::optional<std::uint16_t> admin_port;
  if (!options.admin_token.empty()) {
    auto opened = open_admin_listener(
        io, options.admin_address, options.admin_port, options.admin_token,
        {[this] { return drain(); }, [this](double share) { return shed(share); }});
    if (!opened) return tl::unexpected(opened.error());
    admin = std::move(*opened);
    admin_port = admin->port();
  }
  announce(port, admin_port);
  return {};
}

Result<void> Server::Impl::start_tls() {
  if (options.tls_certificate.empty()) return {};
  tls.emplace(options.tls_certificate, options.tls_key);
  const auto context = tls->load();
  if (!context) return tl::unexpected(context.error());
  for (const auto& loop : loops) loop->use_tls(*context);
  return {};
}

Result<void> Server::Impl::start_redis() {
  if (options.redis_url.empty()) return {};
  auto made = RedisSessions::make(io, parts);
  if (!made) return tl::unexpected(made.error());
  redis = std::move(*made);
  parts.sessions = redis.get();
  return {};
}

void Server::Impl::announce(std::uint16_t port, std::optional<std::uint16_t> admin_port) {
  std::string line =
      fmt::format("wsfleet-server: listening on {}:{}", options.listen_address, port);
  if (admin_port) line += fmt::format(", admin on {}:{}", options.admin_address, *admin_port);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  log.write(LogLevel::info, "listening",
            {{"address", options.listen_address},
             {"port", static_cast<std::int64_t>(port)},
             {"pod", options.pod_name},
             {"max_connections", options.rules.max_connections},
             {"threads", options.threads}});
}

void Server::Impl::serve() {
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::thread> threads;
  for (const auto& loop : loops) {
    loop->post([raw = loop.get()] { raw->start_accepting(); });
    if (loop != loops.front()) threads.emplace_back([raw = loop.get()] { raw->run(); });
  }
  signals.add(SIGTERM);
  signals.add(SIGINT);
  wait_for_signal();
  tick();
  loops.front()->run();
  for (std::thread& thread : threads) thread.join();
}

// --- Ending

void Server::Impl::wait_for_signal() {
  signals.async_wait([this](error_code error, int number) {
    if (error) return;
    if (killed_at) {
      log.write(LogLevel::warning, "second_signal", {{"signal", number}, {"connections", open()}});
      std::fflush(stdout);
      _exit(1);
    }
    on_termination();
    wait_for_signal();
  });
}

void Server::Impl::on_termination() {
  killed_at = monotonic_now() + options.rules.termination_grace;
  log.write(LogLevel::info, "terminating",
            {{"connections", open()}, {"grace", format_duration(options.rules.termination_grace)}});
  drain();
}

std::int64_t Server::Impl::open() const {
  std::int64_t sum = 0;
  for (const auto& loop : loops) sum += loop->open();
  return sum;
}

std::int64_t Server::Impl::staying() const {
  std::int64_t sum = 0;
  for (const auto& loop : loops) sum += loop->staying();
  return sum;
}

std::int64_t Server::Impl::drain() {
  gate.start_draining();
  const bool first = !closes.draining();
  const std::int64_t count = closes.begin_drain(monotonic_now(), staying());
  if (!first) return count;
  log.write(LogLevel::info, "draining",
            {{"connections", count}, {"over", format_duration(options.rules.drain.over)}});
  return count;
}

std::int64_t Server::Impl::shed(double share) {
  const std::int64_t count = closes.begin_shed(monotonic_now(), staying(), share);
  log.write(LogLevel::info, "shedding", {{"connections", count}, {"share", share}});
  return count;
}

// Each loop closes its part of them; what rounding leaves over goes to those that have more.
void Server::Impl::close_on_all(std::int64_t count, CloseReason reason) {
  const int code = options.rules.drain.close_code;
  const char* text = reason == CloseReason::drain ? "server is going away" : "please reconnect";
  std::int64_t left_open = staying();
  for (const auto& loop : loops) {
    if (left_open <= 0) return;
    const std::int64_t mine = loop->staying();
    const std::int64_t part = (count * mine + left_open - 1) / left_open;
    if (part > 0) loop->close_some(part, reason, code, text);
    count -= std::min(part, count);
    left_open -= mine;
  }
}

void Server::Impl::tick() {
  const TimeNs now = monotonic_now();
  const std::int64_t due = closes.take(now, staying());
  if (due > 0) close_on_all(due, closes.draining() ? CloseReason::drain : CloseReason::shed);
  if (killed_at && !ended) {
    if (open() == 0) return end("drained");
    if (terminated) return end("grace_ended");
    if (now >= *killed_at) {
      terminated = true;
      log.write(LogLevel::warning, "grace_ended", {{"connections", open()}});
      for (const auto& loop : loops) loop->terminate_all(CloseReason::grace_ended);
    }
  }
  if (tls && now - tls_checked >= kTlsCheck) reload_tls();
  timer.expires_after(kSteeringTick);
  timer.async_wait([this](error_code cancelled) {
    if (!cancelled && !ended) tick();
  });
}

void Server::Impl::reload_tls() {
  tls_checked = monotonic_now();
  if (!tls->changed()) return;
  const auto context = tls->load();
  if (!context) {
    log.write(LogLevel::error, "certificate_not_reloaded", {{"error", context.error().message}});
    return;  // the old one stays
  }
  for (const auto& loop : loops) loop->use_tls(*context);
  log.write(LogLevel::info, "certificate_reloaded", {{"file", options.tls_certificate}});
}

void Server::Impl::end(const char* why) {
  ended = true;
  log.write(LogLevel::info, "ended", {{"why", why}});
  if (redis) return redis->stop([this] { stop_loops(); });
  stop_loops();
}

// Every loop returns once nothing is under way in it any more.
void Server::Impl::stop_loops() {
  error_code ignored;
  signals.cancel(ignored);
  timer.cancel();
  if (admin) admin->close();
  for (const auto& loop : loops) loop->stop();
}

}  // namespace wsfleet
