// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/config/config_file.h"

#include <fstream>
#include <iterator>

namespace wsfleet {

std::optional<std::string> ConfigFile::changed() {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad() || text == seen_) return std::nullopt;
  seen_ = text;
  return text;
}

}  // namespace wsfleet
