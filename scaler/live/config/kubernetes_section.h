// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads `[kubernetes]` of the scaler's file. Pure but for the diagnostics, which land in the
// table's document, and the variables that it is given.

#include "core/toml/toml_reader.h"
#include "scaler/live/config/scaler_config.h"

namespace wsfleet {

KubernetesSection read_kubernetes(TomlTable table, const Variables& variable);

/// "http://${PROMETHEUS_SERVICE_HOST}:9090" with the variables' values. An Error names one that is
/// not set, or a '${' without its end.
Result<std::string> expand_variables(std::string_view text, const Variables& variable);

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};
/// "http://host:port", "http://[::1]:9090"; port 80 where there is none, a '/' may end it.
Result<HostAndPort> parse_http_address(std::string_view text);

}  // namespace wsfleet
