// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads a policy's saved state: nlohmann's exceptions about missing and mistyped keys stop here and
// become an Error. For the policies' .cpp files only: it pulls in the whole of nlohmann/json.

#include <exception>
#include <nlohmann/json.hpp>
#include <string>

#include "core/result.h"

namespace wsfleet {

/// Calls `read(state)`, which takes what it needs by json::at() and changes the policy last, when
/// nothing can fail any more.
template <class Read>
Result<void> read_state(const std::string& policy, const nlohmann::json& state, Read read) {
  if (!state.is_object()) {
    return fail("state of policy '" + policy + "': must be an object, not " + state.type_name());
  }
  try {
    read(state);
  } catch (const std::exception& exception) {
    return fail("state of policy '" + policy + "': " + exception.what());
  }
  return {};
}

}  // namespace wsfleet
