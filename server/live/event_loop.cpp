// SPDX-License-Identifier: Apache-2.0
#include "server/live/event_loop.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/live/live_clock.h"
#include "server/live/connections/transport.h"

namespace wsfleet {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kAcceptPause{200};
// Larger frames are offered to the kernel at once: what it takes needs no copy per member.
constexpr std::size_t kFlushAtOnce = 16 * 1024;
constexpr int kMostDeferrals = 64;  // of a flush, in the middle of a burst

}  // namespace

std::string_view name_of(CloseReason reason) {
  constexpr std::string_view kNames[] = {
      "client",       "drain",          "shed",    "refused",         "slow_consumer",
      "ping_timeout", "protocol_error", "too_big", "connection_lost", "grace_ended"};
  return kNames[static_cast<std::size_t>(reason)];
}

EventLoop::EventLoop(ServerParts& parts, std::uint32_t number)
    : parts_(&parts),
      number_(number),
      work_(io_.get_executor()),
      acceptor_(io_),
      timer_(io_),
      accept_pause_(io_),
      counters_(parts.metrics.add_loop()) {}

EventLoop::~EventLoop() = default;

// --- Accepting

Result<std::uint16_t> EventLoop::listen(const std::string& address, std::uint16_t port,
                                        bool shared) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) {
    return fail(ErrorKind::configuration, fmt::format("'{}' is no address to listen on", address));
  }
  const tcp::endpoint endpoint(parsed, port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && shared) {
    const int on = 1;
    if (setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
      error = error_code(errno, boost::system::system_category());
    }
  }
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return fail(
        fmt::format("{}:{} is in use by another process; choose another --port, or 0 for "
                    "any free one",
                    address, port));
  }
  if (error) return fail(fmt::format("can't listen on {}:{}: {}", address, port, error.message()));
  return acceptor_.local_endpoint().port();
}

void EventLoop::start_accepting() {
  start_sweeping();
  accept();
}

void EventLoop::start_sweeping() {
  next_sweep_ = monotonic_now();
  tick();
}

void EventLoop::accept() {
  acceptor_.async_accept(io_.get_executor(), [this](error_code error, PlainSocket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) return accept_failed(error);
    error_code ignored;
    socket.non_blocking(true, ignored);  // writes never wait
    socket.set_option(tcp::no_delay(true), ignored);
    if (tls_) {
      serve_tls(*this, std::move(socket), *tls_);
    } else {
      serve_plain(*this, std::move(socket));
    }
    accept();
  });
}

// A full descriptor table does not get better by asking again at once: the waiting ones stay in
// the kernel's queue until there is room.
void EventLoop::accept_failed(const error_code& error) {
  const bool full = error == asio::error::no_descriptors ||
                    error == boost::system::errc::too_many_files_open_in_system;
  parts_->metrics.accept_error(full ? "no_descriptors" : "other");
  parts_->log.write(
      LogLevel::error, "accept_failed",
      {{"error", error.message()},
       {"remedy", full ? "raise the limit of open files (ulimit -n) or lower --max-connections"
                       : "none known; trying again"}});
  accept_pause_.expires_after(kAcceptPause);
  accept_pause_.async_wait([this](error_code cancelled) {
    if (!cancelled) accept();
  });
}

void EventLoop::use_tls(std::shared_ptr<asio::ssl::context> context) {
  post([this, context = std::move(context)] { tls_ = context; });
}

void EventLoop::add_pending(PendingRequest& request, TimeNs deadline) {
  request.deadline = deadline;
  request.pending_index = static_cast<std::uint32_t>(pending_.size());
  pending_.push_back(&request);
}

void EventLoop::remove_pending(PendingRequest& request) {
  pending_.back()->pending_index = request.pending_index;
  pending_[request.pending_index] = pending_.back();
  pending_.pop_back();
}

// --- Connections

Connection& EventLoop::adopt(std::unique_ptr<Connection> connection, const std::string& room) {
  Connection& adopted = *connection;
  adopted.serial = ++next_serial_ * parts_->loops.size() + number_;
  adopted.pinged = monotonic_now();
  adopted.loop_index = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back(std::move(connection));
  swap_places(adopted.loop_index, active_++);
  open_.fetch_add(1, std::memory_order_relaxed);
  if (!adopted.admitted) return adopted;
  parts_->metrics.accepted();
  if (parts_->sessions != nullptr) parts_->sessions->opened(adopted.session_id);
  if (parts_->options.mode == MessageMode::broadcast) join(adopted, room);
  return adopted;
}

