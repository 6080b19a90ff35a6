// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/changes/object_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

namespace wsfleet {
namespace {

using nlohmann::json;
using Pointer = json::json_pointer;

std::optional<json> value_at(const json& object, const Pointer& pointer) {
  if (!object.contains(pointer)) return std::nullopt;
  return object.at(pointer);
}

std::optional<json> value_of(const json& part, const char* key) {
  const auto found = part.find(key);
  if (found == part.end()) return std::nullopt;
  return *found;
}

json set_operation(const json& object, const std::string& pointer, const std::optional<json>& to) {
  if (!to) return {{"op", "remove"}, {"path", pointer}};
  const bool is_there = object.contains(Pointer(pointer));
  return {{"op", is_there ? "replace" : "add"}, {"path", pointer}, {"value", *to}};
}

/// The server refuses the patch when the object has another version by then.
json version_operation(const json& object) {
  const Pointer version("/metadata/resourceVersion");
  return {{"op", "replace"}, {"path", version.to_string()}, {"value", object.at(version)}};
}

/// Lists of the same named things (containers, variables) are gone through; others are one value.
bool have_same_names(const json& before, const json& after) {
  if (!before.is_array() || !after.is_array()) return false;
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const json& one, const json& other) {
                      return one.is_object() && other.is_object() && one.contains("name") &&
                             other.contains("name") && one["name"] == other["name"];
                    });
}

struct Differences {
  json parts = json::array();
  json where = json::object();  // of the place that is looked at

  void find(const Pointer& at, const std::optional<json>& before,
            const std::optional<json>& after) {
    if (before == after) return;
    if (before && after && before->is_object() && after->is_object()) {
      std::set<std::string> keys;
      for (const auto& [key, value] : before->items()) keys.insert(key);
      for (const auto& [key, value] : after->items()) keys.insert(key);
      for (const std::string& key : keys)
        find(at / key, value_of(*before, key.c_str()), value_of(*after, key.c_str()));
      return;
    }
    if (before && after && have_same_names(*before, *after)) {
      for (std::size_t i = 0; i < before->size(); ++i) {
        const json outside = where;
        where[(at / i / "name").to_string()] = (*before)[i]["name"];
        find(at / i, (*before)[i], (*after)[i]);
        where = outside;
      }
      return;
    }
    json part = {{"pointer", at.to_string()}};
    if (before) part["before"] = *before;
    if (after) part["after"] = *after;
    if (!where.empty()) part["where"] = where;
    parts.push_back(std::move(part));
  }
};

bool is_where_it_was(const json& object, const json& part) {
  const json where = part.value("where", json::object());
  return std::all_of(where.items().begin(), where.items().end(), [&object](const auto& named) {
    return value_at(object, Pointer(named.key())) == named.value();
  });
}

std::string quoted(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '\'' ? "'\\''" : std::string(1, c);
  return "'" + safe + "'";
}

}  // namespace

json forward_patch(const json& object, const std::vector<WantedPart>& wanted) {
  json patch = json::array({version_operation(object)});
  for (const WantedPart& part : wanted) {
    patch.push_back(set_operation(object, part.pointer, part.value));
  }
  return patch;
}

json changed_parts(const json& before, const json& after, const std::vector<WantedPart>& wanted) {
  Differences differences;
  for (const WantedPart& part : wanted) {
    const Pointer at(part.pointer);
    if (!part.moves) {
      differences.find(at, value_at(before, at), value_at(after, at));
      continue;
    }
    json moving = {{"pointer", part.pointer}, {"moves", true}};
    if (const auto value = value_at(before, at)) moving["before"] = *value;
    if (const auto value = value_at(after, at)) moving["after"] = *value;
    differences.parts.push_back(std::move(moving));
  }
  return differences.parts;
}

bool has_landed(const json& object, const json& parts) {
  return std::any_of(parts.begin(), parts.end(), [&object](const json& part) {
    const auto after = value_of(part, "after");
    return after != value_of(part, "before") &&
           value_at(object, Pointer(part.value("pointer", ""))) == after;
  });
}

Undo undo_of(const json& object, const json& parts) {
  Undo undo;
  for (const json& part : parts) {
    const std::string pointer = part.value("pointer", "");
    const auto before = value_of(part, "before");
    const auto now = value_at(object, Pointer(pointer));
    const bool is_there = is_where_it_was(object, part);
    if (is_there && now == before) continue;
    const bool has_parent = object.contains(Pointer(pointer).parent_pointer());
    if (is_there && has_parent && (part.value("moves", false) || now == value_of(part, "after"))) {
      undo.patch.push_back(set_operation(object, pointer, before));
    } else {
      undo.others.push_back(pointer);
    }
  }
  if (!undo.patch.empty()) undo.patch.insert(undo.patch.begin(), version_operation(object));
  return undo;
}

std::string undo_by_hand(const std::string& path, const json& parts) {
  std::istringstream words(path.substr(path.find("/namespaces/") + 12));
  std::string name_space;
  std::string kind_and_name;
  std::getline(words, name_space, '/');
  std::getline(words, kind_and_name);
  json patch = json::array();
  for (const json& part : parts) {
    const auto before = value_of(part, "before");
    json operation = {{"op", before ? "add" : "remove"}, {"path", part.value("pointer", "")}};
    if (before) operation["value"] = *before;  // `add` replaces what is there
    patch.push_back(std::move(operation));
  }
  return fmt::format("kubectl -n {} patch {} --type=json -p {}", name_space, kind_and_name,
                     quoted(patch.dump()));
}

}  // namespace wsfleet
