// SPDX-License-Identifier: Apache-2.0
// Every key that a scenario may have, every verb and every long option is documented.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "build_paths/source_dir.h"
#include "engine/scenario/scenario.h"
#include "engine/testing/command.h"
#include "results/record/files.h"

namespace wsfleet {
namespace {

/// Keys that depend on others are asked for in turn.
std::vector<std::string> variants() {
  std::vector<std::string> texts = {
      "[[fault]]\nat = \"1m\"\nkind = \"node_down\"\nfor = \"1m\"\n",
      "[[fault]]\nat = \"1m\"\nkind = \"slow_start\"\n",
      "[policy.hpa]\nscale_up = { policies = [{ type = \"pods\" }] }\n"
      "scale_down = { policies = [{ type = \"pods\" }] }\n"};
  for (const char* shape : {"constant", "diurnal", "flash", "trace"}) {
    texts.push_back(std::string("[workload.arrivals]\nshape = \"") + shape + "\"\n");
  }
  texts.push_back("[workload.arrivals]\nshape = \"steps\"\nsteps = [{ at = \"0s\" }]\n");
  texts.push_back("[workload.arrivals]\nshape = \"spikes\"\nspikes = [{ peak = 2.0 }]\n");
  for (const char* distribution : {"lognormal", "pareto"}) {
    texts.push_back(std::string("[workload.session]\nlength = { distribution = \"") + distribution +
                    "\" }\n");
  }
  return texts;
}

std::set<std::string> known_keys() {
  std::set<std::string> keys;
  for (const std::string& text : variants()) {
    TomlDocument document = TomlDocument::parse(
        "format = 1\nname = \"trial\"\nduration = \"10m\"\n" + text, "trial.toml");
    const ScenarioLoad loaded = load_scenario(document, {});
    keys.merge(loaded.scenario.document.known_keys());
  }
  return keys;
}

std::string pages_in(const std::string& folder) {
  std::string text;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".md") text += read_text_file(entry.path().string()).value();
  }
  return text;
}

/// The last part in backticks, alone or as the head of "`key = ...`", or after a dot.
bool is_documented(const std::string& pages, const std::string& key) {
  const std::string last = key.substr(key.rfind('.') == key.npos ? 0 : key.rfind('.') + 1);
  for (const std::string before : {"`", ".", "[", "`["}) {
    for (const std::string after : {"`", " =", "]`", "]]`", "."}) {
      if (pages.find(before + last + after) != std::string::npos) return true;
    }
  }
  return false;
}

TEST(EngineDocs, EveryKeyOfAScenarioIsDocumented) {
  const std::string folder = WSFLEET_SOURCE_DIR "/docs/";
  const std::string pages = pages_in(folder + "formats") + pages_in(folder + "policies");
  const std::set<std::string> keys = known_keys();
  EXPECT_GT(keys.size(), 100U);
  for (const std::string& key : keys) EXPECT_TRUE(is_documented(pages, key)) << key;
  EXPECT_FALSE(is_documented(pages, "workload.no_such_key"));
}

/// The key or a table that it is in, below its section, in backticks.
bool has_a_source(const std::string& page, const std::string& key) {
  for (std::string name = key; name.find('.') != name.npos; name.resize(name.rfind('.'))) {
    if (page.find("`" + name + "`") != std::string::npos) return true;
  }
  return false;
}

// What a run on a cluster has from elsewhere than the scenario is a difference to its simulation.
TEST(EngineDocs, EverySettingOfARunOnAClusterHasItsSource) {
  const std::string page =
      read_text_file(WSFLEET_SOURCE_DIR "/docs/formats/kubernetes-run.md").value();
  const std::set<std::string> keys = known_keys();
  std::size_t settings = 0;
  for (const std::string& key : keys) {
    const std::string section = key.substr(0, key.find('.'));
    if (section == key) continue;
    if (section != "cluster" && section != "server" && section != "metrics") continue;
    const auto below = keys.lower_bound(key + ".");
    if (below != keys.end() && below->starts_with(key + ".")) continue;  // a table
    EXPECT_TRUE(has_a_source(page, key)) << key;
    ++settings;
  }
  EXPECT_GT(settings, 30U);
  EXPECT_FALSE(has_a_source(page, "server.no_such_key"));
}

TEST(EngineDocs, EveryVerbAndOptionIsDocumented) {
  const ScratchDirectory here;
  const std::string page =
      read_text_file(WSFLEET_SOURCE_DIR "/docs/formats/command-line.md").value();
  const std::string manual = read_text_file(WSFLEET_SOURCE_DIR "/docs/wsfleet.1").value();
  for (const std::string verb : {"init", "validate", "run", "compare", "sweep", "report",
                                 "fidelity", "decide", "policies", "completion"}) {
    EXPECT_NE(page.find("`" + verb), std::string::npos) << verb;
    EXPECT_NE(manual.find("\n.B wsfleet " + verb), std::string::npos) << verb;
    std::istringstream words(wsfleet(here, {verb, "--help"}).out);
    for (std::string word; words >> word;) {
      const std::size_t dashes = word.find("--");
      if (dashes == word.npos || word.size() < 4) continue;
      const std::string option = word.substr(dashes, word.find_first_of("=),.;", dashes) - dashes);
      if (option == "--help") continue;
      EXPECT_NE(page.find(option), std::string::npos) << verb << " " << option;
    }
  }
}

/// The lines of README.md's first block after `<!-- demo-output -->` that the program printed.
std::vector<std::string> lines_of_the_demo() {
  std::istringstream readme(read_text_file(WSFLEET_SOURCE_DIR "/README.md").value());
  std::vector<std::string> lines;
  bool marked = false;
  bool inside = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("<!-- demo-output")) marked = true;
    if (marked && line.starts_with("```")) {
      if (inside) break;
      inside = true;
      continue;
    }
    const bool others =
        line.empty() || line.starts_with("$") || line.starts_with("Report:") || line == "…";
    if (inside && !others) lines.push_back(line);
  }
  return lines;
}

// What ./dev demo runs; `…` stands for what the README leaves out.
TEST(EngineDocs, TheReadmeShowsWhatTheDemoPrints) {
  const std::vector<std::string> lines = lines_of_the_demo();
  ASSERT_GE(lines.size(), 10U);
  const ScratchDirectory here;
  const CommandResult demo =
      wsfleet(here, {"compare", WSFLEET_SOURCE_DIR "/scenarios/flash-crowd.toml", "--policies",
                     "original,hpa,oracle", "--seeds", "10", "-o", "demo"});
  ASSERT_EQ(demo.status, 0) << demo.err;
  for (const std::string& line : lines) {
    EXPECT_NE(demo.out.find(line + "\n"), std::string::npos)
        << "README.md has a line that the demo does not print:\n"
        << line << "\nIt prints:\n"
        << demo.out;
  }
}

}  // namespace
}  // namespace wsfleet
