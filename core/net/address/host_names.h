// SPDX-License-Identifier: Apache-2.0
#pragma once
// Host names to addresses, by the system's resolver, with a deadline that it does not have itself.
// Thread-safe. A lookup that is given up goes on in the background until the resolver ends it.

#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

/// The numeric addresses of `host` in the order in which to try them, at least one. A numeric
/// address is its own answer, at once. An Error (unavailable) names the host and what is wrong.
Result<std::vector<std::string>> host_addresses(const std::string& host, TimeNs timeout);

/// A name that the resolver may be asked for, or a numeric address.
bool is_host(const std::string& host);

}  // namespace wsfleet
