// SPDX-License-Identifier: Apache-2.0
#pragma once
// The project's own files, as text, for the tests that look at the source tree as a whole.
// Generated and fetched folders (build, runs, node_modules, hidden ones but .ci) are left out, as
// .gitignore does. Git is not needed.

#include <string>
#include <string_view>
#include <vector>

namespace wsfleet {

struct SourceFile {
  std::string path;  // relative to the root, with '/'
  std::string text;

  std::string folder() const;     // "cluster" of "cluster/simulated/pod.cpp", "" in the root
  std::string name() const;       // "pod.cpp"
  std::string extension() const;  // ".cpp", "" where there is none
  std::vector<std::string_view> lines() const;
};

/// Something that a rule of the house forbids: "core/time.h:12: ..." reads as a compiler's message.
struct Finding {
  std::string path;
  std::size_t line = 0;  // from 1; 0 when it is about the whole file
  std::string message;
};

/// All text files of the project below `root`, sorted by path.
std::vector<SourceFile> read_source_tree(const std::string& root);

/// One finding a line, for an assertion's message.
std::string describe(const std::vector<Finding>& findings);

/// C++ sources and headers.
bool is_cpp(const SourceFile& file);
/// Files beside the code or in tests/ that only tests use.
bool is_test(const SourceFile& file);

inline bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

}  // namespace wsfleet
