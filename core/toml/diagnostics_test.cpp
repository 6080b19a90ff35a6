// SPDX-License-Identifier: Apache-2.0
// How a mistake is shown: place, source line, caret, hint; and which suggestion is made.
#include "core/toml/diagnostics.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

TEST(RenderDiagnostic, ShowsPlaceLineCaretAndHint) {
  EXPECT_EQ(render(Diagnostic{"scenario.toml", 3, 1, "unknown key 'targt'",
                              "did you mean 'target'?", "targt = 0.7"}),
            "scenario.toml:3:1: error: unknown key 'targt'\n"
            "   3 | targt = 0.7\n"
            "     | ^ did you mean 'target'?");
}

TEST(RenderDiagnostic, PutsTheCaretUnderTheColumn) {
  EXPECT_EQ(render(Diagnostic{"a.toml", 12, 5, "wrong", "", "a = \"x\""}),
            "a.toml:12:5: error: wrong\n"
            "  12 | a = \"x\"\n"
            "     |     ^");
}

TEST(RenderDiagnostic, WidensTheMarginForLongFiles) {
  EXPECT_EQ(render(Diagnostic{"a.toml", 123456, 1, "wrong", "", "a = 1"}),
            "a.toml:123456:1: error: wrong\n"
            "123456 | a = 1\n"
            "       | ^");
}

TEST(RenderDiagnostic, KeepsTabsSoThatTheCaretAligns) {
  EXPECT_EQ(render(Diagnostic{"a.toml", 1, 8, "wrong", "", "\tkey =\t1"}),
            "a.toml:1:8: error: wrong\n"
            "   1 | \tkey =\t1\n"
            "     | \t     \t^");
}

TEST(RenderDiagnostic, CountsColumnsInCharactersNotBytes) {
  // 'ä' takes two bytes; the tab behind it is the tenth character.
  EXPECT_EQ(render(Diagnostic{"a.toml", 1, 11, "wrong", "", "k\xc3\xa4y = \"\xc3\xa4\"\t# x"}),
            "a.toml:1:11: error: wrong\n"
            "   1 | k\xc3\xa4y = \"\xc3\xa4\"\t# x\n"
            "     |          \t^");
}

TEST(RenderDiagnostic, TakesAColumnBeyondTheLine) {
  EXPECT_EQ(render(Diagnostic{"a.toml", 2, 6, "value expected", "", "a ="}),
            "a.toml:2:6: error: value expected\n"
            "   2 | a =\n"
            "     |      ^");
}

TEST(RenderDiagnostic, NeedsNeitherLineNorHint) {
  EXPECT_EQ(render(Diagnostic{"a.toml", 0, 0, "can't read the file", "Is a directory", ""}),
            "a.toml: error: can't read the file (Is a directory)");
  EXPECT_EQ(render(Diagnostic{"a.toml", 0, 0, "the file is empty", "", ""}),
            "a.toml: error: the file is empty");
  EXPECT_EQ(render(Diagnostic{"a.toml", 4, 2, "wrong", "", ""}), "a.toml:4:2: error: wrong");
}

TEST(RenderDiagnostic, JoinsSeveralByLines) {
  const Diagnostic one{"a.toml", 0, 0, "one", "", ""};
  const Diagnostic two{"a.toml", 0, 0, "two", "", ""};
  EXPECT_EQ(render(std::vector<Diagnostic>{one, two}), "a.toml: error: one\na.toml: error: two");
  EXPECT_EQ(render(std::vector<Diagnostic>{}), "");
}

TEST(ClosestMatch, FindsSlipsOfTheFinger) {
  const std::vector<std::string> keys{"base", "peak", "target_utilisation", "max_connections"};
  EXPECT_EQ(closest_match("target_utilisatoin", keys), "target_utilisation");
  EXPECT_EQ(closest_match("max_conections", keys), "max_connections");
  EXPECT_EQ(closest_match("maxconnections", keys), "max_connections");
  EXPECT_EQ(closest_match("peek", keys), "peak");
  EXPECT_EQ(closest_match("base", keys), "base");
}

TEST(ClosestMatch, PrefersTheNearerAndThenTheFirst) {
  EXPECT_EQ(closest_match("min_replica", {"max_replicas", "min_replicas"}), "min_replicas");
  EXPECT_EQ(closest_match("cat", {"car", "can"}), "car");
}

TEST(ClosestMatch, IsSilentWhenNothingIsClose) {
  EXPECT_EQ(closest_match("colour", {"base", "peak", "max_connections"}), std::nullopt);
  EXPECT_EQ(closest_match("x", {"a", "of"}), std::nullopt);
  EXPECT_EQ(closest_match("", {"at"}), std::nullopt);
  EXPECT_EQ(closest_match("base", {}), std::nullopt);
}

}  // namespace
}  // namespace wsfleet
