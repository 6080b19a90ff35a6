// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace wsfleet {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool is_ready(int descriptor, short events, TimeNs deadline) {
  pollfd wanted{descriptor, events, 0};
  while (true) {
    const int ready = poll(&wanted, 1, milliseconds_left(deadline));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

}  // namespace

Socket::Socket(std::uint16_t port, int receive_buffer, const std::string& source)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (descriptor_ < 0) throw std::runtime_error("no socket: raise the limit of open files");
  if (receive_buffer > 0) {
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in own = loopback(0);
  own.sin_addr.s_addr = inet_addr(source.c_str());
  setsockopt(descriptor_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  bind(descriptor_, reinterpret_cast<const sockaddr*>(&own), sizeof own);
  const sockaddr_in address = loopback(port);
  if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    close();
    throw std::runtime_error(fmt::format("connect to port {}: {}", port, std::strerror(error)));
  }
  fcntl(descriptor_, F_SETFL, fcntl(descriptor_, F_GETFL) | O_NONBLOCK);
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

std::int64_t Socket::send_some(std::string_view bytes) {
  const ssize_t n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n >= 0) return n;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

bool Socket::send(std::string_view bytes, TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  while (!bytes.empty()) {
    const std::int64_t n = send_some(bytes);
    if (n < 0) return false;
    if (n == 0 && !is_ready(descriptor_, POLLOUT, deadline)) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

Received Socket::receive(std::string& bytes, TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  std::array<char, 65536> block;
  while (true) {
    const ssize_t n = recv(descriptor_, block.data(), block.size(), 0);
    if (n > 0) {
      bytes.append(block.data(), static_cast<std::size_t>(n));
      return Received::data;
    }
    if (n == 0) return Received::end;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return Received::reset;
    if (!is_ready(descriptor_, POLLIN, deadline)) return Received::nothing;
  }
}

Received Socket::wait_for_end(TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  std::string dropped;
  while (monotonic_now() < deadline) {
    const Received what = receive(dropped, deadline - monotonic_now());
    if (what == Received::end || what == Received::reset) return what;
    dropped.clear();
  }
  return Received::nothing;
}

void Socket::end_sending() { shutdown(descriptor_, SHUT_WR); }

void Socket::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Socket::reset() {
  const linger at_once{1, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

TakenPort::TakenPort() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      listen(descriptor_, 1) != 0 ||
      getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port to be had");
  }
  port_ = ntohs(address.sin_port);
}

TakenPort::~TakenPort() { close(descriptor_); }

}  // namespace wsfleet
