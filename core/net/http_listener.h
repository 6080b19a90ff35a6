// SPDX-License-Identifier: Apache-2.0
#pragma once
// The HTTP side of a program whose work is something else: /metrics, /livez, /readyz. A thread of
// its own answers GET and HEAD, one request per connection; who is slow or asks for too much is cut
// off. `answer` is called on that thread and must return at once.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"

namespace wsfleet {

struct HttpPage {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

class HttpListener {
 public:
  /// `path` is without its query.
  using Answer = std::function<HttpPage(const std::string& path)>;

  /// Port 0: any free one. An Error names address, port and reason.
  static Result<std::unique_ptr<HttpListener>> open(const std::string& address, std::uint16_t port,
                                                    Answer answer);
  ~HttpListener();

  std::uint16_t port() const;

 private:
  struct Impl;
  explicit HttpListener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
