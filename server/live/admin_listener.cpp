// SPDX-License-Identifier: Apache-2.0
#include "server/live/admin_listener.h"

#include <fmt/format.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <utility>

namespace wsfleet {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr std::chrono::seconds kDeadline{10};

/// One request, one answer; few come, and each has its deadline.
class AdminSession : public std::enable_shared_from_this<AdminSession> {
 public:
  AdminSession(tcp::socket socket, const std::string& token, const AdminVerbs& verbs)
      : stream_(std::move(socket)), token_(token), verbs_(verbs) {}

  void start() {
    stream_.expires_after(kDeadline);
    parser_.header_limit(8 * 1024);
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (!error) self->answer();
                            });
  }

 private:
  void answer() {
    const auto& request = parser_.get();
    const auto text = [](beast::string_view view) {
      return std::string_view(view.data(), view.size());
    };
    HttpAnswer made = answer_admin(text(request.method_string()), text(request.target()),
                                   text(request[http::field::authorization]), token_, verbs_);
    response_.result(made.status);
    response_.version(11);
    response_.set(http::field::content_type, made.content_type);
    if (!made.extra_name.empty()) response_.set(made.extra_name, made.extra_value);
    response_.body() = std::move(made.body);
    response_.keep_alive(false);
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code, std::size_t) {
                        beast::error_code ignored;
                        self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
                      });
  }

  beast::tcp_stream stream_;
  const std::string& token_;
  const AdminVerbs& verbs_;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
};

}  // namespace

struct AdminListener::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& io, std::string secret, AdminVerbs actions)
      : acceptor(io), token(std::move(secret)), verbs(std::move(actions)) {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) {
        std::make_shared<AdminSession>(std::move(socket), self->token, self->verbs)->start();
        return self->accept();
      }
      self->pause.expires_after(std::chrono::milliseconds(200));  // out of descriptors, perhaps
      self->pause.async_wait([self](beast::error_code cancelled) {
        if (!cancelled) self->accept();
      });
    });
  }

  tcp::acceptor acceptor;
  asio::steady_timer pause{acceptor.get_executor()};
  std::string token;
  AdminVerbs verbs;
};

AdminListener::AdminListener(asio::io_context& io, std::string token, AdminVerbs verbs)
    : impl_(std::make_shared<Impl>(io, std::move(token), std::move(verbs))) {}

AdminListener::~AdminListener() { close(); }

void AdminListener::close() {
  beast::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->pause.cancel();
}

Result<std::uint16_t> AdminListener::listen(const std::string& address, std::uint16_t port) {
  beast::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) {
    return fail(ErrorKind::configuration, fmt::format("'{}' is no address to listen on", address));
  }
  tcp::acceptor& acceptor = impl_->acceptor;
  acceptor.open(parsed.is_v6() ? tcp::v6() : tcp::v4(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind({parsed, port}, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(
        fmt::format("the admin listener can't listen on {}:{}: {}; choose another "
                    "--admin-port, or 0 for any free one",
                    address, port, error.message()));
  }
  impl_->accept();
  return acceptor.local_endpoint().port();
}

}  // namespace wsfleet
