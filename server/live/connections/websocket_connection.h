// SPDX-License-Identifier: Apache-2.0
#pragma once
// An open WebSocket over one kind of socket: reads messages, answers or hands them on, and ends by
// the rules. Beast does the protocol (frames, masks, UTF-8, control frames, close codes); there is
// always one read under way, and the connection is destroyed by its completion. Included by the
// transports' .cpp files only.

#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/live/live_clock.h"
#include "core/net/websocket.h"
#include "server/live/event_loop.h"

namespace wsfleet {

using HttpRequest = boost::beast::http::request<boost::beast::http::empty_body>;

template <class Socket>
class WebSocketConnection final : public Connection {
  using ErrorCode = boost::beast::error_code;
  using WebSocketError = boost::beast::websocket::error;
  using FrameType = boost::beast::websocket::frame_type;

 public:
  WebSocketConnection(EventLoop& loop, Socket socket) : loop_(&loop), ws_(std::move(socket)) {}

  /// Answers the upgrade: 101, or what is wrong with it. The answer goes out with flush() or
  /// start(): a client that has seen it is counted already.
  ErrorCode accept(const HttpRequest& request, std::string_view read_ahead) {
    const ServerOptions& options = loop_->parts().options;
    ws_.next_layer().prefetched(read_ahead);
    ws_.next_layer().on_teardown(
        [](void* self) { static_cast<WebSocketConnection*>(self)->ending(); }, this);
    ws_.auto_fragment(false);
    ws_.read_message_max(static_cast<std::size_t>(options.max_message_bytes));
    ws_.control_callback([this](FrameType type, boost::beast::string_view payload) {
      on_control(type, {payload.data(), payload.size()});
    });
    ErrorCode error;
    ws_.accept(request, error);
    return error;
  }
  Socket& socket() { return ws_.next_layer().next_layer(); }

  /// From here on it lives by itself, in the loop's list.
  void start() { read(); }

  void append(std::string_view frame) override {
    if (!closing_) ws_.next_layer().append(frame);
  }
  void flush() override { ws_.next_layer().flush(); }
  std::size_t queued_bytes() const override { return ws_.next_layer().queued_bytes(); }
  bool closing() const override { return closing_; }

  void close(CloseReason reason, int code, std::string_view text) override {
    if (closing_) return;
    ended_by(reason, code, text);
    ending();
    close_pending_ = true;
    const boost::beast::websocket::close_reason frame(
        static_cast<boost::beast::websocket::close_code>(code),
        boost::beast::string_view(text.data(), text.size()));
    ws_.async_close(frame, CloseHandler{this});
  }

  void terminate(CloseReason reason) override {
    if (!ended_by_) ended_by(reason, 1006, "");
    code_ = 1006;
    ending();
    ErrorCode ignored;
    boost::beast::get_lowest_layer(ws_).close(ignored);
  }

 private:
  struct ReadHandler {
    void operator()(ErrorCode error, std::size_t size) { connection->on_read(error, size); }
    WebSocketConnection* connection;
  };
  struct CloseHandler {
    void operator()(ErrorCode /*error*/) { connection->on_closed(); }
    WebSocketConnection* connection;
  };

  // --- Reading: short messages into a small buffer of their own, longer ones into a larger one
  // that is given back after each, so that an idle connection stays small.
  void read() {
    if (received_ == capacity()) grow();
    char* begin = large_.empty() ? small_.data() : large_.data();
    ws_.async_read_some(boost::asio::mutable_buffer(begin + received_, capacity() - received_),
                        ReadHandler{this});
  }
  std::size_t capacity() const { return large_.empty() ? small_.size() : large_.size(); }
  void grow() {
    const bool first = large_.empty();
    large_.resize(first ? 1024 : large_.size() * 4);
    if (first) std::memcpy(large_.data(), small_.data(), received_);
  }

  void on_read(ErrorCode error, std::size_t size) {
    received_ += size;
    if (error) return read_failed(error);
    if (ws_.is_message_done()) {
      on_message(std::string_view(large_.empty() ? small_.data() : large_.data(), received_));
      received_ = 0;
      if (!large_.empty()) large_ = {};
    }
    read();
  }

