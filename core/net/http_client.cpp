// SPDX-License-Identifier: Apache-2.0
#include "core/net/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>

#include "core/live/live_clock.h"
#include "core/net/address/host_names.h"

namespace wsfleet {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::uint32_t kMaxHeaderBytes = 64 * 1024;
/// Added to the clock's present it must not overflow.
constexpr TimeNs kLongestTimeout = 365 * 24 * kHour;

bool same_name(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

bool has_header(const HttpRequest& request, std::string_view name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [&](const auto& header) { return same_name(header.first, name); });
}

/// What would let a value begin a line, or a request, of its own.
bool is_one_line(std::string_view text, bool spaces_allowed) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > ' ' ? byte != 0x7F : spaces_allowed && (c == ' ' || c == '\t');
  });
}

bool is_well_formed(const HttpRequest& request) {
  return !request.method.empty() && is_one_line(request.method, false) &&
         request.target.starts_with('/') && is_one_line(request.target, false) &&
         std::all_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
           return !header.first.empty() && is_one_line(header.first, false) &&
                  is_one_line(header.second, true);
         });
}

std::string request_text(const HttpRequest& request, const std::string& place) {
  std::string text =
      fmt::format("{} {} HTTP/1.1\r\nConnection: close\r\n", request.method, request.target);
  if (!has_header(request, "Host")) text += fmt::format("Host: {}\r\n", place);
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
  return text + "\r\n" + request.body;
}

std::string connect_trouble(const std::string& place, const ErrorCode& error) {
  if (error == asio::error::connection_refused) return place + " refused the connection";
  return fmt::format("can't connect to {}: {}", place, error.message());
}

std::string answer_trouble(const std::string& place, const ErrorCode& error) {
  if (error == http::error::end_of_stream) return place + " ended the connection without an answer";
  if (error == http::error::partial_message) {
    return place + " ended the connection in the middle of its answer";
  }
  if (error == http::error::header_limit) {
    return fmt::format("the header of the answer of {} has more than {} KiB", place,
                       kMaxHeaderBytes / 1024);
  }
  if (error == http::error::body_limit) {
    return fmt::format("the answer of {} has more than {} MiB", place,
                       kMaxHttpBodyBytes / (1024 * 1024));
  }
  if (error.category() == make_error_code(http::error::bad_value).category()) {
    return fmt::format("the answer of {} is not HTTP: {}", place, error.message());
  }
  return fmt::format("{} gave no whole answer: {}", place, error.message());
}

/// One request and its answer; its pending operations own it. Everything happens on io's thread.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& io, std::vector<tcp::endpoint> endpoints, const HttpRequest& request,
           TimeNs timeout, HttpHandler done)
      : socket_(io),
        deadline_(io),
        endpoints_(std::move(endpoints)),
        place_(place_of(request)),
        text_(request_text(request, place_)),
        only_header_(request.method == "HEAD"),
        timeout_(timeout),
        done_(std::move(done)) {
    // From the call on, however long it waits for io's thread.
    deadline_.expires_after(
        std::chrono::nanoseconds(std::clamp<TimeNs>(timeout, 0, kLongestTimeout)));
  }

  static std::string place_of(const HttpRequest& request) {
    const bool is_v6 = request.address.find(':') != std::string::npos;
    return is_v6 ? fmt::format("[{}]:{}", request.address, request.port)
                 : fmt::format("{}:{}", request.address, request.port);
  }

  void start() {
    deadline_.async_wait([self = shared_from_this()](const ErrorCode& cancelled) {
      if (cancelled) return;
      self->finish(fail(ErrorKind::unavailable,
                        fmt::format("no answer from {} within {}", self->place_,
                                    format_duration(std::max<TimeNs>(self->timeout_, 0)))));
    });
    connect(0);
  }

 private:
  // A name may have several addresses, of which the first that lets us connect is taken.
  void connect(std::size_t index) {
    socket_.async_connect(endpoints_[index],
                          [self = shared_from_this(), index](const ErrorCode& error) {
                            if (!self->done_) return;
                            if (!error) return self->send();
                            ErrorCode ignored;
                            self->socket_.close(ignored);
                            if (index + 1 < self->endpoints_.size())
                              return self->connect(index + 1);
                            self->unavailable(connect_trouble(self->place_, error));
                          });
  }

  void send() {
    // An error is not the end: a server may answer (413, 431) without reading everything. Where
    // there is no answer either, reading fails as well.
    asio::async_write(
        socket_, asio::buffer(text_),
        [self = shared_from_this()](const ErrorCode&, std::size_t) { self->receive(); });
  }

  void receive() {
    if (!done_) return;
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(kMaxHttpBodyBytes);
    parser_->skip(only_header_);
    // In two steps: reading all at once, Beast 1.74 forgets a Content-Length over the limit where
    // some of the body came along with the header.
    http::async_read_header(socket_, buffer_, *parser_,
                            [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                              if (error) return self->on_answer(error);
                              self->receive_body();
                            });
  }

  void receive_body() {
    if (!done_) return;
    http::async_read(socket_, buffer_, *parser_,
                     [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                       self->on_answer(error);
                     });
  }

  void on_answer(const ErrorCode& error) {
    if (!done_) return;
    if (error) return unavailable(answer_trouble(place_, error));
    auto& message = parser_->get();
    const int status = static_cast<int>(message.result_int());
    if (status / 100 == 1 && status != 101) return receive();  // the answer follows
    finish(HttpResponse{status, std::move(message.body())});
  }

  void unavailable(std::string message) {
    finish(fail(ErrorKind::unavailable, std::move(message)));
  }

  void finish(Result<HttpResponse> result) {
    if (!done_) return;
    const HttpHandler done = std::exchange(done_, nullptr);
    ErrorCode ignored;
    deadline_.cancel();
    socket_.close(ignored);
    done(std::move(result));
  }

  tcp::socket socket_;
  asio::steady_timer deadline_;
  const std::vector<tcp::endpoint> endpoints_;  // at least one
  const std::string place_;
  const std::string text_;
  const bool only_header_;
  const TimeNs timeout_;
  HttpHandler done_;  // empty once it has been called
  boost::beast::flat_buffer buffer_{kMaxHeaderBytes + 64 * 1024};
  std::optional<http::response_parser<http::string_body>> parser_;
};

