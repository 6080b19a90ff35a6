// SPDX-License-Identifier: Apache-2.0
#pragma once
// The manifests as kubectl renders them, for tests: YAML read into JSON, objects by kind and name.

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace wsfleet {

/// Objects of a file with several YAML documents, by "Kind/name". What depends on the version of
/// kubectl and means nothing is evened out: the order of objects, and of list items with a name.
using Objects = std::map<std::string, nlohmann::json>;
Objects objects_of(const std::string& yaml);

/// `kubectl kustomize` of an overlay; fails the test when kubectl does.
std::string render(const std::string& overlay);

/// The text of a file of the source tree.
std::string source_text(const std::string& path);

}  // namespace wsfleet
