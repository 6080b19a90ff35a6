// SPDX-License-Identifier: Apache-2.0
#include "core/net/http_listener.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <limits>
#include <list>
#include <thread>
#include <utility>

#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::milliseconds kPause{100};
constexpr std::chrono::milliseconds kLook{5};
constexpr TimeNs kChance = 100 * kMillisecond;  // to say what one has come for
constexpr std::chrono::seconds kGoneWithin{2};

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

/// It is no HTTP, where others have gone, been slow or said too much.
bool is_nonsense(const ErrorCode& error) {
  return error.category() == make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message &&
         error != http::error::header_limit;
}

class Visit;

/// What listener and visits share; pending operations keep it.
struct Reception : std::enable_shared_from_this<Reception> {
  Reception(asio::io_context& io, HttpService serves)
      : service(std::move(serves)), acceptor(io), pause(io) {}

  void accept();
  void go_on();
  void go_on_after(std::chrono::milliseconds time);
  void close();

  const HttpService service;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::list<Visit*> visits;  // the oldest first
  bool closed = false;
};

/// One connection; its pending operations own it.
class Visit : public std::enable_shared_from_this<Visit> {
 public:
  Visit(tcp::socket socket, std::shared_ptr<Reception> reception)
      : stream_(std::move(socket)),
        reception_(std::move(reception)),
        place_(reception_->visits.insert(reception_->visits.end(), this)) {}
  ~Visit() { leave(); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  /// Its request is being read or answered.
  bool is_served() const { return served_; }
  TimeNs since() const { return since_; }
  void cut_off() {
    leave();
    stream_.close();
  }

  void start() {
    expire_after(limits().head_within);
    parser_.header_limit(limits().head_bytes);
    parser_.body_limit(std::numeric_limits<std::uint64_t>::max());  // until its head is known
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](ErrorCode error, std::size_t) {
                              if (self->ended_) return;
                              if (!error) return self->on_head();
                              if (is_nonsense(error)) self->send({400, "this is no HTTP\n"});
                            });
  }

 private:
  void leave() {
    if (!std::exchange(ended_, true)) reception_->visits.erase(place_);
  }

  const HttpLimits& limits() const { return reception_->service.limits; }
  void expire_after(TimeNs time) { stream_.expires_after(std::chrono::nanoseconds(time)); }

  void on_head() {
    served_ = true;
    const HttpService& service = reception_->service;
    if (service.refuse) {
      if (auto refusal = service.refuse(request())) return send(std::move(*refusal));
    }
    const std::uint64_t most = limits().body_bytes;
    if (most == 0) return send(service.answer(request()));
    if (parser_.content_length().value_or(0) > most) return refuse_body();
    parser_.body_limit(most);
    expire_after(limits().exchange_within);
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](ErrorCode error, std::size_t) {
                       if (self->ended_) return;
                       if (error == http::error::body_limit) return self->refuse_body();
                       if (!error) self->send(self->reception_->service.answer(self->request()));
                     });
  }

  void refuse_body() { send({413, "the body is too large\n"}); }

  IncomingRequest request() const {
    const auto& message = parser_.get();
    return {view_of(message.method_string()), view_of(message.target()), message.body(),
            [&message](const char* name) { return view_of(message[name]); }};
  }

  void send(HttpPage page) {
    response_.result(static_cast<unsigned>(page.status));
    response_.version(11);
    response_.set(http::field::content_type, page.content_type);
    for (const auto& [name, value] : page.headers) response_.set(name, value);
    response_.keep_alive(false);
    response_.content_length(page.body.size());
    if (parser_.get().method() != http::verb::head) response_.body() = std::move(page.body);
    expire_after(limits().exchange_within);
    http::async_write(stream_, response_,
                      [self = shared_from_this()](ErrorCode error, std::size_t) {
                        self->served_ = false;
                        if (error || self->ended_) return;
                        ErrorCode ignored;
                        self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
                        if (self->reception_->closed) return;
                        self->stream_.expires_after(kGoneWithin);
                        self->drain();
                      });
  }

  // What is unread when a socket is closed resets the connection, and the answer may be lost.
  void drain() {
    stream_.async_read_some(asio::buffer(rest_),
                            [self = shared_from_this()](ErrorCode error, std::size_t) {
                              if (!error && !self->ended_) self->drain();
                            });
  }

  beast::tcp_stream stream_;
  const std::shared_ptr<Reception> reception_;
  const std::list<Visit*>::iterator place_;
  beast::flat_buffer buffer_;
  http::request_parser<http::string_body> parser_;
  http::response<http::string_body> response_;
  std::array<char, 4096> rest_{};
  const TimeNs since_ = monotonic_now();
  bool served_ = false;
  bool ended_ = false;  // cut off: what had been under way is nobody's any more
};

