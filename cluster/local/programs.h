// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where the programs of a live run are: the project's own beside the running one, Debian's in PATH.
// What is missing is told at once, all of it, with the package that has it.

#include <string>

#include "core/result.h"

namespace wsfleet {

struct Programs {
  std::string server;   // wsfleet-server
  std::string loadgen;  // wsfleet-loadgen
  std::string prometheus;
  std::string redis;  // "" unless asked for
  std::string nginx;  // "" unless asked for
};

struct NeededPrograms {
  bool redis = false;
  bool nginx = false;
};

/// `own_directory` "" is where the running program is.
Result<Programs> find_programs(const NeededPrograms& needed, const std::string& own_directory = "");

}  // namespace wsfleet
