// SPDX-License-Identifier: Apache-2.0
#pragma once
// The arrows between the folders, as docs/architecture.md draws them: who may include whom, which
// library each outside header is private to, and which libraries CMake may link.

#include <string>
#include <vector>

#include "tests/source_tree.h"

namespace wsfleet {

/// True when files of folder `from` may include headers of folder `to`.
bool is_permitted(const std::string& from, const std::string& to);

/// #include lines against the arrows. Tests may reach everywhere but for the private libraries.
std::vector<Finding> include_findings(const SourceFile& file);

/// Calls in a CMakeLists.txt that link a library of the project, or SimGrid, against the arrows.
/// `files` are all CMakeLists.txt: they say which folder defines which library.
std::vector<Finding> link_findings(const std::vector<SourceFile>& files);

}  // namespace wsfleet
