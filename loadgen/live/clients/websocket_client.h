// SPDX-License-Identifier: Apache-2.0
#pragma once
// A client's connection over one kind of socket: TCP, TLS where it is on, the upgrade, messages,
// the close. Beast does the protocol. At most two operations are under way, a read and a close; the
// worker hears of the end when both are over, and then destroys this. Included by the two clients'
// .cpp files only.

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "core/net/websocket.h"
#include "loadgen/live/clients/client_connection.h"
#include "loadgen/live/clients/connect_errors.h"
#include "loadgen/live/load_worker.h"

namespace wsfleet {

template <class Socket>
class WebSocketClient final : public ClientConnection {
  using ErrorCode = boost::beast::error_code;
  using WebSocketError = boost::beast::websocket::error;
  using CloseCode = boost::beast::websocket::close_code;
  using Response = boost::beast::websocket::response_type;
  static constexpr bool kTls = std::is_same_v<Socket, TlsSocket>;

 public:
  template <class... SocketArguments>
  WebSocketClient(LoadWorker& worker, std::uint32_t slot, SocketArguments&&... arguments)
      : worker_(&worker), slot_(slot), ws_(std::forward<SocketArguments>(arguments)...) {}

  std::optional<Figure> connect(const Target& target,
                                const boost::asio::ip::address* source) override {
    target_ = &target;
    PlainSocket& socket = boost::beast::get_lowest_layer(ws_);
    ErrorCode error;
    socket.open(target.endpoint.protocol(), error);
    if (!error) socket.set_option(boost::asio::ip::tcp::no_delay(true), error);
    if (!error && source != nullptr) bind(socket, *source, error);
    if (error) return failure_of(error);
    socket.async_connect(target.endpoint, Step<&WebSocketClient::on_connected>{this});
    return std::nullopt;
  }

  void send(std::string_view payload) override {
    if (own_close_ || teardown_began_) return;
    ws_.next_layer().append_masked(Opcode::binary, payload, worker_->masking_keys().next());
  }
  void flush() override { ws_.next_layer().flush(); }
  std::size_t queued_bytes() const override { return ws_.next_layer().queued_bytes(); }

  void close() override {
    if (own_close_ || teardown_began_) return;
    own_close_ = true;
    close_pending_ = true;
    ws_.async_close(CloseCode::normal, Step<&WebSocketClient::on_close_done>{this});
  }

  void abort(Figure as) override {
    if (!aborted_as_) aborted_as_ = as;
    ErrorCode ignored;
    boost::beast::get_lowest_layer(ws_).close(ignored);
  }

 private:
  /// A completion handler of one pointer.
  template <void (WebSocketClient::*method)(ErrorCode)>
  struct Step {
    void operator()(ErrorCode error) { (client->*method)(error); }
    WebSocketClient* client;
  };
  struct ReadStep {
    void operator()(ErrorCode error, std::size_t size) { client->on_read(error, size); }
    WebSocketClient* client;
  };

  // The port is chosen at connect(), by the pair of addresses: a source address then has a port for
  // every target, not one of 28,232 for all of them.
  static void bind(PlainSocket& socket, const boost::asio::ip::address& source, ErrorCode& error) {
    using NoPort = boost::asio::detail::socket_option::boolean<IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT>;
    socket.set_option(NoPort(true), error);
    if (!error) socket.bind({source, 0}, error);
  }

