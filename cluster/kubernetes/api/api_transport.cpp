// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api/api_transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>

#include "cluster/kubernetes/api/api_address.h"
#include "cluster/kubernetes/api/api_transport_tls.h"
#include "core/live/live_clock.h"
#include "core/net/address/host_names.h"

namespace wsfleet {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::uint64_t kMostBodyBytes = 64 << 20;
constexpr std::size_t kLongestLine = 16 << 20;
// How soon a wish to stop is seen.
constexpr TimeNs kLook = 100 * kMillisecond;
// A lookup does not see a wish to stop.
constexpr TimeNs kLongestLookup = 5 * kSecond;

/// One connection; each step blocks until it is done, the deadline is over or `stop` is requested.
class Connection {
 public:
  Connection(ssl::context& context, const ApiAddress& address, const std::string& tls_name,
             const std::stop_token& stop)
      : stream_(io_, context), address_(address), tls_name_(tls_name), stop_(stop) {}

  TransportResult<void> open(TimeNs deadline);
  void send(const std::string& text, TimeNs deadline);
  template <class Parser>
  ErrorCode read_header(Parser& parser, TimeNs deadline) {
    return step(deadline, [&](auto done) {
      http::async_read_header(stream_, buffer_, parser, std::move(done));
    });
  }
  template <class Parser>
  ErrorCode read_some(Parser& parser, TimeNs deadline) {
    return step(deadline, [&](auto done) {
      http::async_read_some(stream_, buffer_, parser, std::move(done));
    });
  }
  template <class Parser>
  ErrorCode read_all(Parser& parser, TimeNs deadline) {
    return step(deadline,
                [&](auto done) { http::async_read(stream_, buffer_, parser, std::move(done)); });
  }
  /// For an answer that did not come, or not whole.
  tl::unexpected<TransportError> lost(const ErrorCode& error) const;

 private:
  TransportResult<std::vector<tcp::endpoint>> endpoints(TimeNs deadline) const;
  bool expect_name();
  tl::unexpected<TransportError> not_open(const std::string& what, const ErrorCode& error) const;

  template <class Start>
  ErrorCode step(TimeNs deadline, Start start) {
    std::optional<ErrorCode> result;
    start([&result](const ErrorCode& error, auto&&...) { result = error; });
    bool given_up = false;
    while (!result) {
      if (!given_up && (stop_.stop_requested() || monotonic_now() >= deadline)) {
        given_up = true;
        ErrorCode ignored;
        stream_.next_layer().close(ignored);
      }
      const TimeNs wait = std::clamp<TimeNs>(deadline - monotonic_now(), kMillisecond, kLook);
      io_.restart();
      io_.run_one_for(std::chrono::nanoseconds(wait));
    }
    return given_up ? make_error_code(asio::error::timed_out) : *result;
  }

