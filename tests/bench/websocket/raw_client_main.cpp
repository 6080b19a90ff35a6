// SPDX-License-Identifier: Apache-2.0
// wsfleet-bench-raw-client: the raw epoll client as a process of its own, so that its CPU time can
// be held against the load generator's. Prints the number of messages that came back.
//   wsfleet-bench-raw-client PORT CONNECTIONS SECONDS in-flight N
//   wsfleet-bench-raw-client PORT CONNECTIONS SECONDS rate MESSAGES_PER_SECOND
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/bench/websocket/raw_client.h"

namespace wsfleet::bench {
namespace {

Result<std::int64_t> drive(char** words) {
  RawClient client;
  ConnectOptions options;
  options.port = static_cast<std::uint16_t>(std::atoi(words[0]));
  options.connections = static_cast<std::size_t>(std::atoi(words[1]));
  const TimeNs duration = from_seconds(std::atof(words[2]));
  const bool paced = std::string(words[3]) == "rate";
  const auto opened = client.open(options);
  if (!opened) return tl::unexpected(opened.error());
  const auto messages = paced
                            ? client.echo_paced(std::atof(words[4]), duration)
                            : client.echo(static_cast<std::size_t>(std::atoi(words[4])), duration);
  if (!messages) return messages;
  const auto closed = client.close();
  if (!closed) return tl::unexpected(closed.error());
  return messages;
}

}  // namespace
}  // namespace wsfleet::bench

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr,
                 "Usage: wsfleet-bench-raw-client PORT CONNECTIONS SECONDS (in-flight|rate) N\n");
    return 2;
  }
  const auto messages = wsfleet::bench::drive(argv + 1);
  if (!messages) {
    std::fprintf(stderr, "wsfleet-bench-raw-client: %s\n", messages.error().message.c_str());
    return 1;
  }
  std::printf("%lld\n", static_cast<long long>(*messages));
  return 0;
}
