// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small HTTP server for GET alone: probes and lists for other programs of the cluster. One
// request per connection and one connection at a time, on a thread of its own; who is slow is cut
// off.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"

namespace wsfleet {

struct GetAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

class GetServer {
 public:
  /// Called on the server's thread with the path, query included.
  using Handler = std::function<GetAnswer(const std::string& path)>;

  /// `address`: IPv4. Port 0: any free one.
  static Result<std::unique_ptr<GetServer>> open(const std::string& address, std::uint16_t port,
                                                 Handler handler);
  ~GetServer();
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit GetServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
