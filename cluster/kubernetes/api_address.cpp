// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api_address.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <string_view>

#include "core/net/host_names.h"

namespace wsfleet {
namespace {

bool is_port(const std::string& text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && rest == end && port > 0;
}

}  // namespace

std::string ApiAddress::text() const {
  return host.find(':') == std::string::npos ? host + ":" + port : "[" + host + "]:" + port;
}

Result<ApiAddress> parse_api_address(const std::string& url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) {
    return fail(ErrorKind::configuration,
                fmt::format("the API server's address '{}' is not https://…", url));
  }
  std::string rest = url.substr(kScheme.size());
  ApiAddress address;
  if (const std::size_t slash = rest.find('/'); slash != std::string::npos) {
    address.path = rest.substr(slash);
    rest.resize(slash);
    while (address.path.ends_with('/')) address.path.pop_back();
  }
  const std::size_t bracket = rest.find(']');
  const std::size_t colon = rest.find(':', bracket == std::string::npos ? 0 : bracket);
  if (colon != std::string::npos) {
    address.port = rest.substr(colon + 1);
    rest.resize(colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  address.host = rest;
  if (is_host(address.host) && is_port(address.port)) return address;
  return fail(ErrorKind::configuration, fmt::format("'{}' is no address of a server", url));
}

}  // namespace wsfleet