void EventLoop::swap_places(std::uint32_t one, std::uint32_t other) {
  std::swap(connections_[one], connections_[other]);
  connections_[one]->loop_index = one;
  connections_[other]->loop_index = other;
}

// From the open ones to the closing ones: one place over the border.
void EventLoop::closing_began(Connection& connection) {
  connection.close_sent = monotonic_now();
  if (connection.loop_index < active_) swap_places(connection.loop_index, --active_);
  leave(connection);
}

void EventLoop::remove(Connection& connection, CloseReason reason, int code,
                       std::string_view text) {
  leave(connection);
  if (connection.in_flush_list) std::erase(to_flush_, &connection);
  if (connection.admitted) {
    parts_->metrics.closed(name_of(reason), code);
    if (parts_->sessions != nullptr) parts_->sessions->closed(connection.session_id);
    parts_->gate.leave();
  }
  if (parts_->log.enabled(LogLevel::info)) {
    parts_->log.write(LogLevel::info, "connection_closed",
                      {{"connection", static_cast<std::int64_t>(connection.serial)},
                       {"cause", name_of(reason)},
                       {"code", code},
                       {"reason", text}});
  }
  if (connection.loop_index < active_) swap_places(connection.loop_index, --active_);
  swap_places(connection.loop_index, static_cast<std::uint32_t>(connections_.size() - 1));
  connections_.pop_back();
  open_.fetch_sub(1, std::memory_order_relaxed);
}

void EventLoop::close_some(std::int64_t count, CloseReason reason, int code, std::string text) {
  ordered_.fetch_add(count);
  post([this, count, reason, code, text = std::move(text)] {
    for (std::int64_t i = 0; i < count && active_ > 0; ++i) {
      connections_[active_ - 1]->close(reason, code, text);
    }
    ordered_.fetch_sub(count);
  });
}

void EventLoop::terminate_all(CloseReason reason) {
  post([this, reason] {
    for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->terminate(reason);
  });
}

void EventLoop::post(std::function<void()> task) { asio::post(io_, std::move(task)); }

// Everything under way is ended, and run() returns once nothing is left.
void EventLoop::stop() {
  post([this] {
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
    accept_pause_.cancel();
    const std::vector<PendingRequest*> requests = pending_;
    for (PendingRequest* request : requests) request->stop("shutdown");
    for (std::size_t i = connections_.size(); i-- > 0;) {
      connections_[i]->terminate(CloseReason::grace_ended);
    }
    work_.reset();
  });
}

// --- Messages

void EventLoop::flush_later(Connection& connection) {
  appended_ = true;
  if (connection.in_flush_list) return;
  connection.in_flush_list = true;
  if (to_flush_.empty()) asio::post(io_, [this] { flush_all(); });
  to_flush_.push_back(&connection);
}

// The next message of a burst is handled by a task behind this one: as long as more is appended the
// flush steps behind it, so that the whole burst goes to each member in one system call.
void EventLoop::flush_all() {
  if (std::exchange(appended_, false) && ++flush_deferrals_ < kMostDeferrals) {
    return asio::post(io_, [this] { flush_all(); });
  }
  flush_deferrals_ = 0;
  const std::vector<Connection*> batch = std::exchange(to_flush_, {});
  for (Connection* connection : batch) connection->in_flush_list = false;
  for (Connection* connection : batch) connection->flush();
}

void EventLoop::join(Connection& connection, const std::string& name) {
  std::unique_ptr<Room>& room = rooms_[name];
  if (!room) {
    room = std::make_unique<Room>(Room{name, {}});
    if (parts_->sessions != nullptr) parts_->sessions->joined(name);
  }
  connection.room = room.get();
  connection.room_index = static_cast<std::uint32_t>(room->members.size());
  room->members.push_back(&connection);
}

