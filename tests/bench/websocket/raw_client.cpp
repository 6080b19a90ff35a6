// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/websocket/raw_client.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "tests/bench/websocket/loopback.h"

namespace wsfleet::bench {
namespace {

constexpr std::size_t kMessageBytes = 64;
constexpr std::size_t kSourceAddresses = 16;
/// For what a server owes and should long have done.
constexpr TimeNs kPatience = 30 * kSecond;
constexpr TimeNs kSettle = 2 * kSecond;

}  // namespace

struct RawClient::Connection {
  Connection(int socket, std::size_t number) : fd(socket), index(number) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd < 0) return;
    const linger reset{1, 0};  // no TIME_WAIT
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(fd);
  }

  int fd;
  std::size_t index;
  std::string key;       // of the handshake, until it is done
  std::string received;  // the start of a head or frame, from the recv before
  std::uint64_t sent = 0;
  std::uint64_t arrived = 0;
  bool pinged = false;
};

RawClient::RawClient()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      input_(2 * kFrameBytesMax),
      payload_(kMessageBytes, '.'),
      keys_(entropy_bits()) {}

RawClient::~RawClient() {
  connections_.clear();
  ::close(epoll_);
}

Result<void> RawClient::open(const ConnectOptions& options) {
  const std::size_t wanted = connections_.size() + options.connections;
  const TimeNs deadline = monotonic_now() + 4 * kPatience;
  while (open_ < wanted) {
    while (connections_.size() < wanted &&
           connections_.size() - open_ < options.handshakes_at_once) {
      const auto started = start_handshake(options, connections_.size());
      if (!started) return started;
    }
    const auto turned = turn(deadline);
    if (!turned) return turned;
    if (monotonic_now() >= deadline) return fail("the server answers no more handshakes");
  }
  return {};
}

Result<void> RawClient::start_handshake(const ConnectOptions& options, std::size_t index) {
  const auto fd = connect_from(1 + index % kSourceAddresses, options.port);
  if (!fd) return tl::unexpected(fd.error());
  connections_.push_back(std::make_unique<Connection>(*fd, index));
  Connection& connection = *connections_.back();
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &connection;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, *fd, &event) != 0) {
    return tl::unexpected(system_error("epoll_ctl"));
  }
  connection.key = handshake_key(entropy_bits(), entropy_bits());
  output_ = "GET " + options.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) +
            "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
            "Sec-WebSocket-Key: " + connection.key + "\r\n\r\n";
  return send_output(connection);
}

/// The bytes that belong to the handshake; 0 when its end is still to come.
Result<std::size_t> RawClient::finish_handshake(Connection& connection, std::string_view received) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0U;
  const std::string_view head = received.substr(0, end + 2);
  if (head.substr(0, 12) != "HTTP/1.1 101") {
    return fail("the server refused: " + std::string(head.substr(0, head.find("\r\n"))));
  }
  if (http_field(head, "Sec-WebSocket-Accept") != handshake_accept(connection.key)) {
    return fail("the server's Sec-WebSocket-Accept is wrong");
  }
  connection.key.clear();
  ++open_;
  return end + 4;
}

Result<std::int64_t> RawClient::echo(std::size_t in_flight, TimeNs duration) {
  traffic_ = Traffic::echo;
  expected_ = arrived_ = 0;
  refill_ = true;
  for (const auto& connection : connections_) {
    output_.clear();
    for (std::size_t i = 0; i < in_flight; ++i) append_message(*connection);
    const auto sent = send_output(*connection);
    if (!sent) return tl::unexpected(sent.error());
  }
  const auto done =
      turn_until(monotonic_now() + duration).and_then([this] { return take_back_all(); });
  if (!done) return tl::unexpected(done.error());
  return arrived_;
}

Result<std::int64_t> RawClient::echo_paced(double messages_per_second, TimeNs duration) {
  traffic_ = Traffic::echo;
  expected_ = arrived_ = 0;
  refill_ = false;
  const auto period = static_cast<TimeNs>(1e9 / messages_per_second);
  TimeNs due = monotonic_now();
  const TimeNs end = due + duration;
  std::size_t next = 0;
  while (due < end) {
    for (; due < end && due <= monotonic_now(); due += period) {
      output_.clear();
      append_message(*connections_[next]);
      const auto sent = send_output(*connections_[next]);
      if (!sent) return tl::unexpected(sent.error());
      next = (next + 1) % connections_.size();
    }
    const auto turned = turn(due);
    if (!turned) return tl::unexpected(turned.error());
  }
  const auto done = take_back_all();
  if (!done) return tl::unexpected(done.error());
  return arrived_;
}

Result<std::int64_t> RawClient::broadcast(std::size_t in_flight, TimeNs duration) {
  traffic_ = Traffic::broadcast;
  expected_ = arrived_ = 0;
  missing_.assign(in_flight, 0);
  Connection& sender = *connections_.front();
  const TimeNs end = monotonic_now() + duration;
  completed_ = in_flight;
  while (monotonic_now() < end) {
    output_.clear();
    for (; completed_ > 0; --completed_) {
      missing_[sender.sent % in_flight] = connections_.size();
      append_message(sender);
    }
    const auto turned = send_output(sender).and_then([&] { return turn(end); });
    if (!turned) return tl::unexpected(turned.error());
  }
  const auto done = take_back_all();
  if (!done) return tl::unexpected(done.error());
  return arrived_;
}

Result<void> RawClient::hold_until_pinged() {
  traffic_ = Traffic::none;
  const TimeNs deadline = monotonic_now() + kPatience;
  while (pinged_ < connections_.size()) {
    const auto turned = turn(deadline);
    if (!turned) return turned;
    if (monotonic_now() >= deadline) return fail("the server does not ping all connections");
  }
  return turn_until(monotonic_now() + kSettle);
}

