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
#include "engine/scenario.h"
#include "engine/testing/command.h"
#include "results/files.h"

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

}  // namespace
}  // namespace wsfleet
