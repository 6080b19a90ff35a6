// SPDX-License-Identifier: Apache-2.0
#pragma once
// For tests: the built `wsfleet` as its users meet it, with arguments, stdin, a directory of its
// own. One command at a time.

#include <sys/types.h>

#include <string>
#include <vector>

namespace wsfleet {

struct CommandResult {
  int status = -1;  // exit status; 128 + number when a signal ended it
  std::string out;
  std::string err;
};

/// A fresh directory that is removed with the object.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const;
  std::vector<std::string> names() const;  // sorted

 private:
  std::string path_;
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
