// SPDX-License-Identifier: Apache-2.0
#include "cluster/ingress/ingress_admin.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string endpoints_json(const std::vector<IngressEndpoint>& endpoints) {
  Json list = Json::array();
  for (const IngressEndpoint& endpoint : endpoints) {
    list.push_back({{"id", endpoint.id},
                    {"uid", endpoint.uid},
                    {"address", endpoint.address},
                    {"port", endpoint.port}});
  }
  return Json{{"endpoints", list}}.dump();
}

std::string forget_json(EndpointId endpoint) { return Json{{"id", endpoint}}.dump(); }

Result<std::vector<EndpointCount>> parse_endpoint_counts(std::string_view json) {
  try {
    std::vector<EndpointCount> counts;
    const Json answer = Json::parse(json);
    for (const Json& entry : answer.at("endpoints")) {
      counts.push_back({.id = entry.at("id").get<EndpointId>(),
                        .uid = entry.at("uid").get<std::string>(),
                        .listed = entry.at("listed").get<bool>(),
                        .open = entry.at("open").get<std::int64_t>(),
                        .picked = entry.at("picked").get<std::int64_t>(),
                        .failed = entry.at("failed").get<std::int64_t>()});
    }
    return counts;
  } catch (const nlohmann::json::exception& error) {
    return fail(fmt::format("the ingress' counts can't be read: {}", error.what()));
  }
}

}  // namespace wsfleet