  asio::io_context io_{1};
  ssl::stream<tcp::socket> stream_;
  const ApiAddress& address_;
  const std::string& tls_name_;
  std::stop_token stop_;
  boost::beast::flat_buffer buffer_;
};

TransportResult<void> Connection::open(TimeNs deadline) {
  const auto found = endpoints(deadline);
  if (!found) return tl::unexpected(found.error());
  ErrorCode error = step(deadline, [&](auto done) {
    asio::async_connect(stream_.next_layer(), *found, std::move(done));
  });
  if (error) return not_open("can't connect", error);
  stream_.next_layer().set_option(tcp::no_delay(true), error);
  if (!expect_name()) {
    return tl::unexpected(
        TransportError{{ErrorKind::configuration,
                        fmt::format("no certificate can be for the name '{}'", tls_name_)},
                       false});
  }
  error = step(deadline, [&](auto done) {
    stream_.async_handshake(ssl::stream_base::client, std::move(done));
  });
  if (error) return not_open("no TLS session", error);
  return {};
}

TransportResult<std::vector<tcp::endpoint>> Connection::endpoints(TimeNs deadline) const {
  const TimeNs left = std::min(deadline - monotonic_now(), kLongestLookup);
  const auto addresses = host_addresses(address_.host, left);
  if (!addresses) return tl::unexpected(TransportError{addresses.error(), false});
  std::uint16_t port = 0;
  std::from_chars(address_.port.data(), address_.port.data() + address_.port.size(), port);
  std::vector<tcp::endpoint> endpoints;
  for (const std::string& text : *addresses) {
    ErrorCode error;
    const auto address = asio::ip::make_address(text, error);
    if (!error) endpoints.emplace_back(address, port);
  }
  return endpoints;
}

// OpenSSL's own check, of the alternative names alone: a certificate that only has the name as its
// subject's CN is refused, as kubectl does. False leaves the connection unused.
bool Connection::expect_name() {
  SSL* session = stream_.native_handle();
  SSL_set_verify(session, SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM* expected = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(
      expected, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  ErrorCode not_numeric;
  asio::ip::make_address(tls_name_, not_numeric);
  if (!not_numeric) return X509_VERIFY_PARAM_set1_ip_asc(expected, tls_name_.c_str()) == 1;
  return !tls_name_.empty() &&
         X509_VERIFY_PARAM_set1_host(expected, tls_name_.data(), tls_name_.size()) == 1 &&
         SSL_set_tlsext_host_name(session, tls_name_.c_str()) == 1;
}

void Connection::send(const std::string& text, TimeNs deadline) {
  // A server may answer without reading everything; where there is no answer, reading fails too.
  step(deadline,
       [&](auto done) { asio::async_write(stream_, asio::buffer(text), std::move(done)); });
}

std::string words_of(const ErrorCode& error) {
  return error == asio::error::timed_out ? "no answer in time" : error.message();
}

const TransportError kStopped{{ErrorKind::stopped, "stopped"}, true};

tl::unexpected<TransportError> Connection::not_open(const std::string& what,
                                                    const ErrorCode& error) const {
  if (stop_.stop_requested()) return tl::unexpected(kStopped);
  const long verdict =
      SSL_get_verify_result(const_cast<Connection*>(this)->stream_.native_handle());
  if (verdict != X509_V_OK) {
    return tl::unexpected(TransportError{
        {ErrorKind::failed,
         fmt::format("{}: its certificate is refused: {} (it must be for '{}' and come from the "
                     "certificate authority of the context)",
                     address_.text(), X509_verify_cert_error_string(verdict), tls_name_)},
        false});
  }
  return tl::unexpected(TransportError{
      {ErrorKind::unavailable, fmt::format("{}: {}: {}", address_.text(), what, words_of(error))},
      false});
}

tl::unexpected<TransportError> Connection::lost(const ErrorCode& error) const {
  if (stop_.stop_requested()) return tl::unexpected(kStopped);
  if (error == http::error::body_limit) {
    return tl::unexpected(TransportError{
        {ErrorKind::failed,
         fmt::format("{}: its answer is over {} MiB", address_.text(), kMostBodyBytes >> 20)},
        true});
  }
  return tl::unexpected(TransportError{
      {ErrorKind::unavailable, fmt::format("{}: {}", address_.text(), words_of(error))}, true});
}

template <class Message>
TimeNs retry_after_of(const Message& message) {
  const auto found = message.find(http::field::retry_after);
  if (found == message.end()) return -1;
  const std::string text(found->value());
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return error == std::errc() && seconds >= 0 ? seconds * kSecond : -1;
}

/// The whole lines at the front of `pending`, which then has only what is left. False: no more is
/// wanted. No line ends before `looked_at`.
bool hand_on_lines(std::string& pending, std::size_t looked_at,
                   const std::function<bool(std::string_view)>& on_line) {
  std::size_t begin = 0;
  for (std::size_t end; (end = pending.find('\n', std::max(begin, looked_at))) != std::string::npos;
       begin = end + 1) {
    if (!on_line(std::string_view(pending).substr(begin, end - begin))) return false;
  }
  pending.erase(0, begin);
  return true;
}

/// The end of an answer without length is told by the end of the connection; servers seldom bother
/// to close TLS.
bool is_end(const ErrorCode& error) {
  return error == http::error::end_of_stream || error == asio::error::eof ||
         error == ssl::error::stream_truncated;
}

}  // namespace

struct ApiTransport::Impl {
  ApiAddress address;
  std::string tls_name;
  std::string context_name;
  std::string ca_pem;

  std::mutex mutex;
  ClientIdentity identity;  // of `context`
  std::shared_ptr<ssl::context> context;

  /// For one connection; made anew when the client's certificate has changed.
  TransportResult<std::shared_ptr<ssl::context>> context_for(const ClientIdentity& wanted) {
    const std::lock_guard lock(mutex);
    if (wanted == identity) return context;
    auto made = tls_context(context_name, ca_pem, wanted);
    if (!made) return tl::unexpected(TransportError{made.error(), false});
    identity = wanted;
    context = std::move(*made);
    return context;
  }

  std::string text_of(const ApiMessage& message) const {
    std::string text = fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
                                   message.method, address.path, message.target, address.text());
    if (message.method != "GET" || !message.body.empty()) {
      text += fmt::format("Content-Length: {}\r\n", message.body.size());
    }
    for (const auto& [name, value] : message.headers) {
      text += fmt::format("{}: {}\r\n", name, value);
    }
    return text + "\r\n" + message.body;
  }
};

ApiTransport::ApiTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiTransport::~ApiTransport() = default;

Result<std::unique_ptr<ApiTransport>> ApiTransport::make(const ClusterAccess& access) {
  auto address = parse_api_address(access.server);
  if (!address) return tl::unexpected(address.error());
  const ClientIdentity identity{access.certificate_pem, access.key_pem};
  auto context = tls_context(access.context, access.ca_pem, identity);
  if (!context) return tl::unexpected(context.error());
  auto impl = std::make_unique<Impl>();
  impl->tls_name = access.tls_name.empty() ? address->host : access.tls_name;
  impl->address = std::move(*address);
  impl->context_name = access.context;
  impl->ca_pem = access.ca_pem;
  impl->identity = identity;
  impl->context = std::move(*context);
  return std::unique_ptr<ApiTransport>(new ApiTransport(std::move(impl)));
}

TransportResult<TransportAnswer> ApiTransport::exchange(const ApiMessage& message, TimeNs deadline,
                                                        const std::stop_token& stop) {
  const auto context = impl_->context_for(message.identity);
  if (!context) return tl::unexpected(context.error());
  Connection connection(**context, impl_->address, impl_->tls_name, stop);
  if (auto opened = connection.open(deadline); !opened) return tl::unexpected(opened.error());
  connection.send(impl_->text_of(message), deadline);
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMostBodyBytes);
  parser.skip(message.method == "HEAD");
  // In two steps: reading all at once, Beast 1.74 forgets a Content-Length over the limit.
  ErrorCode error = connection.read_header(parser, deadline);
  if (!error && !parser.is_done()) error = connection.read_all(parser, deadline);
  if (error && is_end(error) && parser.is_header_done()) {
    ErrorCode ignored;
    parser.put_eof(ignored);
    if (!ignored) error = {};
  }
  if (error) return connection.lost(error);
  auto& answer = parser.get();
  return TransportAnswer{static_cast<int>(answer.result_int()), std::move(answer.body()),
                         retry_after_of(answer)};
}

