// SPDX-License-Identifier: Apache-2.0
#pragma once
// For tests: the built `wsfleet` as its users meet it, with arguments, stdin, a directory of its
// own. One command at a time.

#include <string>
#include <vector>

#include "core/testing/scratch_directory.h"

namespace wsfleet {

struct CommandResult {
  int status = -1;  // exit status; 128 + number when a signal ended it
  std::string out;
  std::string err;
};

/// Runs `wsfleet ARGUMENTS` in the directory.
CommandResult wsfleet(const ScratchDirectory& directory, const std::vector<std::string>& arguments,
                      const std::string& input = "");
/// The same, with a SIGINT (Ctrl-C) a moment after a file in the directory that is not
/// empty matches the pattern.
CommandResult wsfleet_interrupted(const ScratchDirectory& directory,
                                  const std::vector<std::string>& arguments,
                                  const std::string& when_exists);

}  // namespace wsfleet