  void on_message(std::string_view message) {
    ServerParts& parts = loop_->parts();
    LoopCounters& counters = loop_->counters();
    counters.messages_received.add(1);
    counters.received_bytes.add(message.size());
    if (parts.log.enabled(LogLevel::debug)) log_message(message.size());
    if (parts.options.mode == MessageMode::broadcast) {
      return loop_->broadcast(*this, message, ws_.got_text());
    }
    if (closing_) return;
    if (queued_bytes() + message.size() >
        static_cast<std::size_t>(parts.options.send_queue_bytes)) {
      return close(CloseReason::slow_consumer, 1008, "slow consumer");
    }
    // Into the corked buffer; a dead socket shows at the next read.
    const Opcode opcode = ws_.got_text() ? Opcode::text : Opcode::binary;
    append(FrameHeader(opcode, message.size()).bytes());
    append(message);
    counters.messages_sent.add(1);
    counters.sent_bytes.add(message.size());
  }
  void log_message(std::size_t size) {
    loop_->parts().log.write(LogLevel::debug, "message",
                             {{"connection", static_cast<std::int64_t>(serial)},
                              {"type", ws_.got_text() ? "text" : "binary"},
                              {"bytes", static_cast<std::int64_t>(size)}});
  }

  void on_control(FrameType type, std::string_view payload) {
    if (type == FrameType::pong) {
      TimeNs sent = 0;
      if (!awaits_pong || payload.size() != sizeof sent) return;  // unsolicited
      std::memcpy(&sent, payload.data(), sizeof sent);
      if (sent != pinged) return;
      awaits_pong = false;
      loop_->parts().metrics.ping_round_trip(monotonic_now() - sent);
    } else if (type == FrameType::close) {
      ws_.next_layer().peer_is_done();
      ending();  // Beast answers it; nothing may follow that answer
    }
  }

  // --- The end.
  void ending() {
    if (closing_) return;
    closing_ = true;
    loop_->closing_began(*this);
  }
  void ended_by(CloseReason reason, int code, std::string_view text) {
    ended_by_ = reason;
    code_ = code;
    text_ = text;
  }

  void read_failed(ErrorCode error) {
    if (!ended_by_) name_end(error);
    read_done_ = true;
    if (!close_pending_) leave();
  }
  void on_closed() {
    close_pending_ = false;
    if (read_done_) return leave();
    ErrorCode ignored;  // the read ends with it
    boost::beast::get_lowest_layer(ws_).close(ignored);
  }

  void name_end(ErrorCode error) {
    if (error == WebSocketError::closed) {
      const auto& reason = ws_.reason();
      const int code = reason.code == 0 ? 1005 : reason.code;
      ended_by(CloseReason::client, code, {reason.reason.data(), reason.reason.size()});
    } else if (error == WebSocketError::message_too_big ||
               error == WebSocketError::buffer_overflow) {
      ended_by(CloseReason::too_big, 1009, error.message());
    } else if (error == WebSocketError::bad_frame_payload) {
      ended_by(CloseReason::protocol_error, 1007, error.message());
    } else if (error == boost::beast::websocket::condition::protocol_violation) {
      ended_by(CloseReason::protocol_error, 1002, error.message());
    } else {
      ended_by(CloseReason::connection_lost, 1006, error.message());
    }
  }
  void leave() {
    if (ws_.next_layer().is_written()) {  // it ends with the socket, and this after it
      ErrorCode ignored;
      boost::beast::get_lowest_layer(ws_).close(ignored);
      return ws_.next_layer().on_written_last(
          [](void* self) { static_cast<WebSocketConnection*>(self)->leave(); }, this);
    }
    const std::string text = std::move(text_);
    loop_->remove(*this, *ended_by_, code_, text);  // destroys this
  }

  EventLoop* loop_;
  boost::beast::websocket::stream<CorkedStream<Socket>, false> ws_;
  std::array<char, 128> small_;
  std::vector<char> large_;
  std::size_t received_ = 0;  // of the message under way
  std::string text_;
  std::optional<CloseReason> ended_by_;
  int code_ = 0;
  bool closing_ = false;  // a close frame was sent or received: no frames from here on
  bool close_pending_ = false;
  bool read_done_ = false;
};

}  // namespace wsfleet
