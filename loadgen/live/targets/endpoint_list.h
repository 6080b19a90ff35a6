// SPDX-License-Identifier: Apache-2.0
#pragma once
// The file of `--targets-file`: the endpoints of a fleet that changes while the load goes on, as
// JSON. docs/formats/loadgen.md describes it. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/net/address/websocket_url.h"
#include "core/result.h"

namespace wsfleet {

struct ListedEndpoint {
  std::uint32_t id = 0;  // small and dense: 0, 1, 2, ...
  std::string uid;       // of the pod; another uid under the same id is another pod
  WebSocketUrl url;      // its host is an address
};

inline constexpr std::uint32_t kMostEndpointIds = 65'536;

/// Sorted by id. An error says what is wrong with the text.
Result<std::vector<ListedEndpoint>> parse_endpoint_list(std::string_view text);

}  // namespace wsfleet
