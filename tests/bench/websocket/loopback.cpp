// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/websocket/loopback.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wsfleet::bench {
namespace {

sockaddr_in loopback(std::size_t last_byte, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x7F000000U + static_cast<std::uint32_t>(last_byte));
  address.sin_port = htons(port);
  return address;
}

}  // namespace

Error system_error(const std::string& what) {
  return {ErrorKind::failed, what + ": " + std::strerror(errno)};
}

Result<int> connect_from(std::size_t source, std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return tl::unexpected(system_error("socket"));
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in from = loopback(source, 0);
  const sockaddr_in to = loopback(1, port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    const Error error = system_error("connect");
    close(fd);
    return tl::unexpected(error);
  }
  return fd;
}

}  // namespace wsfleet::bench