TransportResult<TransportAnswer> ApiTransport::lines(const ApiMessage& message,
                                                     TimeNs deadline_of_header, TimeNs idle,
                                                     const std::stop_token& stop,
                                                     const LineHandlers& handlers) {
  const auto context = impl_->context_for(message.identity);
  if (!context) return tl::unexpected(context.error());
  Connection connection(**context, impl_->address, impl_->tls_name, stop);
  if (auto opened = connection.open(deadline_of_header); !opened) {
    return tl::unexpected(opened.error());
  }
  connection.send(impl_->text_of(message), deadline_of_header);
  http::response_parser<http::string_body> parser;
  // Not `none`, which Beast 1.74 takes for less than any Content-Length. Lines have limits of their
  // own.
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  ErrorCode error = connection.read_header(parser, deadline_of_header);
  if (error) return connection.lost(error);
  const int status = static_cast<int>(parser.get().result_int());
  if (status == 200 && handlers.on_open) handlers.on_open();
  std::string pending;
  while (!parser.is_done() && !error) {
    const TimeNs until = status == 200 ? monotonic_now() + idle : deadline_of_header;
    error = connection.read_some(parser, until);
    const std::size_t looked_at = pending.size();
    pending += parser.get().body();
    parser.get().body().clear();
    if (status == 200 && !hand_on_lines(pending, looked_at, handlers.on_line)) {
      return TransportAnswer{200, {}, -1};
    }
    if (pending.size() > kLongestLine) {
      return tl::unexpected(TransportError{
          {ErrorKind::failed, impl_->address.text() + " sent a line without end"}, true});
    }
  }
  // Cut off in the middle is a break; without a length, the connection's end is the answer's.
  const bool is_whole = parser.is_done() || (is_end(error) && parser.need_eof());
  if (!is_whole) return connection.lost(error);
  if (status != 200) {
    return TransportAnswer{status, std::move(pending), retry_after_of(parser.get())};
  }
  if (!pending.empty() && !stop.stop_requested()) handlers.on_line(pending);
  return TransportAnswer{200, {}, -1};
}

}  // namespace wsfleet
