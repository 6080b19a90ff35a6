// SPDX-License-Identifier: Apache-2.0
#include "loadgen/agent/agent_listener.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "core/live_clock.h"
#include "core/log.h"

namespace wsfleet {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::uint64_t kLargestBody = 256ULL * 1024 * 1024;  // a scenario's trace may be long
constexpr std::uint32_t kLargestHeader = 32 * 1024;
constexpr std::chrono::seconds kHeaderWithin{10};
constexpr std::chrono::seconds kExchangeWithin{120};  // of the body, and of the answer
constexpr std::chrono::seconds kGoneWithin{2};
constexpr std::chrono::milliseconds kLook{100};
constexpr TimeNs kAnswersOutWithin = 2 * kSecond;

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

/// One request, one answer. Whoever has no token is told so before a body is read.
class AgentSession : public std::enable_shared_from_this<AgentSession> {
 public:
  AgentSession(tcp::socket socket, LoadAgent& agent, int& open)
      : stream_(std::move(socket)), agent_(agent), open_(open) {
    ++open_;
  }
  ~AgentSession() { --open_; }
  AgentSession(const AgentSession&) = delete;
  AgentSession& operator=(const AgentSession&) = delete;

  void start() {
    stream_.expires_after(kHeaderWithin);
    parser_.header_limit(kLargestHeader);
    parser_.body_limit(kLargestBody);
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](ErrorCode error, std::size_t) {
                              if (!error) self->on_header();
                            });
  }

 private:
  void on_header() {
    if (auto refusal = agent_.refuse(request())) return send(std::move(*refusal));
    stream_.expires_after(kExchangeWithin);
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](ErrorCode error, std::size_t) {
                       if (error == http::error::body_limit) {
                         return self->send({413, "the body is too large\n", false});
                       }
                       if (!error)
                         self->send(self->agent_.answer(self->request(), monotonic_now()));
                     });
  }

  AgentRequest request() {
    const auto& message = parser_.get();
    return {.method = view_of(message.method_string()),
            .target = view_of(message.target()),
            .token = view_of(message[kAgentTokenHeader]),
            .body = message.body()};
  }

  void send(AgentAnswer answer) {
    response_.result(static_cast<unsigned>(answer.status));
    response_.version(11);
    response_.set(http::field::content_type, answer.json ? "application/json" : "text/plain");
    response_.set(http::field::cache_control, "no-store");
    response_.body() = std::move(answer.body);
    response_.keep_alive(false);
    response_.prepare_payload();
    stream_.expires_after(kExchangeWithin);
    http::async_write(stream_, response_,
                      [self = shared_from_this()](ErrorCode error, std::size_t) {
                        if (error) return;
                        ErrorCode ignored;
                        self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
                        self->stream_.expires_after(kGoneWithin);
                        self->drain();
                      });
  }

  // What is unread when a socket is closed resets the connection, and the answer may be lost.
  void drain() {
    stream_.async_read_some(asio::buffer(rest_),
                            [self = shared_from_this()](ErrorCode error, std::size_t) {
                              if (!error) self->drain();
                            });
  }

  beast::tcp_stream stream_;
  LoadAgent& agent_;
  int& open_;
  beast::flat_buffer buffer_;
  http::request_parser<http::string_body> parser_;
  http::response<http::string_body> response_;
  std::array<char, 16 * 1024> rest_{};
};

class AgentListener {
 public:
  explicit AgentListener(const AgentOptions& options)
      : options_(options), agent_(options.agent, monotonic_now()) {}

  Result<int> run() {
    if (auto listening = listen(); !listening) return tl::unexpected(listening.error());
    signals_.async_wait([this](ErrorCode error, int) { on_signal(error); });
    accept();
    look();
    io_.run();
    return status_.value_or(1);
  }

 private:
  Result<void> listen() {
    ErrorCode error;
    const auto address = asio::ip::make_address(options_.listen, error);
    if (error) {
      return fail(ErrorKind::usage, fmt::format("--listen: '{}' is no address", options_.listen));
    }
    acceptor_.open(address.is_v6() ? tcp::v6() : tcp::v4(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind({address, options_.port}, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return fail(fmt::format("can't listen on {}:{}: {}", options_.listen, options_.port,
                              error.message()));
    }
    log_info(fmt::format("waiting on {}:{}", options_.listen, acceptor_.local_endpoint().port()));
    return {};
  }

  void accept() {
    acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      // Without a descriptor left it asks again at the next look.
      accepting_ = !error;
      if (error) return;
      std::make_shared<AgentSession>(std::move(socket), agent_, open_sessions_)->start();
      accept();
    });
  }

  void on_signal(ErrorCode error) {
    if (error) return;
    agent_.terminate(monotonic_now());
    signals_.async_wait([this](ErrorCode again, int) { on_signal(again); });
  }

  void look() {
    timer_.expires_after(kLook);
    timer_.async_wait([this](ErrorCode) {
      const TimeNs now = monotonic_now();
      if (!status_) {
        status_ = agent_.advance(now);
        ends_ = now + kAnswersOutWithin;
      }
      if (status_ && (open_sessions_ == 0 || now > ends_)) return io_.stop();
      if (!accepting_) {
        accepting_ = true;
        accept();
      }
      look();
    });
  }

  const AgentOptions& options_;
  LoadAgent agent_;
  int open_sessions_ = 0;
  bool accepting_ = true;
  std::optional<int> status_;  // to exit with, once that is known
  TimeNs ends_ = 0;
  asio::io_context io_{1};  // its sessions use what is above
  tcp::acceptor acceptor_{io_};
  asio::steady_timer timer_{io_};
  asio::signal_set signals_{io_, SIGTERM, SIGINT};
};

}  // namespace

Result<int> run_agent(const AgentOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  return AgentListener(options).run();
}

}  // namespace wsfleet