void Reception::accept() {
  acceptor.async_accept([self = shared_from_this()](ErrorCode error, tcp::socket socket) {
    if (self->closed) return;
    if (error) return self->go_on_after(kPause);  // no descriptor is left: some will go
    std::make_shared<Visit>(std::move(socket), self)->start();
    self->go_on();
  });
}

/// To the next one as soon as there is room: in time there always is.
void Reception::go_on() {
  if (visits.size() < service.limits.most_connections) return accept();
  const auto idle =
      std::find_if(visits.begin(), visits.end(), [](Visit* visit) { return !visit->is_served(); });
  Visit* const leaves = idle != visits.end() ? *idle : visits.front();
  if (monotonic_now() - leaves->since() < kChance) return go_on_after(kLook);
  leaves->cut_off();
  accept();
}

void Reception::go_on_after(std::chrono::milliseconds time) {
  pause.expires_after(time);
  pause.async_wait([self = shared_from_this()](ErrorCode cancelled) {
    if (!cancelled && !self->closed) self->go_on();
  });
}

void Reception::close() {
  ErrorCode ignored;
  closed = true;
  acceptor.close(ignored);
  pause.cancel();
  for (auto visit = visits.begin(); visit != visits.end();) {
    Visit* const here = *visit++;  // who is cut off leaves the list
    if (!here->is_served()) here->cut_off();
  }
}

}  // namespace

HttpService pages_by_path(std::function<HttpPage(const std::string& path)> page) {
  return {[page = std::move(page)](const IncomingRequest& request) -> HttpPage {
    if (request.method == "GET" || request.method == "HEAD") return page(request.path());
    return {405, "only GET and HEAD are answered here\n"};
  }};
}

struct HttpListener::Impl {
  std::unique_ptr<asio::io_context> own;  // where it has a thread of its own
  std::shared_ptr<Reception> reception;
  std::thread thread;

  Result<void> listen(asio::io_context& io, const std::string& address, std::uint16_t port,
                      HttpService service);
};

Result<void> HttpListener::Impl::listen(asio::io_context& io, const std::string& address,
                                        std::uint16_t port, HttpService service) {
  ErrorCode error;
  const tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  if (error) {
    return fail(ErrorKind::configuration, fmt::format("'{}' is no address to listen on", address));
  }
  reception = std::make_shared<Reception>(io, std::move(service));
  tcp::acceptor& acceptor = reception->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(fmt::format("can't listen on {}:{}: {}", address, port, error.message()));
  reception->accept();
  return {};
}

HttpListener::HttpListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpListener::~HttpListener() {
  if (impl_->thread.joinable()) {
    impl_->own->stop();
    impl_->thread.join();
  }
  impl_->reception->close();
  while (!impl_->reception->visits.empty()) impl_->reception->visits.front()->cut_off();
}

Result<std::unique_ptr<HttpListener>> HttpListener::open(asio::io_context& io,
                                                         const std::string& address,
                                                         std::uint16_t port, HttpService service) {
  auto impl = std::make_unique<Impl>();
  const auto listens = impl->listen(io, address, port, std::move(service));
  if (!listens) return tl::unexpected(listens.error());
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(impl)));
}

Result<std::unique_ptr<HttpListener>> HttpListener::open(const std::string& address,
                                                         std::uint16_t port, HttpService service) {
  auto impl = std::make_unique<Impl>();
  impl->own = std::make_unique<asio::io_context>(1);
  const auto listens = impl->listen(*impl->own, address, port, std::move(service));
  if (!listens) return tl::unexpected(listens.error());
  impl->thread = std::thread([io = impl->own.get()] { io->run(); });
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(impl)));
}

std::uint16_t HttpListener::port() const {
  ErrorCode ignored;
  return impl_->reception->acceptor.local_endpoint(ignored).port();
}

void HttpListener::close() { impl_->reception->close(); }

std::size_t HttpListener::open_connections() const { return impl_->reception->visits.size(); }

}  // namespace wsfleet
