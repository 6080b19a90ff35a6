// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/targets/endpoint_list.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using Json = nlohmann::json;

bool is_address(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

Result<ListedEndpoint> read_endpoint(const Json& json) {
  ListedEndpoint endpoint;
  const Json id = json.is_object() ? json.value("id", Json()) : Json();
  if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= kMostEndpointIds) {
    return fail(fmt::format("its id is no whole number from 0 to {}", kMostEndpointIds - 1));
  }
  endpoint.id = id.get<std::uint32_t>();
  const Json uid = json.value("uid", Json(""));
  const Json text = json.value("url", Json());
  if (!uid.is_string() || !text.is_string()) return fail("it needs a url, and a uid is a string");
  endpoint.uid = uid.get<std::string>();
  auto url = parse_websocket_url(text.get<std::string>());
  if (!url) return tl::unexpected(url.error());
  endpoint.url = std::move(*url);
  if (!is_address(endpoint.url.host)) {
    return fail(fmt::format("'{}' is no numeric address", endpoint.url.host));
  }
  return endpoint;
}

}  // namespace

Result<std::vector<ListedEndpoint>> parse_endpoint_list(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return fail("it is no JSON");
  const Json list = json.is_object() ? json.value("endpoints", Json()) : Json();
  if (!list.is_array()) return fail("it has no list 'endpoints'");
  std::vector<ListedEndpoint> endpoints;
  for (const Json& entry : list) {
    auto endpoint = read_endpoint(entry);
    if (!endpoint) {
      return fail(fmt::format("endpoints[{}]: {}", endpoints.size(), endpoint.error().message));
    }
    endpoints.push_back(std::move(*endpoint));
  }
  const auto by_id = [](const ListedEndpoint& a, const ListedEndpoint& b) { return a.id < b.id; };
  std::sort(endpoints.begin(), endpoints.end(), by_id);
  const auto twice = std::adjacent_find(
      endpoints.begin(), endpoints.end(),
      [](const ListedEndpoint& a, const ListedEndpoint& b) { return a.id == b.id; });
  if (twice != endpoints.end()) return fail(fmt::format("two endpoints have the id {}", twice->id));
  return endpoints;
}

}  // namespace wsfleet
