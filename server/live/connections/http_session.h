// SPDX-License-Identifier: Apache-2.0
#pragma once
// An accepted connection until it is a WebSocket or gone: the TLS handshake, HTTP requests for
// health and metrics, the upgrade with its checks. Owned by its pending operation; the event loop
// ends it when it takes too long. Included by the transports' .cpp files only.

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>
#include <type_traits>

#include "core/live/entropy.h"
#include "server/live/admin/http_answers.h"
#include "server/live/connections/websocket_connection.h"

namespace wsfleet {

template <class Socket>
class HttpSession final : public PendingRequest,
                          public std::enable_shared_from_this<HttpSession<Socket>> {
  using ErrorCode = boost::beast::error_code;
  static constexpr bool kTls = std::is_same_v<Socket, TlsSocket>;
  static constexpr std::uint32_t kHeaderLimit = 8 * 1024;
  static constexpr TimeNs kKeepAlive = kMinute;

 public:
  HttpSession(EventLoop& loop, Socket socket) : loop_(&loop), socket_(std::move(socket)) {
    ErrorCode error;
    const auto peer = socket_->lowest_layer().remote_endpoint(error);
    if (!error) peer_ = peer.address().to_string() + ":" + std::to_string(peer.port());
    loop_->add_pending(*this, accepted_ + loop_->parts().options.handshake_timeout);
  }
  ~HttpSession() override { loop_->remove_pending(*this); }

  void start() {
    if constexpr (kTls) {
      socket_->async_handshake(boost::asio::ssl::stream_base::server,
                               [self = this->shared_from_this()](ErrorCode error) {
                                 if (error) return self->refused("tls", error.message());
                                 self->read();
                               });
    } else {
      read();
    }
  }

  void stop(std::string_view reason) override {
    if (!answered_ && !std::exchange(stopped_, true)) refused(reason, "");
    ErrorCode ignored;
    socket_->lowest_layer().close(ignored);
  }

 private:
  void read() {
    parser_.emplace();
    parser_->header_limit(kHeaderLimit);
    boost::beast::http::async_read_header(
        *socket_, buffer_, *parser_,
        [self = this->shared_from_this()](ErrorCode error, std::size_t) {
          self->on_request(error);
        });
  }

  void on_request(ErrorCode error) {
    namespace http = boost::beast::http;
    if (stopped_) return;
    if (error == http::error::header_limit) {
      refused("bad_request", "header too long");
      return answer({431, "The header has more than 8 KiB.\n"}, false);
    }
    if (error.category() == make_error_code(http::error::bad_value).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      refused("bad_request", error.message());
      return answer({400, "That is no HTTP request.\n"}, false);
    }
    if (error) {  // gone
      if (!answered_ && buffer_.size() > 0) refused("bad_request", error.message());
      return;
    }
    const HttpRequest& request = parser_->get();
    const RequestPath path = split_path({request.target().data(), request.target().size()});
    if (path.room && boost::beast::websocket::is_upgrade(request))
      return upgrade(request, *path.room);
    const bool keep = request.keep_alive() && parser_->is_done();
    answer(answer_http({request.method_string().data(), request.method_string().size()}, path,
                       loop_->parts()),
           keep);
  }

  void upgrade(const HttpRequest& request, const std::string& room) {
    ServerParts& parts = loop_->parts();
    const auto origin = request[boost::beast::http::field::origin];
    if (!origin_allowed(parts.options, {origin.data(), origin.size()})) {
      refused("origin", {origin.data(), origin.size()});
      return answer({403, "This origin may not come in.\n"}, false);
    }
    if (room.size() > kLongestRoom) {
      refused("bad_request", "room name too long");
      return answer({400, "The room's name is too long.\n"}, false);
    }
    const auto key = request[boost::beast::http::field::sec_websocket_key];
    if (!is_websocket_key({key.data(), key.size()})) {
      refused("bad_request", "Sec-WebSocket-Key");
      return answer({400, "Sec-WebSocket-Key must be 16 bytes in base64.\n"}, false);
    }
    // What the WebSocket library would refuse by itself is refused here: over TLS its answer would
    // still be under way when the socket is taken back from it.
    if (request.find(boost::beast::http::field::host) == request.end()) {
      refused("bad_request", "no Host");
      return answer({400, "A Host header is missing.\n"}, false);
    }
    if (request[boost::beast::http::field::sec_websocket_version] != "13") {
      refused("bad_request", "Sec-WebSocket-Version");
      return answer({426, "This server speaks version 13 of WebSocket.\n",
                     "text/plain; charset=utf-8", "Sec-WebSocket-Version", "13"},
                    false);
    }
    const Admission verdict = parts.gate.enter(monotonic_now());
    const bool admitted = verdict == Admission::accept;
    if (!admitted) {
      refused(reason_of(verdict), "");
      if (parts.options.refuse_with == RefusalForm::http) {
        return answer(refusal(verdict, parts.options), false);
      }
    }
    become_websocket(request, room, admitted);
  }

  void become_websocket(const HttpRequest& request, const std::string& room, bool admitted) {
    ServerParts& parts = loop_->parts();
    answered_ = true;
    auto made = std::make_unique<WebSocketConnection<Socket>>(*loop_, std::move(*socket_));
    const auto ahead = buffer_.data();
    const ErrorCode error =
        made->accept(request, {static_cast<const char*>(ahead.data()), ahead.size()});
    if (error) {  // Beast tells the client what is wrong
      made->flush();
      if (admitted) parts.gate.leave();
      refused("bad_request", error.message());
      socket_.emplace(std::move(made->socket()));
      return linger();
    }
    WebSocketConnection<Socket>& connection = *made;
    connection.admitted = admitted;
    if (parts.sessions != nullptr && admitted) connection.session_id = random_uuid();
    loop_->adopt(std::move(made), room);
    parts.metrics.handshake_time(monotonic_now() - accepted_);
    log_open(connection, room);
    connection.start();
    if (!admitted) connection.close(CloseReason::refused, 1013, "try again later");
  }

  void log_open(const Connection& connection, const std::string& room) {
    EventLog& log = loop_->parts().log;
    if (!log.enabled(LogLevel::info)) return;
    log.write(LogLevel::info, "connection_opened",
              {{"connection", static_cast<std::int64_t>(connection.serial)},
               {"peer", peer_},
               {"room", room},
               {"session", connection.session_id}});
  }

  void answer(HttpAnswer answer, bool keep_alive) {
    namespace http = boost::beast::http;
    auto response = std::make_shared<http::response<http::string_body>>(
        static_cast<http::status>(answer.status), parser_->get().version() == 10 ? 10 : 11);
    response->set(http::field::content_type, answer.content_type);
    if (!answer.extra_name.empty()) response->set(answer.extra_name, answer.extra_value);
    response->keep_alive(keep_alive);
    response->content_length(answer.body.size());
    if (parser_->get().method() != http::verb::head) response->body() = std::move(answer.body);
    answered_ = true;
    this->deadline = monotonic_now() + kKeepAlive;
    http::async_write(
        *socket_, *response,
        [self = this->shared_from_this(), response, keep_alive](ErrorCode error, std::size_t) {
          if (error || self->stopped_) return;
          if (keep_alive) return self->read();
          self->linger();
        });
  }

  // The client may not have read the answer yet, and a socket that is closed with unread bytes in
  // it takes the answer back (RST): say that no more comes and wait for its end.
  void linger() {
    ErrorCode ignored;
    if constexpr (kTls) {
      SSL_shutdown(
          socket_->native_handle());  // the close_notify stays behind where it does not fit
    }
    socket_->lowest_layer().shutdown(boost::asio::socket_base::shutdown_send, ignored);
    this->deadline = monotonic_now() + loop_->parts().options.close_timeout;
    drop_input();
  }
  void drop_input() {
    buffer_.clear();
    socket_->lowest_layer().async_wait(
        boost::asio::socket_base::wait_read, [self = this->shared_from_this()](ErrorCode error) {
          if (error || self->stopped_) return;
          char bytes[1024];
          const auto size = recv(self->socket_->lowest_layer().native_handle(), bytes, sizeof bytes,
                                 MSG_DONTWAIT);
          if (size > 0) self->drop_input();
        });
  }

  void refused(std::string_view reason, std::string_view detail) {
    ServerParts& parts = loop_->parts();
    parts.metrics.refused(reason);
    if (!parts.log.enabled(LogLevel::info)) return;
    parts.log.write(LogLevel::info, "connection_refused",
                    {{"reason", reason}, {"peer", peer_}, {"detail", detail}});
  }

  EventLoop* loop_;
  std::optional<Socket> socket_;  // always there; to be put back by emplace
  std::string peer_;
  TimeNs accepted_ = monotonic_now();
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  bool answered_ = false;
  bool stopped_ = false;
};

}  // namespace wsfleet