void EventLoop::leave(Connection& connection) {
  if (connection.room == nullptr) return;
  Room& room = *std::exchange(connection.room, nullptr);
  room.members.back()->room_index = connection.room_index;
  room.members[connection.room_index] = room.members.back();
  room.members.pop_back();
  if (!room.members.empty()) return;
  if (parts_->sessions != nullptr) parts_->sessions->left(room.name);
  rooms_.erase(std::string(room.name));
}

void EventLoop::broadcast(Connection& sender, std::string_view payload, bool text) {
  if (sender.room == nullptr) return;
  const auto frame = std::make_shared<const std::string>(
      encode_frame(text ? Opcode::text : Opcode::binary, payload));
  const std::string& name = sender.room->name;
  for (EventLoop* other : parts_->loops) {
    if (other != this) other->deliver(name, frame, payload.size());
  }
  if (parts_->sessions != nullptr) parts_->sessions->publish(name, payload, text);
  send_to_room(*sender.room, *frame, payload.size());
}

void EventLoop::deliver(const std::string& name, std::shared_ptr<const std::string> frame,
                        std::size_t payload) {
  post([this, name, payload, frame = std::move(frame)] {
    const auto room = rooms_.find(name);
    if (room != rooms_.end()) send_to_room(*room->second, *frame, payload);
  });
}

void EventLoop::send_to_room(Room& room, std::string_view frame, std::size_t payload) {
  const auto limit = static_cast<std::size_t>(parts_->options.send_queue_bytes);
  std::vector<Connection*> slow;
  for (Connection* member : room.members) {
    if (member->queued_bytes() + frame.size() > limit) {
      slow.push_back(member);
      continue;
    }
    member->append(frame);
    if (frame.size() >= kFlushAtOnce) {
      member->flush();
    } else {
      flush_later(*member);
    }
  }
  const std::size_t sent = room.members.size() - slow.size();
  counters_.messages_sent.add(sent);
  counters_.sent_bytes.add(sent * payload);
  // Last: it takes them out of the room.
  for (Connection* member : slow) {
    member->close(CloseReason::slow_consumer, 1008, "slow consumer");
  }
}

// --- Now and then

void EventLoop::tick() {
  const TimeNs now = monotonic_now();
  stop_late_requests(now);
  terminate_late_closers(now);
  const TimeNs interval = parts_->options.rules.ping_interval;
  if (interval > 0 && now >= next_sweep_) {
    ping_sweep(now);
    // Ten sweeps to an interval: pings are due at different times, and none is late by much.
    next_sweep_ = now + std::min(interval / 10, kSecond);
  }
  timer_.expires_after(kTick);
  timer_.async_wait([this](error_code cancelled) {
    if (!cancelled && !stopping_) tick();
  });
}

void EventLoop::stop_late_requests(TimeNs now) {
  std::vector<PendingRequest*> late;
  for (PendingRequest* request : pending_) {
    if (request->deadline <= now) late.push_back(request);
  }
  for (PendingRequest* request : late) request->stop("handshake_timeout");
}

void EventLoop::terminate_late_closers(TimeNs now) {
  for (std::size_t i = connections_.size(); i-- > active_;) {
    Connection& connection = *connections_[i];
    if (connection.close_sent + parts_->options.close_timeout > now) continue;
    connection.terminate(CloseReason::connection_lost);
  }
}

void EventLoop::ping_sweep(TimeNs now) {
  const std::string frame =
      encode_frame(Opcode::ping, std::string_view(reinterpret_cast<const char*>(&now), sizeof now));
  std::uint64_t queued = 0;
  for (std::uint32_t i = active_; i-- > 0;) {
    Connection& connection = *connections_[i];
    queued += connection.queued_bytes();
    if (now - connection.pinged < parts_->options.rules.ping_interval) continue;
    if (connection.awaits_pong) {
      connection.terminate(CloseReason::ping_timeout);
      continue;
    }
    connection.awaits_pong = true;
    connection.pinged = now;
    connection.append(frame);
    connection.flush();  // now: many are due in one sweep, and each would hold a buffer till later
    counters_.pings_sent.add(1);
  }
  counters_.send_queue_bytes.add(queued - counters_.send_queue_bytes.value());
}

}  // namespace wsfleet
