// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/testing/rogue_server.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

namespace wsfleet {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr unsigned char kBinary = 0x82;
constexpr unsigned char kClose = 0x88;

int listen_somewhere(int& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return socket;
}

void send_all(int socket, const std::string& bytes) {
  send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

/// RFC 6455, 4.2.2.
std::string accept_key(const std::string& key) {
  const std::string text = key + std::string(kGuid);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 64> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), digest.data(), SHA_DIGEST_LENGTH);
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

std::string frame(unsigned char first, const std::string& payload) {  // short ones
  return std::string{static_cast<char>(first), static_cast<char>(payload.size())} + payload;
}

}  // namespace

int unused_port() {
  int port = 0;
  close(listen_somewhere(port));
  return port;
}

RogueServer::RogueServer(Misdeed misdeed) : misdeed_(misdeed) {
  listener_ = listen_somewhere(port_);
  listen(listener_, 16);
  thread_ = std::thread([this] { serve(); });
}

RogueServer::~RogueServer() {
  stop_ = true;
  thread_.join();
  close(listener_);
}

std::string RogueServer::request() const {
  const std::lock_guard lock(mutex_);
  return request_;
}

std::string RogueServer::url() const { return "ws://127.0.0.1:" + std::to_string(port_) + "/"; }

namespace {

/// Reads what there is; false at the end of the connection or of the test.
bool read_more(int socket, std::string& bytes, const std::atomic<bool>& stop) {
  while (!stop) {
    pollfd waiting{socket, POLLIN, 0};
    if (poll(&waiting, 1, 20) <= 0) continue;
    std::array<char, 4096> chunk{};
    const ssize_t size = recv(socket, chunk.data(), chunk.size(), 0);
    if (size <= 0) return false;
    bytes.append(chunk.data(), static_cast<std::size_t>(size));
    return true;
  }
  return false;
}

}  // namespace

void RogueServer::serve() {
  while (!stop_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, 20) <= 0) continue;
    const int socket = accept(listener_, nullptr, nullptr);
    if (socket < 0) continue;
    serve_one(socket);
    close(socket);
  }
}

bool RogueServer::upgrade(int socket) {
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos) {
    if (!read_more(socket, request, stop_)) return false;
  }
  {
    const std::lock_guard lock(mutex_);
    request_ = request;
  }
  const std::string name = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(name) + name.size();
  std::string key = request.substr(at, request.find("\r\n", at) - at);
  if (misdeed_ == Misdeed::wrong_accept_key) key += "x";
  send_all(socket,
           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
               accept_key(key) + "\r\n\r\n");
  return true;
}

void RogueServer::serve_one(int socket) {
  std::string bytes;
  if (misdeed_ == Misdeed::hangs_up) return;
  if (misdeed_ == Misdeed::not_http) {
    read_more(socket, bytes, stop_);
    return send_all(socket, "220 mail.example ESMTP\r\n\r\n");
  }
  if (misdeed_ == Misdeed::silent) {
    while (read_more(socket, bytes, stop_)) continue;
    return;
  }
  if (!upgrade(socket)) return;
  while (read_more(socket, bytes, stop_)) {
    while (bytes.size() >= 6 && bytes.size() >= 6U + (bytes[1] & 0x7F)) {
      const auto size = static_cast<std::size_t>(bytes[1] & 0x7F);
      const bool close_frame = static_cast<unsigned char>(bytes[0]) == kClose;
      std::string payload = bytes.substr(6, size);
      for (std::size_t i = 0; i < size; ++i) payload[i] ^= bytes[2 + i % 4];
      bytes.erase(0, 6 + size);
      if (close_frame && misdeed_ == Misdeed::ignores_close) continue;
      if (close_frame) return send_all(socket, frame(kClose, payload));
      if (misdeed_ == Misdeed::drops_tcp) return;
      if (misdeed_ == Misdeed::odd_close_code) return send_all(socket, frame(kClose, "\x0f\xa1"));
      if (misdeed_ == Misdeed::alters_echo) payload.back() ^= 1;
      send_all(socket, frame(misdeed_ == Misdeed::reserved_bits ? 0xF2 : kBinary, payload));
    }
  }
}

}  // namespace wsfleet
