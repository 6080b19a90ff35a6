// SPDX-License-Identifier: Apache-2.0
#pragma once
// base64 as kubeconfigs and Secrets have it. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace wsfleet {

/// Nothing for what is no base64; white space is skipped.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace wsfleet
