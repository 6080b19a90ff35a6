// SPDX-License-Identifier: Apache-2.0
// The load generator against the raw epoll client: the CPU time of the whole client process, from
// its start to its end, per message that came back. Both drive the raw epoll server with the same
// messages and check each.
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/bench/websocket/comparison.h"
#include "tests/bench/websocket/parts.h"
#include "tests/bench/websocket/server.h"

namespace wsfleet::bench {
namespace {

constexpr int kConnections = 50;
constexpr int kPacedPerConnection = 200;  // messages a second
constexpr TimeNs kEndPatience = 60 * kSecond;

struct Load {
  std::string title;
  std::vector<std::string> loadgen;  // the words that say so to each of them
  std::vector<std::string> raw_client;
};

std::vector<std::string> loadgen_command(const Server& server, const Load& load, TimeNs duration) {
  std::vector<std::string> words = {built("wsfleet-loadgen"),
                                    "ws://127.0.0.1:" + std::to_string(server.port) + "/ws/",
                                    "--connections",
                                    std::to_string(kConnections),
                                    "--message-bytes",
                                    "64",
                                    "--duration",
                                    format_duration(duration),
                                    "--quiet",
                                    "--json",
                                    "-"};
  words.insert(words.end(), load.loadgen.begin(), load.loadgen.end());
  return words;
}

std::vector<std::string> raw_command(const Server& server, const Load& load, TimeNs duration) {
  std::vector<std::string> words = {built("wsfleet-bench-raw-client"), std::to_string(server.port),
                                    std::to_string(kConnections),
                                    std::to_string(to_seconds(duration))};
  words.insert(words.end(), load.raw_client.begin(), load.raw_client.end());
  return words;
}

Result<std::int64_t> messages_in_report(const std::string& output) {
  const auto report = nlohmann::json::parse(output, nullptr, false);
  if (!report.is_object() || !report.contains("messages")) {
    return fail("wsfleet-loadgen printed no report");
  }
  const auto& messages = report["messages"];
  if (messages.value("mismatched", 1) != 0 || messages.value("lost", 1) != 0) {
    return fail("wsfleet-loadgen lost messages or got altered ones");
  }
  return messages.value("received", std::int64_t{0});
}

Result<std::int64_t> messages_in_line(const std::string& output) {
  return std::strtoll(output.c_str(), nullptr, 10);
}

/// Nanoseconds of CPU per message.
Result<double> cost(const std::vector<std::string>& command,
                    Result<std::int64_t> (*messages_in)(const std::string& output)) {
  auto client = Child::start(command, Core::client);
  if (!client) return tl::unexpected(client.error());
  const auto outcome = client->wait(kEndPatience);
  if (!outcome) return tl::unexpected(outcome.error());
  const auto messages = messages_in(outcome->output);
  if (!messages) return tl::unexpected(messages.error());
  if (*messages == 0) return fail("no message came back");
  return static_cast<double>(outcome->cpu) / static_cast<double>(*messages);
}

bool bench_load(const Load& load, const Server& server, const Effort& effort) {
  Comparison comparison;
  comparison.title = "Load generator, " + load.title + ": microseconds of CPU per message";
  comparison.targets = {{"raw epoll client", 1.5, true, {}}};
  comparison.scale = 1e3;
  comparison.decimals = 2;
  comparison.contestants = {
      {"wsfleet-loadgen",
       [&] { return cost(loadgen_command(server, load, effort.duration), messages_in_report); }},
      {"raw epoll client",
       [&] { return cost(raw_command(server, load, effort.duration), messages_in_line); }}};
  return compare(comparison, effort.rounds);
}

}  // namespace

bool bench_loadgen(const Effort& effort) {
  const auto server = Server::start(ServerKind::raw_epoll, ServerMode::echo);
  if (!server) {
    std::fprintf(stderr, "wsfleet-bench-websocket: %s\n", server.error().message.c_str());
    return false;
  }
  const std::string connections = std::to_string(kConnections) + " connections";
  const Load closed = {
      "1 in flight on each of " + connections, {"--in-flight", "1"}, {"in-flight", "1"}};
  const Load deep = {
      "16 in flight on each of " + connections, {"--in-flight", "16"}, {"in-flight", "16"}};
  const Load paced = {
      std::to_string(kPacedPerConnection) + " messages a second on each of " + connections,
      {"--message-rate", std::to_string(kPacedPerConnection)},
      {"rate", std::to_string(kPacedPerConnection * kConnections)}};
  bool sound = true;
  for (const Load& load : {closed, deep, paced}) sound = bench_load(load, *server, effort) && sound;
  return sound;
}

}  // namespace wsfleet::bench
