// SPDX-License-Identifier: Apache-2.0
#include "tests/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

bool is_left_out(const fs::path& directory) {
  static const std::set<std::string> kLeftOut = {"build", "runs", "node_modules"};
  const std::string name = directory.filename().string();
  if (name == ".ci") return false;
  return kLeftOut.count(name) > 0 || name.front() == '.';
}

bool is_text(const fs::path& file) {
  static const std::set<std::string> kExtensions = {
      ".h",   ".cpp",  ".md",  ".cmake", ".txt",  ".toml", ".sh",  ".py",  ".js", ".mjs",
      ".css", ".html", ".lua", ".json",  ".yaml", ".yml",  ".csv", ".svg", ""};
  return kExtensions.count(file.extension().string()) > 0 &&
         file.filename() != "package-lock.json" && file.filename().string().front() != '.';
}

std::string read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

std::string SourceFile::folder() const {
  const std::size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string SourceFile::name() const { return path.substr(path.rfind('/') + 1); }

std::string SourceFile::extension() const { return fs::path(path).extension().string(); }

std::vector<std::string_view> SourceFile::lines() const {
  std::vector<std::string_view> lines;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    lines.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return lines;
}

std::vector<SourceFile> read_source_tree(const std::string& root) {
  std::vector<SourceFile> files;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::end(entry); ++entry) {
    if (entry->is_directory()) {
      if (is_left_out(entry->path())) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || !is_text(entry->path())) continue;
    files.push_back({fs::relative(entry->path(), root).generic_string(), read_text(entry->path())});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::string describe(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.path;
    if (finding.line > 0) text += ":" + std::to_string(finding.line);
    text += ": " + finding.message + "\n";
  }
  return text;
}

bool is_cpp(const SourceFile& file) {
  return file.extension() == ".cpp" || file.extension() == ".h";
}

bool is_test(const SourceFile& file) {
  return file.folder() == "tests" || ends_with(file.path, "_test.cpp") ||
         ends_with(file.path, "_test.sh");
}

}  // namespace wsfleet
