// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api/api_address.h"

#include <fmt/format.h>

#include "core/net/address/host_names.h"
#include "core/net/address/url.h"

namespace wsfleet {

std::string ApiAddress::text() const {
  return host.find(':') == std::string::npos ? host + ":" + port : "[" + host + "]:" + port;
}

Result<ApiAddress> parse_api_address(const std::string& url) {
  const auto parts = parse_url(url);
  if (!url.starts_with("https://")) {
    return fail(ErrorKind::configuration,
                fmt::format("the API server's address '{}' is not https://…", url));
  }
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorKind::configuration,
                fmt::format("'{}' is no address of a server: {}", url, why));
  };
  if (!parts) return wrong(parts.error().text());
  if (parts->user_info || parts->query || parts->fragment) {
    return wrong("no user, '?' or '#' belongs there");
  }
  ApiAddress address;
  address.host = parts->place.host;
  if (!is_host(address.host)) return wrong("this can't be a host");
  address.port = std::to_string(parts->place.port_or(443));
  address.path = parts->path;
  while (address.path.ends_with('/')) address.path.pop_back();
  return address;
}

}  // namespace wsfleet
