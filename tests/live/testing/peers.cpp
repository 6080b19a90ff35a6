// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/peers.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "build_paths/source_dir.h"

namespace wsfleet {
namespace {

constexpr const char* kScripts = WSFLEET_SOURCE_DIR "/tests/live/interop/";

std::vector<std::string> command_of(Peer peer, const std::string& role) {
  if (peer == Peer::python_websockets) {
    return {WSFLEET_PYTHON, "-u", fmt::format("{}websockets_{}.py", kScripts, role)};
  }
  if (!std::filesystem::exists(WSFLEET_WS_MODULE)) {
    throw std::runtime_error(
        fmt::format("npm's ws is not at {}: `./dev test` fetches it", WSFLEET_WS_MODULE));
  }
  return {WSFLEET_NODE, fmt::format("{}ws_{}.js", kScripts, role), WSFLEET_WS_MODULE};
}

}  // namespace

std::string name_of(Peer peer) {
  return peer == Peer::python_websockets ? "PythonWebsockets" : "NodeWs";
}

PeerServer::PeerServer(Peer peer) : process_(command_of(peer, "server")) {
  constexpr std::string_view kReady = "listening on 127.0.0.1:";
  process_.says("\n");
  const std::string output = process_.output();
  const std::size_t at = output.find(kReady);
  if (at == std::string::npos) {
    throw std::runtime_error("the peer did not start: " + output + process_.errors());
  }
  port_ =
      static_cast<std::uint16_t>(std::strtoul(output.c_str() + at + kReady.size(), nullptr, 10));
}

std::string failed_checks(Peer peer, const std::string& url, const std::string& ca_file) {
  std::vector<std::string> command = command_of(peer, "client");
  command.push_back(url);
  if (!ca_file.empty()) command.push_back(ca_file);
  ChildProcess client(command);
  const auto status = client.wait(60 * kSecond);
  if (status == 0) return "";
  return fmt::format("status {}\n{}{}", status.value_or(-1), client.output(), client.errors());
}

}  // namespace wsfleet
