// SPDX-License-Identifier: Apache-2.0
#pragma once
// The scaler's file as it is, looked at again and again: a ConfigMap's mount changes by the swap of
// a symbolic link, which its times do not tell; its content does. One caller at a time.

#include <optional>
#include <string>

#include "core/result.h"

namespace wsfleet {

class ConfigFile {
 public:
  explicit ConfigFile(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  /// The content when it is another one than last time; the first time always. A file that can't be
  /// read (in the middle of a swap) is as it was.
  std::optional<std::string> changed();

 private:
  const std::string path_;
  std::optional<std::string> seen_;
};

}  // namespace wsfleet
