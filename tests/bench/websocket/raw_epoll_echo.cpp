// SPDX-License-Identifier: Apache-2.0
// wsfleet-bench-epoll-echo: the floor that the real server is held against. One thread, epoll,
// WebSocket echo and nothing else: no pings, limits, metrics or UTF-8 check. What one recv brought
// is answered by one send, or by one send to each connection, the sender's too (broadcast).
//   wsfleet-bench-epoll-echo [PORT] [echo|broadcast]    (PORT 0, the default: any free one)
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/websocket/wire.h"

namespace wsfleet::bench {
namespace {

struct Connection {
  explicit Connection(int socket) : fd(socket) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(fd); }

  int fd;
  bool open = false;     // the handshake is done
  bool blocked = false;  // `unsent` waits for room in the socket
  std::string received;  // the start of a head or frame, from the recv before
  std::string unsent;
};

class EchoServer {
 public:
  /// Ends the program when the port is taken.
  EchoServer(std::uint16_t port, bool broadcast);
  [[noreturn]] void run();
  std::uint16_t port() const;

 private:
  void accept_all();
  void read(Connection& connection);
  bool answer(Connection& connection, char* bytes, std::size_t size);
  bool shake_hands(Connection& connection, std::string_view head);
  bool send_to(Connection& connection, std::string_view bytes);
  void watch(int operation, int fd, std::uint32_t events, Connection* connection) const;
  void forget(Connection& connection) { connections_[connection.fd].reset(); }

  bool broadcast_;
  int listener_;
  int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::array<char, 2 * kFrameBytesMax> input_;
  std::string output_;  // the answers to what one recv brought
};

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

EchoServer::EchoServer(std::uint16_t port, bool broadcast)
    : broadcast_(broadcast),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)),
      epoll_(epoll_create1(0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, SOMAXCONN) != 0) {
    give_up("wsfleet-bench-epoll-echo: bind");
  }
  watch(EPOLL_CTL_ADD, listener_, EPOLLIN, nullptr);
}

std::uint16_t EchoServer::port() const {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.sin_port);
}

void EchoServer::run() {
  std::array<epoll_event, 512> events;
  while (true) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto* const connection = static_cast<Connection*>(events[i].data.ptr);
      if (connection == nullptr) {
        accept_all();
      } else if ((events[i].events & EPOLLOUT) != 0) {
        const std::string rest = std::exchange(connection->unsent, {});
        if (!send_to(*connection, rest)) forget(*connection);
      } else {
        read(*connection);
      }
    }
  }
}

void EchoServer::watch(int operation, int fd, std::uint32_t events, Connection* connection) const {
  epoll_event event{};
  event.events = events;
  event.data.ptr = connection;
  if (epoll_ctl(epoll_, operation, fd, &event) != 0) give_up("epoll_ctl");
}

void EchoServer::accept_all() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (static_cast<std::size_t>(fd) >= connections_.size()) {
      connections_.resize(2 * static_cast<std::size_t>(fd) + 1);
    }
    connections_[fd] = std::make_unique<Connection>(fd);
    watch(EPOLL_CTL_ADD, fd, EPOLLIN, connections_[fd].get());
  }
}

void EchoServer::read(Connection& connection) {
  const std::size_t kept = connection.received.size();
  std::memcpy(input_.data(), connection.received.data(), kept);
  const ssize_t came = recv(connection.fd, input_.data() + kept, input_.size() - kept, 0);
  if (came < 0 && errno == EAGAIN) return;
  if (came <= 0) return forget(connection);
  output_.clear();
  const bool to_all = broadcast_ && connection.open;
  const bool sound = answer(connection, input_.data(), kept + static_cast<std::size_t>(came));
  if (!output_.empty() && to_all && sound) {
    for (const auto& member : connections_) {
      if (member != nullptr && member->open && !send_to(*member, output_)) forget(*member);
    }
  } else if (!output_.empty() && !send_to(connection, output_)) {
    return forget(connection);
  }
  if (!sound) forget(connection);
}

/// Puts the answers into output_ and keeps what is not whole yet. False: it is to be closed.
bool EchoServer::answer(Connection& connection, char* bytes, std::size_t size) {
  std::size_t done = 0;
  if (!connection.open) {
    const std::string_view text(bytes, size);
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      connection.received = text;
      return size < kFrameBytesMax;
    }
    if (!shake_hands(connection, text.substr(0, end + 2))) return false;
    done = end + 4;
  }
  Frame frame;
  Parsed parsed = Parsed::partial;
  while ((parsed = parse_frame(bytes + done, size - done, frame)) == Parsed::whole) {
    if (!frame.masked) return false;
    done += frame.frame_bytes;
    mask(frame.payload, frame.payload_bytes, frame.key);
    if (frame.opcode == Opcode::pong) continue;
    append_frame(output_, frame.opcode == Opcode::ping ? Opcode::pong : frame.opcode, frame.text());
    if (frame.opcode == Opcode::close) return false;
  }
  connection.received.assign(bytes + done, size - done);
  return parsed == Parsed::partial;
}

bool EchoServer::shake_hands(Connection& connection, std::string_view head) {
  const auto key = http_field(head, "Sec-WebSocket-Key");
  if (!key) return false;
  output_ += "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  output_ += "Sec-WebSocket-Accept: " + handshake_accept(*key) + "\r\n\r\n";
  connection.open = true;
  return true;
}

/// One send; what the socket does not take waits, and reading with it. False: the peer is gone.
bool EchoServer::send_to(Connection& connection, std::string_view bytes) {
  if (!connection.unsent.empty()) {
    connection.unsent += bytes;
    return true;
  }
  const ssize_t went = send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (went < 0 && errno != EAGAIN) return false;
  connection.unsent = bytes.substr(went < 0 ? 0 : static_cast<std::size_t>(went));
  const bool blocked = !connection.unsent.empty();
  if (blocked != connection.blocked) {
    connection.blocked = blocked;
    watch(EPOLL_CTL_MOD, connection.fd, blocked ? EPOLLOUT : EPOLLIN, &connection);
  }
  return true;
}

}  // namespace
}  // namespace wsfleet::bench

int main(int argc, char** argv) {
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  const bool broadcast = argc > 2 && std::string_view(argv[2]) == "broadcast";
  static wsfleet::bench::EchoServer server(port, broadcast);
  std::printf("listening on 127.0.0.1:%d\n", server.port());
  std::fflush(stdout);
  server.run();
}
