// SPDX-License-Identifier: Apache-2.0
#include "core/net/http_listener.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

namespace wsfleet {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kLongestRequest = 8192;
constexpr int kMostConnections = 64;
constexpr auto kSlowest = std::chrono::seconds(5);
constexpr auto kPause = std::chrono::milliseconds(100);

const char* phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

std::string response_text(const HttpPage& page, bool only_header) {
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
      page.status, phrase(page.status), page.content_type, page.body.size());
  if (!only_header) text += page.body;
  return text;
}

std::string answer_to(std::string_view request, const HttpListener::Answer& answer) {
  const std::size_t space = request.find(' ');
  const std::string_view method = request.substr(0, space);
  if (method != "GET" && method != "HEAD") {
    return response_text({405, "only GET and HEAD are answered here\n"}, false);
  }
  std::string_view target = request.substr(space + 1);
  target = target.substr(0, target.find_first_of(" \r\n"));
  return response_text(answer(std::string(target.substr(0, target.find('?')))), method == "HEAD");
}

/// One connection; its pending operations own it.
class Visit : public std::enable_shared_from_this<Visit> {
 public:
  Visit(tcp::socket socket, const HttpListener::Answer& answer, int& open)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), answer_(answer), open_(open) {
    ++open_;
  }
  ~Visit() { --open_; }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  void start() {
    timer_.expires_after(kSlowest);
    timer_.async_wait([weak = weak_from_this()](const ErrorCode& cancelled) {
      const auto self = weak.lock();
      ErrorCode ignored;
      if (self && !cancelled) self->socket_.close(ignored);
    });
    read();
  }

 private:
  void read() {
    socket_.async_read_some(asio::buffer(chunk_),
                            [self = shared_from_this()](const ErrorCode& error, std::size_t n) {
                              self->request_.append(self->chunk_.data(), n);
                              if (error || self->request_.size() > kLongestRequest) return;
                              if (self->request_.find("\r\n\r\n") == std::string::npos)
                                return self->read();
                              self->reply();
                            });
  }
  void reply() {
    response_ = answer_to(request_, answer_);
    asio::async_write(socket_, asio::buffer(response_),
                      [self = shared_from_this()](const ErrorCode&, std::size_t) {
                        ErrorCode ignored;
                        self->socket_.shutdown(tcp::socket::shutdown_both, ignored);
                      });
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  const HttpListener::Answer& answer_;
  int& open_;
  std::array<char, 1024> chunk_{};
  std::string request_;
  std::string response_;
};

}  // namespace

struct HttpListener::Impl {
  explicit Impl(Answer given) : answer(std::move(given)), acceptor(io), pause(io) {}

  void accept() {
    acceptor.async_accept([this](const ErrorCode& error, tcp::socket socket) {
      if (!acceptor.is_open()) return;
      if (!error) std::make_shared<Visit>(std::move(socket), answer, open_visits)->start();
      if (!error && open_visits < kMostConnections) return accept();
      // No descriptor is left, or there are too many visitors: some will go.
      pause.expires_after(kPause);
      pause.async_wait([this](const ErrorCode& cancelled) {
        if (!cancelled) accept();
      });
    });
  }

  const Answer answer;
  int open_visits = 0;  // outlives io, whose pending operations own the visits
  asio::io_context io{1};
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::thread thread;
};

HttpListener::HttpListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpListener::~HttpListener() {
  impl_->io.stop();
  impl_->thread.join();
}

Result<std::unique_ptr<HttpListener>> HttpListener::open(const std::string& address,
                                                         std::uint16_t port, Answer answer) {
  auto impl = std::make_unique<Impl>(std::move(answer));
  ErrorCode error;
  const tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  if (!error) impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(fmt::format("can't listen on {}:{}: {}", address, port, error.message()));
  }
  impl->accept();
  impl->thread = std::thread([raw = impl.get()] { raw->io.run(); });
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(impl)));
}

std::uint16_t HttpListener::port() const {
  ErrorCode ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

}  // namespace wsfleet
