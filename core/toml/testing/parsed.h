// SPDX-License-Identifier: Apache-2.0
#pragma once
// For tests: a document of a text, under the name that their expected messages have.

#include <string>

#include "core/toml/toml_reader.h"

namespace wsfleet {

inline TomlDocument parse(const std::string& text) {
  return TomlDocument::parse(text, "scenario.toml");
}

}  // namespace wsfleet
