// SPDX-License-Identifier: Apache-2.0
// The rules' subject as users run it: a wsfleet-server process and sockets.
#include <fmt/format.h>

#include "core/live_clock.h"
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

  Closes drain(const ServerSettings& settings, std::int64_t clients) override {
    return act(settings, clients, "/drain");
  }
  Closes shed(const ServerSettings& settings, std::int64_t clients, double share) override {
    return act(settings, clients, fmt::format("/shed?share={}", share));
  }

 private:
  static Closes act(const ServerSettings& settings, std::int64_t clients, const std::string& verb) {
    ServerProcess server(arguments_of(settings), {.environment = kWithAdmin});
    Crowd crowd(server.port());
    Closes closes;
    if (!crowd.open(static_cast<std::size_t>(clients))) return closes;
    closes.open_before = clients;
    const TimeNs begun = monotonic_now();
    const RawResponse answer = server.post(verb);
    const std::size_t due = announced(answer.body);
    // Not in a shed: it would be admitted, and could be one of those that are closed.
    if (verb == "/drain" && http_exchange(server.port(), upgrade_request()).status == 503) {
      closes.refused_meanwhile = 1;
    }
    crowd.run_until([&] { return crowd.ended() >= due; });
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

  /// The number in {"verb": ..., "connections": 7}.
  static std::size_t announced(const std::string& body) {
    const std::size_t at = body.find("connections\": ");
    return at == std::string::npos ? 0 : std::stoul(body.substr(at + 14));
  }
};

}  // namespace

std::unique_ptr<RuleSubject> real_server() { return std::make_unique<RealServer>(); }

}  // namespace wsfleet
