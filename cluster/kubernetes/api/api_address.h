// SPDX-License-Identifier: Apache-2.0
#pragma once
// The API server's address as a kubeconfig writes it, taken apart. TLS always: another scheme than
// https is no address. Pure.

#include <string>

#include "core/result.h"

namespace wsfleet {

struct ApiAddress {
  std::string host;  // without the brackets of an IPv6 address
  std::string port = "443";
  std::string path;  // in front of every request's; without a final '/', "" for none

  /// "host:port", as the Host header has it.
  std::string text() const;
};

/// "https://host:port/path". ErrorKind::configuration with the address in its words.
Result<ApiAddress> parse_api_address(const std::string& url);

}  // namespace wsfleet
