// SPDX-License-Identifier: Apache-2.0
#include "core/process/free_port.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wsfleet {

Result<std::uint16_t> free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool found =
      bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  const int error = errno;
  close(probe);
  if (!found) return fail(fmt::format("no free port on 127.0.0.1: {}", std::strerror(error)));
  return ntohs(address.sin_port);
}

}  // namespace wsfleet
