// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/link/host_lookup.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

namespace wsfleet {

using boost::asio::ip::tcp;

struct HostLookup::Impl {
  explicit Impl(boost::asio::io_context& io) : resolver(io) {}
  tcp::resolver resolver;
  std::uint64_t serial = 0;
};

HostLookup::HostLookup(boost::asio::io_context& io) : impl_(std::make_shared<Impl>(io)) {}

HostLookup::~HostLookup() { cancel(); }

void HostLookup::find(const std::string& host, std::uint16_t port, Found found) {
  const std::uint64_t serial = ++impl_->serial;
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  if (!no_address) return found(std::vector<std::string>{host});
  impl_->resolver.async_resolve(
      host, std::to_string(port), tcp::resolver::numeric_service,
      [weak = std::weak_ptr<Impl>(impl_), serial, done = std::move(found)](
          const boost::system::error_code& error, const tcp::resolver::results_type& results) {
        const auto impl = weak.lock();
        if (!impl || impl->serial != serial) return;
        if (error) return done(fail(ErrorKind::unavailable, error.message()));
        std::vector<std::string> addresses;
        for (const auto& entry : results) {
          addresses.push_back(entry.endpoint().address().to_string());
        }
        std::stable_partition(addresses.begin(), addresses.end(), [](const std::string& text) {
          return text.find(':') == std::string::npos;
        });
        if (addresses.empty()) return done(fail(ErrorKind::unavailable, "it has no address"));
        done(std::move(addresses));
      });
}

void HostLookup::cancel() {
  ++impl_->serial;
  impl_->resolver.cancel();
}

}  // namespace wsfleet
