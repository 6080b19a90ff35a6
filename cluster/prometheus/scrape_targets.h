// SPDX-License-Identifier: Apache-2.0
#pragma once
// What Prometheus says of its targets (/api/v1/targets): how often it scrapes the fleet's servers.
// Pure.

#include <optional>
#include <string>

#include "core/time.h"

namespace wsfleet {

/// Of the active targets with the labels `namespace` and `uid`, as the servers' have; nothing where
/// there is none or the answer does not say (before Prometheus 2.26). The longest, if they differ.
std::optional<TimeNs> servers_scrape_interval(const std::string& answer,
                                              const std::string& name_space);

}  // namespace wsfleet
