// SPDX-License-Identifier: Apache-2.0
// The rules' subject as users run it: a wsfleet-server process and sockets, wsfleet-loadgen.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/live/live_clock.h"
#include "tests/live/testing/crowd.h"
#include "tests/live/testing/server_process.h"
#include "tests/rules/rule_subject.h"

namespace wsfleet {
namespace {

Arguments arguments_of(const ServerSettings& settings) {
  const char* const modes[] = {"none", "immediate", "paced"};
  return {"--max-connections",
          std::to_string(settings.max_connections),
          "--max-connection-rate",
          fmt::format("{}", settings.max_connection_rate),
          settings.ready_when_full ? "--ready-when-full" : "--no-ready-when-full",
          "--drain-mode",
          modes[static_cast<int>(settings.drain.mode)],
          "--drain-over",
          format_duration(settings.drain.over)};
}

class RealServer final : public RuleSubject {
 public:
  Arrivals come(const ServerSettings& settings, std::int64_t clients) override {
    ServerProcess server(arguments_of(settings));
    std::vector<Socket> sockets;
    Arrivals seen;
    for (; seen.attempts < clients; ++seen.attempts) {
      Socket socket(server.port());
      socket.send(upgrade_request());
      std::string rest;
      const int status = read_response(socket, rest).status;
      seen.opened += status == 101 ? 1 : 0;
      seen.refused += status == 503 ? 1 : 0;
      sockets.push_back(std::move(socket));
    }
    seen.ready_after = server.get("/readyz").status == 200;
    return seen;
  }

  Closes close(const ServerSettings& settings, std::int64_t clients,
               const std::vector<Order>& orders) override {
    ServerProcess server(arguments_of(settings), {.environment = kWithAdmin});
    Crowd crowd(server.port());
    Closes closes;
    if (!crowd.open(static_cast<std::size_t>(clients))) return closes;
    closes.open_before = clients;
    const TimeNs begun = monotonic_now();
    std::size_t due = 0;
    for (const Order& order : orders) {
      crowd.run_until([] { return false; }, begun + order.after - monotonic_now());
      if (order.shed) {
        due += announced(server.post(fmt::format("/shed?share={}", *order.shed)).body);
        continue;
      }
      server.post("/drain");
      due = crowd.size();
      // Not in a shed: it would be admitted, and could be one of those that are closed.
      if (http_exchange(server.port(), upgrade_request()).status == 503) {
        closes.refused_meanwhile = 1;
      }
    }
    crowd.run_until([&] { return crowd.ended() >= due; });
    if (due < crowd.size()) crowd.run_until([] { return false; }, kSecond / 2);  // nobody else
    for (const Crowd::Member& member : crowd.members()) {
      if (member.closed_at > 0) {
        closes.at.push_back(member.closed_at - begun);
      } else if (member.ended) {
        ++closes.without_frame;
      }
    }
    closes.open_after = static_cast<std::int64_t>(crowd.still_open());
    return closes;
  }

  Lives live(const ServerSettings& settings, const Crew& crew) override {
    ServerProcess server(arguments_of(settings), {.environment = kWithAdmin});
    const std::string scenario =
        fmt::format("{}rules-{}.toml", testing::TempDir(), server.process().pid());
    std::ofstream(scenario) << scenario_of(crew);
    ChildProcess loadgen({WSFLEET_LOADGEN, fmt::format("ws://127.0.0.1:{}/ws/", server.port()),
                          "--scenario", scenario, "--json", "-"});
    if (crew.cut) {
      eventually([&] { return server.count("wsfleet_connections_accepted_total") > 0; });
      pause_for(kSecond);
      server.post("/shed?share=1");
    }
    if (loadgen.wait(kMinute) != 0) throw std::runtime_error(loadgen.errors());
    std::filesystem::remove(scenario);
    return lives_of(nlohmann::json::parse(loadgen.output()));
  }

 private:
  static std::string scenario_of(const Crew& crew) {
    return fmt::format(R"(format = 1
name = "lives"
duration = "{}"
[workload.arrivals]
shape = "steps"
steps = [{{ at = "0s", rate = {:.1f} }}, {{ at = "500ms", rate = 0.0 }}]
[workload.session]
length = {{ distribution = "fixed", mean = "{}" }}
[workload.reconnect]
policy = "fixed"
base = "{}"
max_attempts = {}
)",
                       format_duration(crew.length + crew.wait * crew.max_attempts + 2 * kSecond),
                       2.0 * static_cast<double>(crew.clients), format_duration(crew.length),
                       format_duration(crew.wait), crew.max_attempts);
  }

  static Lives lives_of(const nlohmann::json& report) {
    Lives lives{.sessions = report["sessions"]["started"],
                .attempts = report["attempts"]["started"],
                .reconnects = report["attempts"]["reconnects"],
                .completed = report["sessions"]["completed"],
                .lost = report["sessions"]["lost"],
                .began = {}};
    const nlohmann::json& columns = report["seconds"]["columns"];
    const auto column = std::find(columns.begin(), columns.end(), "attempts_started");
    for (const nlohmann::json& row : report["seconds"]["rows"]) {
      const std::size_t attempts = row[static_cast<std::size_t>(column - columns.begin())];
      lives.began.insert(lives.began.end(), attempts, row[0].get<TimeNs>() * kSecond);
    }
    return lives;
  }

  /// The number in {"verb": ..., "connections": 7}.
  static std::size_t announced(const std::string& body) {
    const std::size_t at = body.find("connections\": ");
    return at == std::string::npos ? 0 : std::stoul(body.substr(at + 14));
  }
};

}  // namespace

std::unique_ptr<RuleSubject> real_server() { return std::make_unique<RealServer>(); }

}  // namespace wsfleet
