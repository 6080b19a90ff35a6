// SPDX-License-Identifier: Apache-2.0
#include "core/toml/scenario_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(ScenarioFormat, AnotherFormatAndNoneAreMistakes) {
  for (const auto& [text, what] : {std::pair{"seed = 1\n", "the file does not say its format"},
                                   std::pair{"format = 2\n", "this version reads format 1"},
                                   std::pair{"format = \"1\"\n", "must be a whole number"}}) {
    TomlDocument document = TomlDocument::parse(text, "s.toml");
    TomlTable root = document.root();
    check_format(root);
    EXPECT_THAT(render(document.diagnostics()), HasSubstr(what));
  }
}

TEST(ScenarioFormat, ReadersOfSomeKeysAcceptTheOthersAndNoMore) {
  std::string text = "own = 1\n";
  for (const std::string_view key : kScenarioKeys) text += std::string(key) + " = 1\n";
  TomlDocument document = TomlDocument::parse(text, "s.toml");
  TomlTable root = document.root();
  root.integer("own", 0);
  finish_scenario(root);
  EXPECT_THAT(render(document.diagnostics()), IsEmpty());

  TomlDocument misspelt = TomlDocument::parse("sede = 1\n", "s.toml");
  TomlTable other = misspelt.root();
  finish_scenario(other);
  EXPECT_THAT(render(misspelt.diagnostics()), HasSubstr("did you mean 'seed'?"));
}

}  // namespace
}  // namespace wsfleet
