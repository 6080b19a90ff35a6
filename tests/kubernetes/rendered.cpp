// SPDX-License-Identifier: Apache-2.0
#include "tests/kubernetes/rendered.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "build_paths/source_dir.h"

namespace wsfleet {
namespace {

using nlohmann::json;

/// A plain scalar is a number, a boolean or null where it reads as one; quoted ones are texts.
json scalar_of(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  const json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_primitive() && !value.is_discarded() && !value.is_string() ? value : json(text);
}

bool all_named(const json& list) {
  return !list.empty() && std::all_of(list.begin(), list.end(), [](const json& item) {
    return item.is_object() && item.contains("name");
  });
}

json json_of(const YAML::Node& node) {
  if (node.IsScalar()) return scalar_of(node);
  if (node.IsMap()) {
    json object = json::object();
    for (const auto& entry : node) object[entry.first.Scalar()] = json_of(entry.second);
    return object;
  }
  if (!node.IsSequence()) return nullptr;
  json list = json::array();
  for (const auto& item : node) list.push_back(json_of(item));
  if (all_named(list)) {
    std::sort(list.begin(), list.end(), [](const json& a, const json& b) {
      return a.at("name").get<std::string>() < b.at("name").get<std::string>();
    });
  }
  return list;
}

}  // namespace

Objects objects_of(const std::string& yaml) {
  Objects objects;
  for (const YAML::Node& document : YAML::LoadAll(yaml)) {
    if (!document.IsMap()) continue;
    json object = json_of(document);
    const std::string key = object.at("kind").get<std::string>() + "/" +
                            object.at("metadata").at("name").get<std::string>();
    EXPECT_EQ(objects.count(key), 0U) << key << " is there twice";
    objects[key] = std::move(object);
  }
  return objects;
}

std::string render(const std::string& overlay) {
  const std::string command =
      "kubectl kustomize '" WSFLEET_SOURCE_DIR "/cluster/kubernetes/manifests/" + overlay + "'";
  FILE* output = popen(command.c_str(), "r");
  EXPECT_NE(output, nullptr);
  std::string text;
  char block[4096];
  for (std::size_t size = 1; size > 0;) {
    size = fread(block, 1, sizeof block, output);
    text.append(block, size);
  }
  EXPECT_EQ(pclose(output), 0) << command << " (Debian's kubectl is in kubernetes-client)";
  return text;
}

std::string source_text(const std::string& path) {
  std::ifstream file(WSFLEET_SOURCE_DIR "/" + path);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace wsfleet
