// SPDX-License-Identifier: Apache-2.0
#include "tests/arrows.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

namespace wsfleet {
namespace {

const std::map<std::string, std::set<std::string>>& arrows() {
  static const std::map<std::string, std::set<std::string>> kArrows = {
      {"engine", {"cluster", "loadgen", "server", "scaler", "results", "core"}},
      {"cluster", {"loadgen", "server", "core"}},
      {"loadgen", {"core"}},
      {"server", {"core"}},
      {"scaler", {"core"}},
      {"results", {"core"}},
      {"core", {}},
  };
  return kArrows;
}

/// A header of a library that only files whose path starts with one of `owners` may include.
struct PrivateHeader {
  const char* start;
  std::vector<const char*> owners;
};

const std::vector<PrivateHeader>& private_headers() {
  static const std::vector<const char*> kNetwork = {
      "core/net/",
      "server/live/",
      "loadgen/agent/",
      "loadgen/live/",
      "cluster/kubernetes/api/api_transport",
      "cluster/kubernetes/testing/scripted_api_server",
      "cluster/local/"};
  static const std::vector<PrivateHeader> kHeaders = {
      {"simgrid/", {"cluster/simulated/"}},
      {"xbt/", {"cluster/simulated/"}},
      {"toml++/", {"core/toml/"}},
      {"toml.hpp", {"core/toml/"}},
      {"Random123/", {"core/random"}},
      {"spdlog/", {"core/log", "core/live/event_log"}},
      {"sqlite3.h", {"results/"}},
      {"CLI/",
       {"engine/", "cluster/kubernetes/endpoints/", "server/live/options/server_options",
        "loadgen/agent/", "loadgen/live/", "scaler/live/config/scaler_options"}},
      {"boost/", kNetwork},
      {"openssl/", {"core/net/", "server/live/", "loadgen/live/", "cluster/kubernetes/", "tests/"}},
      {"yaml-cpp/", {"cluster/kubernetes/access/kubeconfig", "tests/"}},
      {"prometheus/", {"server/live/", "loadgen/live/"}},
      {"hiredis/", {"server/live/redis/"}},
  };
  return kHeaders;
}

bool owns(const PrivateHeader& library, const std::string& path) {
  return std::any_of(library.owners.begin(), library.owners.end(), [&](const char* owner) {
    return path.compare(0, std::string_view(owner).size(), owner) == 0;
  });
}

std::string owners_text(const PrivateHeader& library) {
  std::string text;
  for (const char* owner : library.owners)
    text += (text.empty() ? "" : ", ") + std::string(owner) + "*";
  return text;
}

/// What would give a policy a clock or a way out: it is a function of its observations.
constexpr const char* kNotForPolicies[] = {"core/seam/seam.h",
                                           "core/log.h",
                                           "core/live/live_clock.h",
                                           "core/random.h",
                                           "core/live/entropy.h",
                                           "core/live/stop.h",
                                           "core/stopwatch.h",
                                           "core/live/event_log.h",
                                           "core/live/utc.h",
                                           "chrono",
                                           "ctime",
                                           "fstream",
                                           "iostream",
                                           "thread",
                                           "filesystem"};

/// The path between the quotes or angle brackets of an #include line.
std::optional<std::string> included(std::string_view line) {
  const std::size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string_view::npos || line[hash] != '#') return std::nullopt;
  const std::size_t word = line.find("include", hash);
  if (word == std::string_view::npos) return std::nullopt;
  const std::size_t open = line.find_first_of("<\"", word);
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t close = line.find_first_of(">\"", open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  return std::string(line.substr(open + 1, close - open - 1));
}

std::string arrow_text(const std::string& from, const std::string& to) {
  return "no arrow leads from " + from + "/ to " + to + "/ (docs/architecture.md)";
}

std::string folder_of(const std::string& path) { return path.substr(0, path.find('/')); }

/// The folder below the root's folders: "cluster/balancers" of "cluster/balancers/ewma.cpp".
std::string subfolder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

/// The worlds know nothing of each other, and the pure parts of cluster/ nothing of any: what two
/// of them need lies beside them.
bool reaches_into_a_world(const SourceFile& file, const std::string& header) {
  static const std::array kWorlds = {"cluster/simulated/", "cluster/local/", "cluster/kubernetes/"};
  return file.folder() == "cluster" && std::ranges::any_of(kWorlds, [&](const char* world) {
           return starts_with(header, world) && !starts_with(file.path, world);
         });
}

/// An executable's own main.cpp may use whatever it links; no library does, so no arrow turns
/// round.
bool brings_parts_together(const SourceFile& file) { return file.name() == "main.cpp"; }

struct CMakeCall {
  std::string name;
  std::vector<std::string> arguments;
};

/// The calls of a CMake file, comments left out; nested parentheses are not needed here.
std::vector<CMakeCall> cmake_calls(const SourceFile& file) {
  std::string text;
  for (const std::string_view line : file.lines()) {
    text += std::string(line.substr(0, line.find('#'))) + "\n";
  }
  std::vector<CMakeCall> calls;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = text.find('(', at);
    const std::size_t close = text.find(')', open);
    if (open == std::string::npos || close == std::string::npos) return calls;
    CMakeCall call;
    std::string word;
    for (const char c : text.substr(at, open - at)) {
      if (!std::isspace(static_cast<unsigned char>(c))) call.name += c;
    }
    for (const char c : text.substr(open + 1, close - open - 1) + " ") {
      if (!std::isspace(static_cast<unsigned char>(c))) {
        word += c;
      } else if (!word.empty()) {
        call.arguments.push_back(word);
        word.clear();
      }
    }
    calls.push_back(call);
    at = close + 1;
  }
}

/// The libraries that a call makes part of a library or program, with PUBLIC or PRIVATE among them.
std::vector<std::string> linked(const CMakeCall& call) {
  const auto& arguments = call.arguments;
  if (call.name == "target_link_libraries" && !arguments.empty()) {
    const std::string& target = arguments.front();
    if (target.find("_test") != std::string::npos) return {};
    return {arguments.begin() + 1, arguments.end()};
  }
  if (call.name != "wsfleet_library") return {};
  static const std::set<std::string> kKeywords = {"FOLDERS", "SOURCES", "TEST_SOURCES", "LINKS",
                                                  "TEST_LINKS"};
  std::vector<std::string> libraries;
  bool in_links = false;
  for (const std::string& argument : arguments) {
    if (kKeywords.count(argument) > 0) {
      in_links = argument == "LINKS";
    } else if (in_links) {
      libraries.push_back(argument);
    }
  }
  return libraries;
}

/// Executables link what they need: nothing links them.
std::set<std::string> executables(const std::vector<SourceFile>& files) {
  std::set<std::string> names;
  for (const SourceFile& file : files) {
    for (const CMakeCall& call : cmake_calls(file)) {
      if (call.name == "add_executable" && !call.arguments.empty()) {
        names.insert(call.arguments.front());
      }
    }
  }
  return names;
}

std::map<std::string, std::string> library_folders(const std::vector<SourceFile>& files) {
  std::map<std::string, std::string> folders;
  for (const SourceFile& file : files) {
    for (const CMakeCall& call : cmake_calls(file)) {
      if (call.arguments.empty()) continue;
      if (call.name == "wsfleet_library") {
        folders["wsfleet_" + call.arguments.front()] = file.folder();
      } else if (call.name == "add_library") {
        folders[call.arguments.front()] = file.folder();
      }
    }
  }
  return folders;
}

}  // namespace

