// SPDX-License-Identifier: Apache-2.0
#pragma once
// `--source-addresses`: lists and ranges of addresses to connect from. A source address has about
// 28,000 ports for each target; loopback has 16 million addresses. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace wsfleet {

/// "127.0.0.2,127.0.1.1-127.0.1.20": addresses one by one, at most 65,536 of them.
Result<std::vector<std::string>> parse_source_addresses(std::string_view text);

}  // namespace wsfleet
