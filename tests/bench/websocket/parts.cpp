// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/websocket/parts.h"

#include <cstdio>
#include <memory>
#include <string>

#include "tests/bench/websocket/comparison.h"
#include "tests/bench/websocket/raw_client.h"
#include "tests/bench/websocket/server.h"

namespace wsfleet::bench {
namespace {

constexpr std::size_t kEchoConnections = 50;
constexpr std::size_t kIdleConnections = 15'000;
constexpr std::size_t kAcceptConnections = 4'000;
constexpr std::size_t kRoomMembers = 1'000;

using Measure = std::function<Result<double>(const Server&)>;
using Work = std::function<Result<std::int64_t>()>;

/// The contestant's server is started in the first round and serves the later ones as well. It is
/// measured once before that counts: a just-in-time compiler has to warm up.
Contestant on_server(ServerKind kind, ServerMode mode, const Measure& measure) {
  const auto in_round = [=, server = std::shared_ptr<Server>()]() mutable -> Result<double> {
    if (!server) {
      auto started = Server::start(kind, mode);
      if (!started) return tl::unexpected(started.error());
      server = std::make_shared<Server>(std::move(*started));
      const auto warmed_up = measure(*server);
      if (!warmed_up) return warmed_up;
    }
    return measure(*server);
  };
  return {name_of(kind), in_round};
}

/// What `work` counts, per second of the CPU time that it costs the server.
Result<double> per_cpu_second(const Server& server, const Work& work) {
  const auto before = server.process.cpu_time();
  if (!before) return tl::unexpected(before.error());
  const auto done = work();
  if (!done) return tl::unexpected(done.error());
  const auto after = server.process.cpu_time();
  if (!after) return tl::unexpected(after.error());
  return static_cast<double>(*done) / to_seconds(*after - *before);
}

/// Connections are opened before and closed after what is measured.
Result<double> per_cpu_second_when_open(const Server& server, RawClient& client,
                                        const ConnectOptions& options, const Work& work) {
  const auto opened = client.open(options);
  if (!opened) return tl::unexpected(opened.error());
  const auto figure = per_cpu_second(server, work);
  if (!figure) return figure;
  const auto closed = client.close();
  if (!closed) return tl::unexpected(closed.error());
  return figure;
}

Result<double> echo_rate(const Server& server, std::size_t in_flight, TimeNs duration) {
  RawClient client;
  return per_cpu_second_when_open(server, client, {server.port, "/ws/", kEchoConnections},
                                  [&] { return client.echo(in_flight, duration); });
}

Result<double> delivery_rate(const Server& server, std::size_t in_flight, TimeNs duration) {
  RawClient client;
  return per_cpu_second_when_open(server, client, {server.port, "/ws/bench", kRoomMembers},
                                  [&] { return client.broadcast(in_flight, duration); });
}

Result<double> accept_rate(const Server& server) {
  RawClient client;
  const auto figure = per_cpu_second(server, [&]() -> Result<std::int64_t> {
    const auto opened = client.open({server.port, "/ws/", kAcceptConnections});
    if (!opened) return tl::unexpected(opened.error());
    return static_cast<std::int64_t>(kAcceptConnections);
  });
  if (!figure) return figure;
  const auto closed = client.close();
  if (!closed) return tl::unexpected(closed.error());
  return figure;
}

/// One client comes and goes, and the metrics are read: code and tables that the first use brings
/// in are no connection's.
Result<void> use_once(const Server& server) {
  RawClient client;
  const auto used = client.open({server.port, "/ws/", 1})
                        .and_then([&] { return client.echo(1, 10 * kMillisecond); })
                        .and_then([&](std::int64_t) { return client.close(); });
  if (!used) return used;
  const auto metrics = server.metrics();
  if (!metrics) return tl::unexpected(metrics.error());
  return {};
}

/// What the server's resident memory grows by for each idle connection, once all were pinged.
Result<double> idle_bytes(ServerKind kind) {
  auto server = Server::start(kind, ServerMode::echo);
  if (!server) return tl::unexpected(server.error());
  const auto used = use_once(*server);
  if (!used) return tl::unexpected(used.error());
  const auto before = server->process.resident_bytes();
  if (!before) return tl::unexpected(before.error());

  RawClient client;
  const auto held = client.open({server->port, "/ws/", kIdleConnections}).and_then([&] {
    return client.hold_until_pinged();
  });
  if (!held) return tl::unexpected(held.error());
  const auto after = server->process.resident_bytes();
  if (!after) return tl::unexpected(after.error());

  const auto metrics = server->metrics();
  if (!metrics) return tl::unexpected(metrics.error());
  const std::string line = "\nwebsockets_connections_total " + std::to_string(kIdleConnections);
  if (metrics->find(line) == std::string::npos) {
    return fail("its metrics do not show " + std::to_string(kIdleConnections) + " connections");
  }
  return static_cast<double>(*after - *before) / static_cast<double>(kIdleConnections);
}

}  // namespace

bool bench_echo(const Effort& effort) {
  bool sound = true;
  for (const std::size_t in_flight : {std::size_t{1}, std::size_t{16}}) {
    Comparison comparison;
    comparison.title = "Echo, " + std::to_string(in_flight) + " in flight on each of " +
                       std::to_string(kEchoConnections) +
                       " connections: thousand messages per CPU second of the server";
    const bool single = in_flight == 1;
    comparison.targets = {{"raw epoll", single ? 0.85 : 0.45, false, single ? 1.0 : 0.8},
                          {"Node ws", single ? 1.7 : 8.0, false, {}}};
    comparison.scale = 1e3;
    for (const ServerKind kind : {ServerKind::wsfleet, ServerKind::raw_epoll, ServerKind::node}) {
      comparison.contestants.push_back(on_server(kind, ServerMode::echo, [=](const Server& server) {
        return echo_rate(server, in_flight, effort.duration);
      }));
    }
    sound = compare(comparison, effort.rounds) && sound;
  }
  return sound;
}

bool bench_idle(const Effort&) {
  Comparison comparison;
  comparison.title = std::to_string(kIdleConnections) +
                     " idle connections, metrics on: KiB resident per connection (one round)";
  comparison.targets = {{"", 4.0, true, {}}};
  comparison.scale = 1024;
  comparison.decimals = 2;
  for (const ServerKind kind : {ServerKind::wsfleet, ServerKind::node}) {
    comparison.contestants.push_back({name_of(kind), [=] { return idle_bytes(kind); }});
  }
  return compare(comparison, 1);
}

bool bench_accept(const Effort& effort) {
  Comparison comparison;
  comparison.title = "Accepting, " + std::to_string(kAcceptConnections) +
                     " connections, 64 handshakes at once: thousand per CPU second of the server";
  comparison.targets = {{"Node ws", 2.5, false, {}}};
  comparison.scale = 1e3;
  comparison.decimals = 2;
  for (const ServerKind kind : {ServerKind::wsfleet, ServerKind::raw_epoll, ServerKind::node}) {
    comparison.contestants.push_back(on_server(kind, ServerMode::echo, accept_rate));
  }
  return compare(comparison, effort.rounds);
}

bool bench_broadcast(const Effort& effort) {
  bool sound = true;
  for (const std::size_t in_flight : {std::size_t{1}, std::size_t{16}}) {
    Comparison comparison;
    comparison.title = "Broadcast to a room of " + std::to_string(kRoomMembers) + ", " +
                       std::to_string(in_flight) +
                       " in flight: thousand deliveries per CPU second of the server";
    // With one in flight nothing can be sent together: it is a system call per delivery for all of
    // them, the floor included. So the target is on sixteen.
    comparison.targets = {{"raw epoll", {}, false, {}}, {"Node ws", {}, false, {}}};
    if (in_flight > 1) comparison.targets.back().value = 5.0;
    comparison.scale = 1e3;
    for (const ServerKind kind : {ServerKind::wsfleet, ServerKind::raw_epoll, ServerKind::node}) {
      comparison.contestants.push_back(on_server(
          kind, ServerMode::broadcast,
          [=](const Server& server) { return delivery_rate(server, in_flight, effort.duration); }));
    }
    sound = compare(comparison, effort.rounds) && sound;
  }
  return sound;
}

}  // namespace wsfleet::bench
