// SPDX-License-Identifier: Apache-2.0
#pragma once
// The HTTP side of a program whose work is something else: probes, metrics, lists, admin verbs. One
// request per connection. Who is slow or asks for too much is cut off, and nobody waits for a
// neighbour: beyond `most_connections` the oldest that has said nothing has to go, once it had a
// moment for it, so that /livez is answered however many connections hang open. On a thread of its
// own, or on that of an io_context; what it serves is called there and must return at once.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace boost::asio {
class io_context;
}

namespace wsfleet {

struct HttpPage {
  int status = 200;
  std::string body = {};
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers = {};  // more of them
};

/// A request as it came; valid during the call.
struct IncomingRequest {
  std::string_view method;
  std::string_view target;  // path and query
  std::string_view body;
  std::function<std::string_view(const char* name)> header;  // "" for one that is not there

  std::string path() const { return std::string(target.substr(0, target.find('?'))); }
};

struct HttpLimits {
  std::uint32_t head_bytes = 8 * 1024;
  std::uint64_t body_bytes = 0;          // 0: bodies are not read
  TimeNs head_within = 5 * kSecond;      // of the connection
  TimeNs exchange_within = 5 * kSecond;  // the body, and then the answer
  std::size_t most_connections = 64;
};

struct HttpService {
  std::function<HttpPage(const IncomingRequest&)> answer;
  /// Before a body is read: an answer ends it there.
  std::function<std::optional<HttpPage>(const IncomingRequest&)> refuse = {};
  HttpLimits limits = {};
};

/// Pages by their path, without the query, to GET and HEAD; 405 for the rest.
HttpService pages_by_path(std::function<HttpPage(const std::string& path)> page);

class HttpListener {
 public:
  /// On a thread of its own. Port 0: any free one. An Error names address, port and reason;
  /// ErrorKind::configuration when the address is none.
  static Result<std::unique_ptr<HttpListener>> open(const std::string& address, std::uint16_t port,
                                                    HttpService service);
  /// On `io`'s thread, which destroys it, too. `io` outlives it.
  static Result<std::unique_ptr<HttpListener>> open(boost::asio::io_context& io,
                                                    const std::string& address, std::uint16_t port,
                                                    HttpService service);
  /// Cuts off who is there; the service is not called any more.
  ~HttpListener();

  std::uint16_t port() const;
  /// On `io`'s thread: nobody comes in any more; who is being served gets the answer.
  void close();
  std::size_t open_connections() const;

 private:
  struct Impl;
  explicit HttpListener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
