// SPDX-License-Identifier: Apache-2.0
#pragma once
// A listener on a free port of 127.0.0.1 that answers every request with the bytes it was given,
// right or wrong, each connection on a thread of its own. Test code only.

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/time.h"

namespace wsfleet {

/// What a server does with a connection after the request's header has come.
class RawAnswer {
 public:
  RawAnswer(int socket, int stop, std::string request)
      : socket_(socket), stop_(stop), request_(std::move(request)) {}

  const std::string& request() const { return request_; }
  /// False when the client or the server has gone.
  bool send(const std::string& bytes) const {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t size = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) return false;
      sent += static_cast<std::size_t>(size);
    }
    return true;
  }
  /// Waits; false when the server is to end.
  bool pause(TimeNs time) const {
    pollfd stop{stop_, POLLIN, 0};
    return poll(&stop, 1, static_cast<int>(time / kMillisecond)) == 0;
  }
  /// Says nothing until the server is to end.
  void be_silent() const { pause(kHour); }
  /// Ends the connection by RST.
  void reset() const {
    const linger abort{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  }

 private:
  int socket_;
  int stop_;
  std::string request_;
};

class RawServer {
 public:
  using Behaviour = std::function<void(const RawAnswer&)>;

  explicit RawServer(Behaviour behaviour)
      : behaviour_(std::move(behaviour)),
        stop_(eventfd(0, EFD_CLOEXEC)),
        acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}) {
    thread_ = std::thread([this] { accept_all(); });
  }
  /// Answers `bytes` and ends the connection.
  static Behaviour answers(std::string bytes) {
    return [bytes = std::move(bytes)](const RawAnswer& answer) { answer.send(bytes); };
  }

  ~RawServer() {
    eventfd_write(stop_, 1);
    thread_.join();
    for (std::thread& connection : connections_) connection.join();
    close(stop_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void accept_all() {
    while (true) {
      pollfd both[] = {{stop_, POLLIN, 0}, {acceptor_.native_handle(), POLLIN, 0}};
      if (poll(both, 2, -1) < 0 || both[0].revents != 0) return;
      const int socket = accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) connections_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    std::string request;
    char block[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      pollfd both[] = {{stop_, POLLIN, 0}, {socket, POLLIN, 0}};
      if (poll(both, 2, -1) < 0 || both[0].revents != 0) break;
      const ssize_t size = recv(socket, block, sizeof block, 0);
      if (size <= 0) break;
      request.append(block, static_cast<std::size_t>(size));
    }
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    behaviour_(RawAnswer(socket, stop_, request));
    close(socket);
  }

  const Behaviour behaviour_;
  const int stop_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> connections_;
  std::thread thread_;
};

}  // namespace wsfleet
