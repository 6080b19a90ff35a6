// SPDX-License-Identifier: Apache-2.0
#pragma once
// The bodies of the live ingress' admin API (docs/formats/ingress.md). Pure: who sends them is
// another's business.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/balancers/balancer.h"
#include "core/result.h"

namespace wsfleet {

struct IngressEndpoint {
  EndpointId id = 0;
  std::string uid;      // letters, digits, '.', '_' and '-'
  std::string address;  // IPv4
  std::uint16_t port = 0;
};

/// What has become of a pod's connections so far.
struct EndpointCount {
  EndpointId id = 0;
  std::string uid;
  bool listed = false;
  std::int64_t open = 0;    // connections, and attempts under way
  std::int64_t picked = 0;  // tries that went to it
  std::int64_t failed = 0;  // those that got no answer: refused, timed out, cut off
  bool operator==(const EndpointCount&) const = default;
};

/// The body of PUT /endpoints.
std::string endpoints_json(const std::vector<IngressEndpoint>& endpoints);
/// The body of POST /forget.
std::string forget_json(EndpointId endpoint);
/// The answer to GET /endpoints.
Result<std::vector<EndpointCount>> parse_endpoint_counts(std::string_view json);

}  // namespace wsfleet
