// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/metrics_listener.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string_view>

#include "core/log.h"

namespace wsfleet {
namespace {

using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kLongestRequest = 8192;
constexpr auto kSlowest = std::chrono::seconds(5);

std::string answer(std::string_view request, const std::string& metrics) {
  const bool known = request.starts_with("GET /metrics ") || request.starts_with("GET /metrics?");
  const std::string body = known ? metrics : "the metrics are at /metrics\n";
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      known ? "200 OK" : "404 Not Found", body.size(), body);
}

}  // namespace

struct MetricsListener::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(boost::asio::io_context& io) : acceptor(io), timer(io), socket(io) {}

  void accept() {
    acceptor.async_accept(socket, [self = shared_from_this()](const ErrorCode& error) {
      if (!self->acceptor.is_open()) return;
      if (error) return self->pause();
      self->request.clear();
      self->timer.expires_after(kSlowest);
      self->timer.async_wait([self](const ErrorCode& cancelled) {
        ErrorCode ignored;
        if (!cancelled) self->socket.close(ignored);
      });
      self->read();
    });
  }
  void pause() {  // no descriptor was left, most likely
    timer.expires_after(kSlowest);
    timer.async_wait([self = shared_from_this()](const ErrorCode& error) {
      if (!error) self->accept();
    });
  }
  void read() {
    socket.async_read_some(
        boost::asio::buffer(chunk),
        [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
          self->request.append(self->chunk.data(), size);
          if (error || self->request.size() > kLongestRequest) return self->next();
          if (self->request.find("\r\n\r\n") == std::string::npos) return self->read();
          self->response = answer(self->request, metrics_text(self->view, self->now));
          boost::asio::async_write(self->socket, boost::asio::buffer(self->response),
                                   [self](const ErrorCode&, std::size_t) { self->next(); });
        });
  }
  void next() {
    ErrorCode ignored;
    timer.cancel();
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
    if (acceptor.is_open()) accept();
  }

  tcp::acceptor acceptor;
  boost::asio::steady_timer timer;
  tcp::socket socket;
  std::array<char, 1024> chunk{};
  std::string request;
  std::string response;
  LoadView view;
  TimeNs now = 0;
};

MetricsListener::MetricsListener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

MetricsListener::~MetricsListener() {
  ErrorCode ignored;
  impl_->acceptor.close(ignored);
  impl_->socket.close(ignored);
  impl_->timer.cancel();
}

Result<std::unique_ptr<MetricsListener>> MetricsListener::open(boost::asio::io_context& io,
                                                               const std::string& address,
                                                               std::uint16_t port) {
  auto impl = std::make_shared<Impl>(io);
  ErrorCode error;
  const tcp::endpoint endpoint(boost::asio::ip::make_address(address, error), port);
  if (!error) impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(16, error);
  if (error) {
    return fail(
        fmt::format("metrics can't be served on {}:{}: {}", address, port, error.message()));
  }
  impl->accept();
  std::unique_ptr<MetricsListener> listener(new MetricsListener(std::move(impl)));
  if (port == 0) {
    log_info(fmt::format("metrics on http://{}:{}/metrics", address, listener->port()));
  }
  return listener;
}

std::uint16_t MetricsListener::port() const {
  ErrorCode ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

void MetricsListener::update(const LoadView& view, TimeNs now) {
  impl_->view = view;
  impl_->now = now;
}

}  // namespace wsfleet
