// SPDX-License-Identifier: Apache-2.0
// Mutations of a valid scenario, always the same ones: whatever the text, reading it neither throws
// nor crashes, every diagnostic can be shown, and what was understood can be written and read
// again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/toml/toml_reader.h"

namespace wsfleet {
namespace {

const std::string kScenario = R"(format = 1
name = "flash-crowd"
description = "Some 22,000 sessions arrive within a quarter of an hour. \u00fc \t \"x\""
duration = "1h"
seed = 1
[workload]
source_addresses = 2_000       # clients behind the same address share it
[workload.arrivals]
shape = "steps"
base = 1.0
start = "10m"
steps = [{ at = "0s", rate = 1 }, { at = "5m", rate = 2.5e1 }]
weights = [1, 2.5, -3e-2, 0x10]
[workload.session]
length = { distribution = "lognormal", mean = "20m", sigma = 1.0 }
message_bytes = 200
[server]
tls = false
memory = "256MiB"
[[fault]]
at = "40m"
kind = 'pod_kill'
[[fault]]
at = "50m"
kind = """node_down"""
when = 2026-01-01T00:00:00Z
)";

// Each kind of reader on each kind of place.
void read_all(TomlDocument& document) {
  TomlTable root = document.root();
  root.integer("format", 1, {.min = 1, .max = 1});
  root.required_string("name");
  root.string("description", "");
  root.required_duration("duration");
  root.integer("seed", 1);
  TomlTable workload = root.table("workload");
  workload.integer("source_addresses", 1, {.min = 1});
  TomlTable arrivals = workload.table("arrivals");
  arrivals.choice("shape", "constant", {"constant", "steps", "flash"});
  arrivals.required_number("base", {.min = 0});
  arrivals.duration("start", 0);
  arrivals.numbers("weights");
  for (TomlTable& step : arrivals.tables("steps")) {
    step.required_duration("at");
    step.required_number("rate");
    step.finish();
  }
  arrivals.finish();
  TomlTable session = workload.table("session");
  session.table("length").number("sigma", 1, {.min = 0, .exclusive_min = true});
  session.bytes("message_bytes", 1);
  session.finish();
  workload.finish();
  TomlTable server = root.table("server");
  server.boolean("tls", false);
  server.bytes("memory", 1, {.min = 1});
  server.finish();
  for (TomlTable& fault : root.tables("fault")) {
    fault.required_duration("at");
    fault.string("kind", "");
    fault.accept("when");
    fault.finish();
  }
  root.finish();
}

// One to four edits: replace, insert or delete a byte, repeat or delete a stretch, insert a token,
// change a letter (mostly a misspelt key or word: right syntax).
std::string mutated(const RandomStream& random, std::uint64_t key) {
  static constexpr std::string_view kTokens[] = {
      "\"",         "'",           "\"\"\"",
      "'''",        "[",           "]",
      "[[",         "]]",          "{",
      "}",          "=",           ".",
      ",",          "\n",          "\r",
      "\t",         "#",           "\\",
      "\\u12",      "-",           "_",
      "inf",        "nan",         "1e999",
      "true",       "0x",          "\0",
      "\xff",       "\xc3",        "\xf0\x9f",
      "1979-05-27", "a.b.c=1\n",   "99999999999999999999",
      "[fault]\n",  "\xef\xbb\xbf"};
  std::string text = kScenario;
  std::uint32_t draw = 0;
  const auto below = [&](std::size_t bound) {
    return static_cast<std::size_t>(random.below(bound, key, draw++));
  };
  for (std::size_t edits = 1 + below(4); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = below(text.size());
    const std::size_t length = std::min(1 + below(40), text.size() - at);
    switch (below(10)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 2:
        text.erase(at, 1);
        break;
      case 3:
        text.insert(below(text.size()), text.substr(at, length));
        break;
      case 4:
        text.erase(at, length);
        break;
      case 5:
        text.insert(at, kTokens[below(std::size(kTokens))]);
        break;
      default:
        if (std::isalnum(static_cast<unsigned char>(text[at])) != 0) {
          text[at] = "0123456789abcdefghijklmnopqrstuvwxyz"[below(36)];
        }
    }
  }
  return text;
}

std::size_t lines_in(const std::string& text) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(TomlRobustness, TheScenarioItselfIsValid) {
  TomlDocument document = TomlDocument::parse(kScenario, "scenario.toml");
  read_all(document);
  const std::vector<Diagnostic> found = document.diagnostics();
  // `distribution` and `mean` are not asked for, but their table is never finished.
  EXPECT_TRUE(found.empty()) << render(found);
}

TEST(TomlRobustness, MutatedTextsAreReadOrRefusedInGoodOrder) {
  const RandomStream random(1, "toml_robustness_test");
  int refused_by_syntax = 0;
  int refused_by_readers = 0;
  for (std::uint64_t key = 0; key < 2000; ++key) {
    const std::string text = mutated(random, key);
    TomlDocument document = TomlDocument::parse(text, "scenario.toml");
    const bool syntax_is_right = document.diagnostics().empty();
    read_all(document);
    const std::vector<Diagnostic> found = document.diagnostics();
    if (!syntax_is_right) ++refused_by_syntax;
    if (syntax_is_right && !found.empty()) ++refused_by_readers;
    for (const Diagnostic& diagnostic : found) {
      ASSERT_FALSE(diagnostic.message.empty()) << text;
      ASSERT_LE(diagnostic.line, lines_in(text)) << text;
      ASSERT_FALSE(render(diagnostic).empty());
    }
    if (found.empty()) {
      TomlDocument again = TomlDocument::parse(document.text(), "again.toml");
      ASSERT_TRUE(again.diagnostics().empty()) << text << render(again.diagnostics());
      ASSERT_EQ(again.text(), document.text()) << text;
    }
  }
  // The mutations reach both kinds of refusal, and leave some texts valid.
  EXPECT_GT(refused_by_syntax, 500);
  EXPECT_GT(refused_by_readers, 200);
  EXPECT_LT(refused_by_syntax + refused_by_readers, 1950);
}

TEST(TomlRobustness, MutatedOverridesToo) {
  const std::vector<std::string> valid{"workload.arrivals.base=2.5", "fault.1.at=\"3m\"",
                                       "server={ tls = true }", "workload.arrivals.shape=flash",
                                       "workload.arrivals.weights=[1, 2]"};
  static constexpr std::string_view kBytes = "=..[]{}\"'#0 1ax\n\t\\\xff";
  const RandomStream random(2, "toml_robustness_test");
  TomlDocument document = TomlDocument::parse(kScenario, "scenario.toml");
  for (std::uint64_t key = 0; key < 2000; ++key) {
    if (key % 10 == 0) document = TomlDocument::parse(kScenario, "scenario.toml");
    std::string assignment = valid[random.below(valid.size(), key)];
    for (std::uint32_t edit = 1; edit <= 3; ++edit) {
      const char byte = kBytes[random.below(kBytes.size(), key, 3 * edit)];
      const std::size_t at = random.below(assignment.size(), key, 3 * edit + 1);
      if (random.below(2, key, 3 * edit + 2) == 0) {
        assignment[at] = byte;
      } else {
        assignment.insert(at, 1, byte);
      }
    }
    document.set(assignment);
    if (key % 10 == 9) {
      read_all(document);
      for (const Diagnostic& diagnostic : document.diagnostics()) {
        ASSERT_FALSE(render(diagnostic).empty());
      }
      TomlDocument again = TomlDocument::parse(document.text(), "again.toml");
      ASSERT_TRUE(again.diagnostics().empty()) << assignment << render(again.diagnostics());
    }
  }
}

TEST(TomlRobustness, DeepNestingIsRefused) {
  for (const auto& [open, close] : {std::pair{"[", "]"}, std::pair{"{ a = ", " }"}}) {
    std::string text = "a = ";
    for (int i = 0; i < 20'000; ++i) text += open;
    text += "1";
    for (int i = 0; i < 20'000; ++i) text += close;
    EXPECT_EQ(TomlDocument::parse(text, "scenario.toml").diagnostics().size(), 1U);
  }
}

}  // namespace
}  // namespace wsfleet
