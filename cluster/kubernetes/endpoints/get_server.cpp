// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/endpoints/get_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "core/live_clock.h"

namespace wsfleet {
namespace {

constexpr TimeNs kRequestWithin = 2 * kSecond;
constexpr std::size_t kMaxRequestBytes = 8 * 1024;

/// Closes it when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Other";
  }
}

bool wait_for_event(int file, short events, TimeNs until) {
  const TimeNs left = until - monotonic_now();
  if (left <= 0) return false;
  pollfd waiting{.fd = file, .events = events, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(left / kMillisecond) + 1) == 1;
}

/// The request's head; "" when it does not come in time or is too long.
std::string read_head(int file, TimeNs until) {
  std::string head;
  char block[2048];
  while (head.find("\r\n\r\n") == std::string::npos) {
    if (head.size() > kMaxRequestBytes || !wait_for_event(file, POLLIN, until)) return "";
    const ssize_t size = recv(file, block, sizeof block, MSG_DONTWAIT);
    if (size <= 0) return "";
    head.append(block, static_cast<std::size_t>(size));
  }
  return head;
}

void write_all(int file, std::string_view text, TimeNs until) {
  while (!text.empty()) {
    if (!wait_for_event(file, POLLOUT, until)) return;
    const ssize_t size = send(file, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

GetAnswer answer_to(const std::string& head, const GetServer::Handler& handler) {
  const std::string line = head.substr(0, head.find("\r\n"));
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  if (first == std::string::npos || second == std::string::npos) return {400, "bad request\n"};
  if (line.substr(0, first) != "GET") return {405, "only GET\n"};
  return handler(line.substr(first + 1, second - first - 1));
}

}  // namespace

struct GetServer::Impl {
  Descriptor listener;
  Descriptor stop{eventfd(0, EFD_CLOEXEC)};
  std::uint16_t port = 0;
  Handler handler;
  std::thread thread;

  ~Impl() {
    if (!thread.joinable()) return;
    eventfd_write(stop.get(), 1);
    thread.join();
  }

  void run() {
    while (true) {
      pollfd waiting[] = {{.fd = stop.get(), .events = POLLIN, .revents = 0},
                          {.fd = listener.get(), .events = POLLIN, .revents = 0}};
      if (poll(waiting, 2, -1) < 0 && errno != EINTR) return;
      if (waiting[0].revents != 0) return;
      if (waiting[1].revents == 0) continue;
      const Descriptor peer(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (peer.get() >= 0) serve(peer.get());
    }
  }

  void serve(int peer) const {
    const TimeNs until = monotonic_now() + kRequestWithin;
    const std::string head = read_head(peer, until);
    if (head.empty()) return;
    const GetAnswer answer = answer_to(head, handler);
    write_all(peer,
              fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
                          "Connection: close\r\n\r\n{}",
                          answer.status, reason_of(answer.status), answer.content_type,
                          answer.body.size(), answer.body),
              until);
  }
};

Result<std::unique_ptr<GetServer>> GetServer::open(const std::string& address, std::uint16_t port,
                                                   Handler handler) {
  auto impl = std::make_unique<Impl>();
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1) {
    return fail(fmt::format("'{}' is no IPv4 address", address));
  }
  impl->listener = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  setsockopt(impl->listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  socklen_t size = sizeof where;
  if (bind(impl->listener.get(), reinterpret_cast<sockaddr*>(&where), size) != 0 ||
      listen(impl->listener.get(), 64) != 0 ||
      getsockname(impl->listener.get(), reinterpret_cast<sockaddr*>(&where), &size) != 0) {
    return fail(fmt::format("can't listen on {}:{}: {}", address, port, std::strerror(errno)));
  }
  impl->port = ntohs(where.sin_port);
  impl->handler = std::move(handler);
  impl->thread = std::thread([raw = impl.get()] { raw->run(); });
  return std::unique_ptr<GetServer>(new GetServer(std::move(impl)));
}

GetServer::GetServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GetServer::~GetServer() = default;
std::uint16_t GetServer::port() const { return impl_->port; }

}  // namespace wsfleet
