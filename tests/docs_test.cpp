// SPDX-License-Identifier: Apache-2.0
// The documentation against the tree: links lead somewhere, every bundled scenario is described,
// and the list of Debian packages, CMake and the page of dependencies agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <sstream>

#include "build_paths/source_dir.h"
#include "tests/source_tree.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

std::set<std::string> known_paths(const std::vector<SourceFile>& files) {
  std::set<std::string> paths;
  for (const SourceFile& file : files) {
    for (fs::path path = file.path; !path.empty(); path = path.parent_path()) {
      paths.insert(path.generic_string());
    }
  }
  return paths;
}

/// The anchor that GitHub gives to a heading.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_') {
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (c == ' ') {
      anchor += '-';
    }
  }
  return anchor;
}

std::set<std::string> anchors_of(const SourceFile& file) {
  std::set<std::string> anchors;
  for (const std::string_view line : file.lines()) {
    const std::size_t text = line.find_first_not_of('#');
    if (text != std::string_view::npos && text > 0 && line[text] == ' ') {
      anchors.insert(anchor_of(line.substr(text + 1)));
    }
  }
  return anchors;
}

struct Link {
  std::size_t line;
  std::string target;
};

/// Targets of [text](target) outside of fenced code.
std::vector<Link> links_of(const SourceFile& file) {
  std::vector<Link> links;
  bool fenced = false;
  const auto lines = file.lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].substr(0, 3) == "```") fenced = !fenced;
    if (fenced) continue;
    for (std::size_t at = lines[i].find("]("); at != std::string_view::npos;
         at = lines[i].find("](", at + 2)) {
      const std::size_t end = lines[i].find(')', at);
      if (end == std::string_view::npos) break;
      links.push_back({i + 1, std::string(lines[i].substr(at + 2, end - at - 2))});
    }
  }
  return links;
}

std::vector<Finding> broken_links(const std::vector<SourceFile>& files) {
  const auto paths = known_paths(files);
  std::vector<Finding> findings;
  for (const SourceFile& file : files) {
    if (file.extension() != ".md") continue;
    for (const Link& link : links_of(file)) {
      if (link.target.find("://") != std::string::npos) continue;
      const std::size_t hash = link.target.find('#');
      const std::string relative = link.target.substr(0, hash);
      std::string path = file.path;
      if (!relative.empty()) {
        path = (fs::path(file.path).parent_path() / relative).lexically_normal().generic_string();
        if (!path.empty() && path.back() == '/') path.pop_back();
      }
      if (path != "." && paths.count(path) == 0) {
        findings.push_back({file.path, link.line, "the link to " + link.target + " leads nowhere"});
        continue;
      }
      if (hash == std::string::npos) continue;
      const auto target = std::find_if(files.begin(), files.end(),
                                       [&](const SourceFile& other) { return other.path == path; });
      if (target == files.end() || anchors_of(*target).count(link.target.substr(hash + 1)) == 0) {
        findings.push_back({file.path, link.line, "no heading for " + link.target});
      }
    }
  }
  return findings;
}

/// Scenarios whose file name no page mentions.
std::vector<Finding> undescribed_scenarios(const std::vector<SourceFile>& files) {
  std::vector<Finding> findings;
  for (const SourceFile& scenario : files) {
    if (scenario.folder() != "scenarios" || scenario.extension() != ".toml") continue;
    const bool described = std::any_of(files.begin(), files.end(), [&](const SourceFile& page) {
      return page.extension() == ".md" && page.text.find(scenario.name()) != std::string::npos;
    });
    if (!described) findings.push_back({scenario.path, 0, "no page of the docs mentions it"});
  }
  return findings;
}

std::string text_of(const std::vector<SourceFile>& files, const std::string& path) {
  for (const SourceFile& file : files) {
    if (file.path == path) return file.text;
  }
  ADD_FAILURE() << path << " is not there";
  return "";
}

struct Package {
  std::string name;
  std::string known_as;
};

std::vector<Package> listed_packages(const std::string& text) {
  std::vector<Package> packages;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string group;
    Package package;
    words >> group >> package.name >> package.known_as;
    packages.push_back(package);
  }
  return packages;
}

/// The first words of find_package( and pkg_check_modules( calls.
std::vector<std::string> found_by_cmake(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string call : {"find_package(", "pkg_check_modules("}) {
    for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
      const std::size_t start = at + call.size();
      names.push_back(text.substr(start, text.find_first_of(" )", start) - start));
    }
  }
  return names;
}

TEST(Docs, ALinkThatLeadsNowhereIsCaught) {
  const SourceFile page{"docs/a.md",
                        "# One two\n[b](b.md) [c](#one-two) [d](#three)\n"
                        "[e](../README.md#top) [f](https://example.org/x)\n"
                        "```\n[g](gone.md)\n```\n"};
  const SourceFile readme{"README.md", "# Top\n[docs](docs/)\n"};
  const auto findings = broken_links({readme, page});
  EXPECT_EQ(describe(findings),
            "docs/a.md:2: the link to b.md leads nowhere\n"
            "docs/a.md:2: no heading for #three\n");
}

TEST(Docs, AScenarioWithoutAPageIsCaught) {
  const SourceFile page{"docs/scenarios.md", "see steady.toml\n"};
  EXPECT_EQ(undescribed_scenarios({{"scenarios/steady.toml", ""}, page}).size(), 0U);
  EXPECT_EQ(undescribed_scenarios({{"scenarios/crowd.toml", ""}, page}).size(), 1U);
}

TEST(Docs, LinksLeadSomewhere) {
  const auto findings = broken_links(read_source_tree(WSFLEET_SOURCE_DIR));
  EXPECT_TRUE(findings.empty()) << describe(findings);
}

TEST(Docs, EveryBundledScenarioIsDescribed) {
  const auto findings = undescribed_scenarios(read_source_tree(WSFLEET_SOURCE_DIR));
  EXPECT_TRUE(findings.empty()) << describe(findings);
}

TEST(Docs, EveryPackageHasAReason) {
  const auto files = read_source_tree(WSFLEET_SOURCE_DIR);
  const auto packages = listed_packages(text_of(files, "cmake/debian-packages.txt"));
  const std::string page = text_of(files, "docs/dependencies.md");
  ASSERT_GT(packages.size(), 10U);
  for (const Package& package : packages) {
    EXPECT_NE(page.find("`" + package.name + "`"), std::string::npos)
        << package.name << " is not in docs/dependencies.md";
  }
}

TEST(Docs, WhatCMakeLooksForIsInstalledByDev) {
  const auto files = read_source_tree(WSFLEET_SOURCE_DIR);
  const auto packages = listed_packages(text_of(files, "cmake/debian-packages.txt"));
  const auto names = found_by_cmake(text_of(files, "cmake/dependencies.cmake"));
  ASSERT_GT(names.size(), 5U);
  for (const std::string& name : names) {
    if (name == "Threads") continue;  // part of the C library
    EXPECT_TRUE(std::any_of(packages.begin(), packages.end(),
                            [&](const Package& package) { return package.known_as == name; }))
        << "cmake/debian-packages.txt has no package that gives " << name;
  }
}

}  // namespace
}  // namespace wsfleet