  // --- Connecting.
  void on_connected(ErrorCode error) {
    if (error) return attempt_failed(failure_of(error));
    if constexpr (kTls) {
      Socket& tls = ws_.next_layer().next_layer();
      const std::string& host = worker_->connection_settings().tls_name.empty()
                                    ? target_->url.host
                                    : worker_->connection_settings().tls_name;
      ErrorCode not_an_address;
      boost::asio::ip::make_address(host, not_an_address);
      if (not_an_address) SSL_set_tlsext_host_name(tls.native_handle(), host.c_str());
      if (worker_->connection_settings().verify_peer) {
        tls.set_verify_callback(boost::asio::ssl::host_name_verification(host));
      }
      tls.async_handshake(boost::asio::ssl::stream_base::client,
                          Step<&WebSocketClient::on_tls_ready>{this});
    } else {
      upgrade();
    }
  }
  void on_tls_ready(ErrorCode error) {
    if (!error) return upgrade();
    attempt_failed(error == boost::asio::error::connection_reset ? Figure::failed_reset
                                                                 : Figure::failed_tls);
  }
  void upgrade() {
    const ConnectionSettings& settings = worker_->connection_settings();
    ws_.set_option(boost::beast::websocket::stream_base::decorator(
        [shared = &settings](boost::beast::websocket::request_type& request) {
          request.set(boost::beast::http::field::user_agent, "wsfleet-loadgen");
          if (!shared->origin.empty()) {
            request.set(boost::beast::http::field::origin, shared->origin);
          }
          for (const auto& [name, value] : shared->headers) request.insert(name, value);
        }));
    ws_.next_layer().on_teardown(
        [](void* self) { static_cast<WebSocketClient*>(self)->on_teardown(); }, this);
    if (settings.idle_timeout) {
      ws_.control_callback([this](boost::beast::websocket::frame_type, boost::beast::string_view) {
        worker_->on_control(slot_);
      });
    }
    response_ = std::make_unique<Response>();
    const std::string& host =
        settings.host_header.empty() ? target_->host_header : settings.host_header;
    ws_.async_handshake(*response_, host, worker_->request_target(slot_, *target_),
                        Step<&WebSocketClient::on_upgraded>{this});
  }
  void on_upgraded(ErrorCode error) {
    const std::unique_ptr<Response> response = std::move(response_);
    if (error == WebSocketError::upgrade_declined) {
      const bool full = response->result_int() == 503;
      return attempt_failed(full ? Figure::refused_503 : Figure::refused_other_status,
                            retry_after(*response));
    }
    if (error) return attempt_failed(handshake_failure_of(error));
    buffer_ = std::make_unique<char[]>(capacity());
    worker_->on_opened(slot_);
    read();
  }
  static TimeNs retry_after(const Response& response) {
    const auto text = response[boost::beast::http::field::retry_after];
    std::uint32_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return static_cast<TimeNs>(seconds) * kSecond;
  }
  void attempt_failed(Figure as, TimeNs retry_after = 0) {
    failed_as_ = aborted_as_.value_or(as);
    retry_after_ = retry_after;
    tell_failure();
  }
  void tell_failure() {
    if (waits_for_write<&WebSocketClient::tell_failure>()) return;
    worker_->on_attempt_failed(slot_, failed_as_, retry_after_);  // destroys this
  }
  /// Over TLS a write may be under way: it ends with the socket, and `step` comes after it.
  template <void (WebSocketClient::*step)()>
  bool waits_for_write() {
    if (!ws_.next_layer().is_written()) return false;
    ErrorCode ignored;
    boost::beast::get_lowest_layer(ws_).close(ignored);
    ws_.next_layer().on_written_last(
        [](void* self) { (static_cast<WebSocketClient*>(self)->*step)(); }, this);
    return true;
  }

  // --- Open. A message that is longer than any sent is cut; its last byte is overwritten.
  std::size_t capacity() const { return worker_->connection_settings().read_buffer_bytes; }
  void read() {
    if (received_ == capacity()) --received_;
    ws_.async_read_some(
        boost::asio::mutable_buffer(buffer_.get() + received_, capacity() - received_),
        ReadStep{this});
  }
  void on_read(ErrorCode error, std::size_t size) {
    received_ += size;
    if (error) return on_read_failed(error);
    if (ws_.is_message_done()) {
      const std::size_t length = std::exchange(received_, 0);
      worker_->on_message(slot_, std::string_view(buffer_.get(), length));
    }
    read();
  }

  // --- The end.
  void on_teardown() {
    teardown_began_ = true;
    worker_->on_closing(slot_);
  }
  void on_read_failed(ErrorCode error) {
    read_error_ = error;
    read_done_ = true;
    if (!close_pending_) finish();
  }
  void on_close_done(ErrorCode error) {
    close_pending_ = false;
    close_error_ = error;
    if (read_done_) return finish();
    ErrorCode ignored;  // the read ends with it
    boost::beast::get_lowest_layer(ws_).close(ignored);
  }
  void finish() {
    if (waits_for_write<&WebSocketClient::finish>()) return;
    const int code = ws_.reason().code;
    const bool by_close_frame = code != 0 || read_error_ == WebSocketError::closed;
    const Figure cause = cause_of_end(by_close_frame);
    worker_->on_closed(slot_, cause, own_close_ || !by_close_frame ? 0 : code);  // destroys this
  }
  Figure cause_of_end(bool by_close_frame) const {
    if (aborted_as_ && aborted_as_ != Figure::closed_close_timeout) return *aborted_as_;
    if (own_close_ && (by_close_frame || !close_error_)) return Figure::closed_own_end;
    if (by_close_frame) return closed_by_code(ws_.reason().code == 0 ? 1005 : ws_.reason().code);
    if (aborted_as_) return *aborted_as_;
    const bool told_by_close = read_error_ == boost::asio::error::operation_aborted && close_error_;
    return end_of(told_by_close ? close_error_ : read_error_);
  }

  LoadWorker* worker_;
  std::uint32_t slot_;
  const Target* target_ = nullptr;
  boost::beast::websocket::stream<CorkedStream<Socket>, false> ws_;
  std::unique_ptr<Response> response_;  // while the upgrade is under way
  std::unique_ptr<char[]> buffer_;
  std::size_t received_ = 0;  // of the message under way
  ErrorCode read_error_;
  ErrorCode close_error_;
  std::optional<Figure> aborted_as_;
  Figure failed_as_{};
  TimeNs retry_after_ = 0;
  bool own_close_ = false;
  bool close_pending_ = false;
  bool read_done_ = false;
  bool teardown_began_ = false;
};

}  // namespace wsfleet
