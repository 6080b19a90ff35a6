// SPDX-License-Identifier: Apache-2.0
#include "server/live/fuzz/connection_fuzzer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "server/live/connections/transport.h"
#include "server/live/event_loop.h"

namespace wsfleet {
namespace {

constexpr std::string_view kUpgrade =
    "GET /ws/room HTTP/1.1\r\nHost: fuzz\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "this must hold: %s\n", what);
  std::abort();
}

ServerOptions options_for(MessageMode mode) {
  ServerOptions options;
  options.mode = mode;
  options.max_message_bytes = 4096;
  options.send_queue_bytes = 16 * 1024;
  options.close_timeout = kMillisecond;
  options.log_level = LogLevel::off;
  return options;
}

/// A server of one loop that listens nowhere.
struct Bench {
  explicit Bench(MessageMode mode)
      : options(options_for(mode)), log(LogFormat::text, LogLevel::off), gate(options.rules) {
    parts.loops.push_back(&loop);
    loop.post([this] { loop.start_sweeping(); });
  }

  const ServerOptions options;
  EventLog log;
  ServerMetrics metrics;
  AdmissionGate gate;
  ServerParts parts{options, log, metrics, gate, nullptr, {}};
  EventLoop loop{parts, 0};
};

/// The client's end of a connection, closed with it.
class Client {
 public:
  explicit Client(Bench& bench) {
    std::array<int, 2> ends{};
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0, "a socket pair");
    mine_ = ends[0];
    PlainSocket theirs(bench.loop.io().get_executor());
    theirs.assign(boost::asio::ip::tcp::v4(), ends[1]);
    theirs.non_blocking(true);
    serve_plain(bench.loop, std::move(theirs));
  }
  ~Client() { ::close(mine_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes) {
    if (::send(mine_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return;  // hung up already
  }
  void drop_input() {
    std::array<char, 4096> bytes{};
    while (recv(mine_, bytes.data(), bytes.size(), 0) > 0) continue;
  }
  void finish() { shutdown(mine_, SHUT_WR); }

 private:
  int mine_ = -1;
};

}  // namespace

struct ConnectionFuzzer::Impl {
  Bench echo{MessageMode::echo};
  Bench broadcast{MessageMode::broadcast};
};

ConnectionFuzzer::ConnectionFuzzer() : impl_(std::make_unique<Impl>()) {}
ConnectionFuzzer::~ConnectionFuzzer() = default;

void ConnectionFuzzer::feed(std::string_view input) {
  if (input.empty()) return;
  const auto choice = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  Bench& bench = (choice & 1U) != 0 ? impl_->broadcast : impl_->echo;
  const std::size_t pieces = 1 + (choice >> 2U) % 8;
  const std::size_t step = input.size() / pieces + 1;
  {
    Client client(bench);
    if ((choice & 2U) != 0) client.send(kUpgrade);
    bench.loop.io().poll();
    for (; !input.empty(); input.remove_prefix(std::min(step, input.size()))) {
      client.send(input.substr(0, step));
      bench.loop.io().poll();
      client.drop_input();
    }
    client.finish();
    bench.loop.io().poll();
    client.drop_input();
  }
  // The client is gone: whatever was under way ends by itself, at once or at its deadline.
  for (int i = 0; bench.loop.open() + bench.loop.pending() > 0; ++i) {
    must(i < 100, "a connection ends once its client is gone");
    bench.loop.io().run_one();
    bench.loop.io().poll();
  }
  must(bench.gate.inside() == 0, "whoever left is no longer counted as inside");
}

}  // namespace wsfleet
