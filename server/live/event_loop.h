// SPDX-License-Identifier: Apache-2.0
#pragma once
// One event loop of the server: a thread with its own io_context, its own listening socket
// (SO_REUSEPORT where there are several), its connections and rooms. What crosses loops is posted.
// Public functions marked "any thread" may be called from anywhere, the others on the loop's
// thread.

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/net/frames.h"
#include "core/net/socket.h"
#include "server/live/connections/connection.h"
#include "server/live/server_parts.h"

namespace wsfleet {

/// Members of a room in one loop.
struct Room {
  std::string name;
  std::vector<Connection*> members;
};

/// A connection that is not a WebSocket yet, or an HTTP client. It ends by itself; stop() hurries
/// it.
class PendingRequest {
 public:
  virtual ~PendingRequest() = default;
  virtual void stop(std::string_view reason) = 0;
  TimeNs deadline = 0;
  std::uint32_t pending_index = 0;
};

class EventLoop {
 public:
  EventLoop(ServerParts& parts, std::uint32_t number);
  ~EventLoop();

  /// Binds and listens; an error names address and port.
  Result<std::uint16_t> listen(const std::string& address, std::uint16_t port, bool shared);
  void start_accepting();
  /// The timed part of it alone: deadlines and pings.
  void start_sweeping();
  void run() { io_.run(); }

  // Any thread.
  void post(std::function<void()> task);
  std::int64_t open() const { return open_.load(std::memory_order_relaxed); }
  /// Of these, those that are not closing and that no close_some() is about to close.
  std::int64_t staying() const {
    return std::max<std::int64_t>(0, std::int64_t{active_.load()} - ordered_.load());
  }
  /// Closes `count` of those that are not closing yet, with a close frame.
  void close_some(std::int64_t count, CloseReason reason, int code, std::string text);
  void terminate_all(CloseReason reason);
  void stop();
  void deliver(const std::string& room, std::shared_ptr<const std::string> frame,
               std::size_t payload);
  void use_tls(std::shared_ptr<boost::asio::ssl::context> context);

  // For handshakes and connections, on the loop's thread.
  std::size_t pending() const { return pending_.size(); }
  ServerParts& parts() { return *parts_; }
  LoopCounters& counters() { return counters_; }
  boost::asio::io_context& io() { return io_; }
  void add_pending(PendingRequest& request, TimeNs deadline);
  void remove_pending(PendingRequest& request);
  Connection& adopt(std::unique_ptr<Connection> connection, const std::string& room);
  /// Forgets and destroys it.
  void remove(Connection& connection, CloseReason reason, int code, std::string_view text);
  /// To the sender's room, here and elsewhere.
  void broadcast(Connection& sender, std::string_view payload, bool text);
  void closing_began(Connection& connection);
  void flush_later(Connection& connection);

 private:
  void accept();
  void accept_failed(const boost::system::error_code& error);
  void flush_all();
  void tick();
  void stop_late_requests(TimeNs now);
  void terminate_late_closers(TimeNs now);
  void ping_sweep(TimeNs now);
  void swap_places(std::uint32_t one, std::uint32_t other);
  void join(Connection& connection, const std::string& room);
  void leave(Connection& connection);
  void send_to_room(Room& room, std::string_view frame, std::size_t payload);

  ServerParts* parts_;
  std::uint32_t number_;
  // One thread runs it; others only post, so sockets need no locks.
  boost::asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer accept_pause_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  LoopCounters& counters_;
  std::atomic<std::int64_t> open_{0};
  std::atomic<std::int64_t> ordered_{0};  // closes that were posted and are not begun
  // Those before active_ are open, the others wait for the end of their close.
  std::vector<std::unique_ptr<Connection>> connections_;
  std::atomic<std::uint32_t> active_{0};
  std::vector<PendingRequest*> pending_;
  std::vector<Connection*> to_flush_;
  bool appended_ = false;  // to one of them, since flush_all() looked
  int flush_deferrals_ = 0;
  std::unordered_map<std::string, std::unique_ptr<Room>> rooms_;
  TimeNs next_sweep_ = 0;
  std::uint64_t next_serial_ = 0;
  bool stopping_ = false;
};

}  // namespace wsfleet
