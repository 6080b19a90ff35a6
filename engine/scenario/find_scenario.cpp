// SPDX-License-Identifier: Apache-2.0
#include "engine/scenario/find_scenario.h"

#include <filesystem>
#include <set>
#include <system_error>

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

/// Relative to the current directory where that is shorter.
std::string short_path(const fs::path& path) {
  std::error_code error;
  const fs::path relative = fs::relative(path, error);
  if (error || relative.empty()) return path.string();
  const std::string canonical = fs::weakly_canonical(path, error).string();
  return relative.string().size() < canonical.size() ? relative.string() : canonical;
}

}  // namespace

std::vector<std::string> scenario_directories() {
  std::vector<fs::path> candidates = {"scenarios"};
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path bin = program.parent_path();
    candidates.push_back(bin / "../../../scenarios");          // build/release/bin
    candidates.push_back(bin / "../share/wsfleet/scenarios");  // installed
  }
  std::vector<std::string> directories;
  for (const fs::path& candidate : candidates) {
    if (fs::is_directory(candidate, error)) directories.push_back(candidate.string());
  }
  return directories;
}

std::string find_scenario(const std::string& name_or_path) {
  std::error_code error;
  const bool is_path = name_or_path.find('/') != std::string::npos;
  if (is_path || fs::is_regular_file(name_or_path, error)) return name_or_path;
  for (const std::string& directory : scenario_directories()) {
    for (const char* ending : {"", ".toml"}) {
      const fs::path path = fs::path(directory) / (name_or_path + ending);
      if (fs::is_regular_file(path, error)) return short_path(path);
    }
  }
  return name_or_path;
}

std::vector<std::string> bundled_scenarios() {
  std::set<std::string> names;
  for (const std::string& directory : scenario_directories()) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
      if (entry.path().extension() == ".toml") names.insert(entry.path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace wsfleet
