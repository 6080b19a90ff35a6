// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names to addresses without blocking the loop: hiredis itself would wait for the name server.
// All calls on the thread of the io_context.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"

namespace boost::asio {
class io_context;
}

namespace wsfleet {

class HostLookup {
 public:
  /// Numeric addresses, IPv4 before IPv6; never empty.
  using Found = std::function<void(Result<std::vector<std::string>>)>;

  explicit HostLookup(boost::asio::io_context& io);
  ~HostLookup();
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;

  /// Calls `found` once: at once when `host` is an address. A later find() or cancel() drops it.
  void find(const std::string& host, std::uint16_t port, Found found);
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wsfleet