Result<void> RawClient::close() {
  traffic_ = Traffic::closing;
  for (const auto& connection : connections_) {
    output_.clear();
    append_masked_frame(output_, Opcode::close, std::string_view("\x03\xE8", 2), keys_.next());
    const auto sent = send_output(*connection);
    if (!sent) return sent;
  }
  const TimeNs deadline = monotonic_now() + kPatience;
  while (open_ > 0) {
    const auto turned = turn(deadline);
    if (!turned) return turned;
    if (monotonic_now() >= deadline) return fail("the server keeps closed connections open");
  }
  connections_.clear();
  return {};
}

Result<void> RawClient::turn_until(TimeNs end) {
  while (monotonic_now() < end) {
    const auto turned = turn(end);
    if (!turned) return turned;
  }
  return {};
}

/// Sends no more and waits for all that is in flight.
Result<void> RawClient::take_back_all() {
  refill_ = false;
  const TimeNs deadline = monotonic_now() + kPatience;
  while (arrived_ < expected_) {
    const auto turned = turn(deadline);
    if (!turned) return turned;
    if (monotonic_now() >= deadline) {
      return fail(std::to_string(expected_ - arrived_) + " messages never came back");
    }
  }
  return {};
}

/// What has come, or comes until then; at once when it is past.
Result<void> RawClient::turn(TimeNs until) {
  const TimeNs wait = std::max<TimeNs>(0, until - monotonic_now());
  const timespec timeout{wait / kSecond, wait % kSecond};
  std::array<epoll_event, 512> events;
  const int count =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (count < 0 && errno != EINTR) return tl::unexpected(system_error("epoll_pwait2"));
  for (int i = 0; i < count; ++i) {
    const auto done = read(*static_cast<Connection*>(events[i].data.ptr));
    if (!done) return done;
  }
  return {};
}

Result<void> RawClient::read(Connection& connection) {
  const std::size_t kept = connection.received.size();
  std::memcpy(input_.data(), connection.received.data(), kept);
  const ssize_t came =
      recv(connection.fd, input_.data() + kept, input_.size() - kept, MSG_DONTWAIT);
  if (came < 0 && errno == EAGAIN) return {};
  if (came <= 0) return ended(connection);

  const std::size_t size = kept + static_cast<std::size_t>(came);
  std::size_t done = 0;
  if (!connection.key.empty()) {
    const auto handshake = finish_handshake(connection, {input_.data(), size});
    if (!handshake) return tl::unexpected(handshake.error());
    done = *handshake;
  }
  output_.clear();
  Frame frame;
  Parsed parsed = Parsed::partial;
  while (connection.key.empty() &&
         (parsed = parse_frame(input_.data() + done, size - done, frame)) == Parsed::whole) {
    const auto taken = take(connection, frame);
    if (!taken) return taken;
    done += frame.frame_bytes;
  }
  if (parsed == Parsed::unsound) return fail("the server sent a fragment or an unsound frame");
  connection.received.assign(input_.data() + done, size - done);
  return send_output(connection);
}

Result<void> RawClient::take(Connection& connection, const Frame& frame) {
  if (frame.masked) return fail("the server masks its frames");
  switch (frame.opcode) {
    case Opcode::ping:
      if (!std::exchange(connection.pinged, true)) ++pinged_;
      if (traffic_ != Traffic::closing) {
        append_masked_frame(output_, Opcode::pong, frame.text(), keys_.next());
      }
      return {};
    case Opcode::pong:
      return {};
    case Opcode::close:
      if (traffic_ == Traffic::closing) return {};
      return fail("the server closed a connection");
    default:
      return take_message(connection, frame);
  }
}

Result<void> RawClient::take_message(Connection& connection, const Frame& frame) {
  const std::uint64_t number = connection.arrived++;
  const bool echoed = traffic_ == Traffic::echo;
  if (!echoed && traffic_ != Traffic::broadcast) return fail("a message that nobody sent");
  const std::uint64_t sender = echoed ? connection.index : connections_.front()->index;
  if (frame.text() != payload(sender, number)) {
    return fail("connection " + std::to_string(connection.index) + ": message " +
                std::to_string(number) + " came back changed or out of order");
  }
  ++arrived_;
  if (echoed && refill_) append_message(connection);
  if (!echoed && --missing_[number % missing_.size()] == 0) ++completed_;
  return {};
}

Result<void> RawClient::ended(Connection& connection) {
  if (traffic_ != Traffic::closing) return fail("the server dropped a connection");
  ::close(connection.fd);
  connection.fd = -1;
  --open_;
  return {};
}

void RawClient::append_message(Connection& connection) {
  append_masked_frame(output_, Opcode::binary, payload(connection.index, connection.sent++),
                      keys_.next());
  expected_ += traffic_ == Traffic::broadcast ? static_cast<std::int64_t>(connections_.size()) : 1;
}

/// All or nothing: so little is in flight that it always fits into an empty socket.
Result<void> RawClient::send_output(Connection& connection) {
  if (output_.empty()) return {};
  const ssize_t sent =
      send(connection.fd, output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return tl::unexpected(system_error("send"));
  if (static_cast<std::size_t>(sent) < output_.size()) return fail("the server reads too slowly");
  output_.clear();
  return {};
}

/// Who sends it and its number, then filling. Valid until the next call.
std::string_view RawClient::payload(std::uint64_t sender, std::uint64_t number) {
  std::memcpy(payload_.data(), &sender, 8);
  std::memcpy(payload_.data() + 8, &number, 8);
  return payload_;
}

}  // namespace wsfleet::bench
