// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/websocket/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "build_paths/source_dir.h"
#include "tests/bench/websocket/loopback.h"

namespace wsfleet::bench {
namespace {

constexpr TimeNs kStartPatience = 30 * kSecond;
const std::string kNodeFolder = "tests/bench/websocket/node";

/// Where the shell would find it; empty when it would not.
std::string on_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = folder + "/" + program;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

Result<std::vector<std::string>> node_command(const std::string& mode) {
  const std::string node = on_path("node");
  const std::string folder = WSFLEET_SOURCE_DIR "/" + kNodeFolder;
  if (node.empty()) {
    return fail(ErrorKind::unavailable, "there is no node: install the package nodejs");
  }
  for (const char* module : {"ws", "prom-client"}) {
    if (!std::filesystem::exists(folder + "/node_modules/" + module)) {
      return fail(ErrorKind::unavailable,
                  std::string("npm's ") + module + " is missing: npm ci --prefix " + kNodeFolder);
    }
  }
  return std::vector<std::string>{node, folder + "/server.mjs", "0", mode};
}

Result<std::vector<std::string>> command_of(ServerKind kind, ServerMode mode) {
  const std::string mode_name = mode == ServerMode::echo ? "echo" : "broadcast";
  switch (kind) {
    case ServerKind::raw_epoll:
      return std::vector<std::string>{built("wsfleet-bench-epoll-echo"), "0", mode_name};
    case ServerKind::wsfleet:
      return std::vector<std::string>{built("wsfleet-server"),
                                      "--listen",
                                      "127.0.0.1",
                                      "--port",
                                      "0",
                                      "--max-connections",
                                      "100000",
                                      "--log-level",
                                      "warning",
                                      "--mode",
                                      mode_name};
    case ServerKind::node:
      break;
  }
  return node_command(mode_name);
}

/// The number after "listening on 127.0.0.1:".
Result<std::uint16_t> port_in(const std::string& line) {
  const std::string words = "listening on 127.0.0.1:";
  const std::size_t at = line.find(words);
  if (at == std::string::npos) return fail("no port in '" + line + "'");
  return static_cast<std::uint16_t>(std::atoi(line.c_str() + at + words.size()));
}

}  // namespace

std::string built(const std::string& name) {
  static const auto kFolder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (kFolder / name).string();
}

const char* name_of(ServerKind kind) {
  switch (kind) {
    case ServerKind::raw_epoll:
      return "raw epoll";
    case ServerKind::wsfleet:
      return "wsfleet-server";
    case ServerKind::node:
      break;
  }
  return "Node ws";
}

Result<Server> Server::start(ServerKind kind, ServerMode mode) {
  const auto command = command_of(kind, mode);
  if (!command) return tl::unexpected(command.error());
  auto child = Child::start(*command, Core::server);
  if (!child) return tl::unexpected(child.error());
  const auto line = child->read_line(kStartPatience);
  if (!line) return tl::unexpected(line.error());
  const auto port = port_in(*line);
  if (!port) return tl::unexpected(port.error());
  return Server{std::move(*child), *port};
}

Result<std::string> Server::metrics() const {
  const auto socket = connect_from(1, port);
  if (!socket) return tl::unexpected(socket.error());
  const std::string request =
      "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  std::string answer;
  if (send(*socket, request.data(), request.size(), MSG_NOSIGNAL) ==
      static_cast<ssize_t>(request.size())) {
    std::array<char, 65536> block;
    for (ssize_t came = 0; (came = recv(*socket, block.data(), block.size(), 0)) > 0;) {
      answer.append(block.data(), static_cast<std::size_t>(came));
    }
  }
  close(*socket);
  if (answer.find("websockets_connections_total") == std::string::npos) {
    return fail("GET /metrics does not show websockets_connections_total");
  }
  return answer;
}

}  // namespace wsfleet::bench