Result<std::vector<tcp::endpoint>> endpoints_of(const HttpRequest& request,
                                                const std::vector<std::string>& addresses) {
  if (!is_well_formed(request)) {
    return fail(fmt::format("not an HTTP request: '{} {}'", request.method, request.target));
  }
  std::vector<tcp::endpoint> endpoints;
  for (const std::string& text : addresses) {
    ErrorCode error;
    const auto address = asio::ip::make_address(text, error);
    if (error) return fail(fmt::format("'{}' is not a numeric address", text));
    endpoints.emplace_back(address, request.port);
  }
  return endpoints;
}

void begin_exchange(asio::io_context& io, const HttpRequest& request,
                    const std::vector<std::string>& addresses, TimeNs timeout, HttpHandler done) {
  const auto later = [&io, &done](tl::unexpected<Error> error) {
    asio::post(io, [done = std::move(done), error = std::move(error)] { done(error); });
  };
  auto endpoints = endpoints_of(request, addresses);
  if (!endpoints) return later(tl::unexpected(endpoints.error()));
  std::shared_ptr<Exchange> exchange;
  try {
    exchange = std::make_shared<Exchange>(io, std::move(*endpoints), request, timeout, done);
  } catch (const boost::system::system_error& error) {  // no descriptor left for Asio's own use
    return later(
        fail(ErrorKind::unavailable, connect_trouble(Exchange::place_of(request), error.code())));
  }
  asio::post(io, [exchange] { exchange->start(); });
}

tl::unexpected<Error> no_descriptor(const HttpRequest& request,
                                    const boost::system::system_error& error) {
  return fail(ErrorKind::unavailable, connect_trouble(Exchange::place_of(request), error.code()));
}

}  // namespace

void http_exchange(asio::io_context& io, HttpRequest request, TimeNs timeout, HttpHandler done) {
  begin_exchange(io, request, {request.address}, timeout, std::move(done));
}

Result<HttpResponse> http_exchange(const HttpRequest& request, TimeNs timeout) {
  const TimeNs began = monotonic_now();
  const auto addresses = host_addresses(request.address, timeout);
  if (!addresses) return tl::unexpected(addresses.error());
  std::optional<Result<HttpResponse>> result;
  try {
    asio::io_context io{1};
    const bool numeric = addresses->front() == request.address;
    const TimeNs left = numeric ? timeout : timeout - (monotonic_now() - began);
    begin_exchange(io, request, *addresses, left,
                   [&result](Result<HttpResponse> answer) { result = std::move(answer); });
    io.run();
  } catch (const boost::system::system_error& error) {
    return no_descriptor(request, error);
  }
  return std::move(*result);
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace wsfleet
