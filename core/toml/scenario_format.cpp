// SPDX-License-Identifier: Apache-2.0
#include "core/toml/scenario_format.h"

#include <fmt/format.h>

namespace wsfleet {

bool check_format(TomlTable& root) {
  if (!root.has("format")) {
    root.error("", "the file does not say its format", "write format = 1 at the top");
    return false;
  }
  const std::int64_t format = root.integer("format", kScenarioFormat);
  if (format == kScenarioFormat) return true;
  root.error("format", fmt::format("format {} is not known to this version", format),
             fmt::format("this version reads format {}", kScenarioFormat));
  return false;
}

void finish_scenario(TomlTable& root) {
  for (const std::string_view key : kScenarioKeys) root.accept(key);
  root.finish();
}

}  // namespace wsfleet