bool is_permitted(const std::string& from, const std::string& to) {
  if (from == to || from == "tests") return true;
  const auto arrow = arrows().find(from);
  return arrow != arrows().end() && arrow->second.count(to) > 0;
}

std::vector<Finding> include_findings(const SourceFile& file) {
  std::vector<Finding> findings;
  if (!is_cpp(file)) return findings;
  if (file.folder() != "tests" && arrows().count(file.folder()) == 0) {
    return {{file.path, 0, "folder " + file.folder() + "/ is not in the map of folders"}};
  }
  const auto lines = file.lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto header = included(lines[i]);
    if (!header) continue;
    const auto report = [&](const std::string& message) {
      findings.push_back({file.path, i + 1, message});
    };
    for (const PrivateHeader& library : private_headers()) {
      if (starts_with(*header, library.start) && !owns(library, file.path)) {
        report("<" + *header + "> is private to " + owners_text(library));
      }
    }
    if (is_test(file)) continue;
    const std::string to = folder_of(*header);
    const bool is_across = arrows().count(to) > 0 && !brings_parts_together(file);
    if ((is_across || to == "tests") && !is_permitted(file.folder(), to)) {
      report(arrow_text(file.folder(), to));
    }
    if (reaches_into_a_world(file, *header)) {
      report("only engine/ and the world itself may know of it: what two need lies beside them");
    }
    const bool is_policy = subfolder_of(file.path) == "scaler/policies";
    if (is_policy && std::find(std::begin(kNotForPolicies), std::end(kNotForPolicies), *header) !=
                         std::end(kNotForPolicies)) {
      report("a policy has no clock and no input or output: <" + *header + ">");
    }
  }
  return findings;
}

std::vector<Finding> link_findings(const std::vector<SourceFile>& files) {
  const auto folders = library_folders(files);
  const auto programs = executables(files);
  std::vector<Finding> findings;
  for (const SourceFile& file : files) {
    if (file.folder() == "tests") continue;
    for (const CMakeCall& call : cmake_calls(file)) {
      const bool is_program = !call.arguments.empty() && programs.count(call.arguments.front()) > 0;
      std::string visibility;
      for (const std::string& library : linked(call)) {
        if (library == "PUBLIC" || library == "PRIVATE" || library == "INTERFACE") {
          visibility = library;
          continue;
        }
        if (library == "PkgConfig::SIMGRID" &&
            (file.folder() != "cluster" || visibility != "PRIVATE")) {
          findings.push_back({file.path, 0, "SimGrid is linked in cluster/ only, as PRIVATE"});
        }
        const auto defined = folders.find(library);
        if (defined != folders.end() && !is_program &&
            !is_permitted(file.folder(), defined->second)) {
          findings.push_back({file.path, 0, arrow_text(file.folder(), defined->second)});
        }
      }
    }
  }
  return findings;
}

}  // namespace wsfleet
