// SPDX-License-Identifier: Apache-2.0
// The TOML reader when the user slipped: each message as it is shown, with its place, caret and
// suggestion; all of them at once; reading goes on with the default.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/toml/testing/parsed.h"
#include "core/toml/toml_reader.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The message of the one mistake that `read` finds in `text`, and its hint in brackets.
std::string mistake(const std::string& text, const std::function<void(TomlTable&)>& read) {
  TomlDocument document = parse(text);
  TomlTable root = document.root();
  read(root);
  const std::vector<Diagnostic> found = document.diagnostics();
  if (found.size() != 1) return std::to_string(found.size()) + " mistakes:\n" + render(found);
  EXPECT_EQ(found[0].line, 1U) << render(found);
  EXPECT_EQ(found[0].source_line, text);
  return found[0].hint.empty() ? found[0].message : found[0].message + " [" + found[0].hint + "]";
}

TEST(TomlErrors, UnknownKeyIsShownWithCaretAndSuggestion) {
  TomlDocument document = parse(
      "format = 1\n"
      "[policy.hpa]\n"
      "target_utilisatoin = 0.7\n");
  TomlTable root = document.root();
  root.integer("format", 1);
  TomlTable policy = root.table("policy");
  TomlTable hpa = policy.table("hpa");
  EXPECT_EQ(hpa.number("target_utilisation", 0.5), 0.5);
  hpa.finish();
  policy.finish();
  root.finish();
  EXPECT_EQ(render(document.diagnostics()),
            "scenario.toml:3:1: error: unknown key 'target_utilisatoin' in [policy.hpa]\n"
            "   3 | target_utilisatoin = 0.7\n"
            "     | ^ did you mean 'target_utilisation'?");
}

TEST(TomlErrors, AllAreShownAtOnceSortedByPlace) {
  TomlDocument document = parse(
      "duration = 3600\n"
      "sede = 1\n"
      "[server]\n"
      "max_connections = 0\n"
      "drain = { mode = \"pased\", over = \"30 s\" }\n"
      "\n"
      "[[fault]]\n"
      "kind = \"pod_kill\"\n"
      "[[fault]]\n"
      "at = true\n");
  TomlTable root = document.root();
  // Read in another order than the file's.
  for (TomlTable& fault : root.tables("fault")) {
    fault.required_duration("at");
    fault.string("kind", "");
    fault.finish();
  }
  TomlTable server = root.table("server");
  TomlTable drain = server.table("drain");
  drain.duration("over", 0);
  drain.choice("mode", "paced", {"at_once", "paced"});
  server.integer("max_connections", 1000, {.min = 1});
  root.integer("seed", 1);
  root.duration("duration", kHour);
  root.finish();
  EXPECT_EQ(
      render(document.diagnostics()),
      "scenario.toml:1:12: error: 'duration' must be a duration in quotes like \"15s\", not an "
      "integer\n"
      "   1 | duration = 3600\n"
      "     |            ^ did you mean \"3600s\"?\n"
      "scenario.toml:2:1: error: unknown key 'sede' in the top level\n"
      "   2 | sede = 1\n"
      "     | ^ did you mean 'seed'?\n"
      "scenario.toml:4:19: error: 'server.max_connections' must be at least 1, not 0\n"
      "   4 | max_connections = 0\n"
      "     |                   ^\n"
      "scenario.toml:5:18: error: 'server.drain.mode' must be one of at_once, paced, not 'pased'\n"
      "   5 | drain = { mode = \"pased\", over = \"30 s\" }\n"
      "     |                  ^ did you mean 'paced'?\n"
      "scenario.toml:5:34: error: 'server.drain.over': '30 s' is not a duration; write it as "
      "\"250ms\", \"15s\" or \"1h30m\" (units: ns, us, ms, s, m, h, d)\n"
      "   5 | drain = { mode = \"pased\", over = \"30 s\" }\n"
      "     |                                  ^\n"
      "scenario.toml:7:1: error: [fault[0]] needs 'at'\n"
      "   7 | [[fault]]\n"
      "     | ^\n"
      "scenario.toml:10:6: error: 'fault[1].at' must be a duration in quotes like \"15s\", not a "
      "boolean\n"
      "  10 | at = true\n"
      "     |      ^");
}

TEST(TomlErrors, WrongTypesSayWhatIsThere) {
  const auto integer = [](TomlTable& table) { EXPECT_EQ(table.integer("k", 7), 7); };
  EXPECT_EQ(mistake("k = 1.5", integer), "'k' must be a whole number, not a floating-point number");
  EXPECT_EQ(mistake("k = \"1\"", integer), "'k' must be a whole number, not a string");
  EXPECT_EQ(mistake("k = {}", integer), "'k' must be a whole number, not a table");
  EXPECT_EQ(mistake("k = [1]", integer), "'k' must be a whole number, not an array");
  EXPECT_EQ(mistake("k = 2026-01-01", integer), "'k' must be a whole number, not a date or time");
  const auto number = [](TomlTable& table) { EXPECT_EQ(table.number("k", 7), 7); };
  EXPECT_EQ(mistake("k = true", number), "'k' must be a number, not a boolean");
  EXPECT_EQ(mistake("k = inf", number), "'k' must be a finite number");
  EXPECT_EQ(mistake("k = nan", number), "'k' must be a finite number");
  const auto boolean = [](TomlTable& table) { EXPECT_TRUE(table.boolean("k", true)); };
  EXPECT_EQ(mistake("k = 0", boolean), "'k' must be true or false, not an integer");
  const auto string = [](TomlTable& table) { EXPECT_EQ(table.string("k", "x"), "x"); };
  EXPECT_EQ(mistake("k = 5", string), "'k' must be a string, not an integer");
  const auto bytes = [](TomlTable& table) { EXPECT_EQ(table.bytes("k", 7), 7); };
  EXPECT_EQ(mistake("k = 1.5", bytes),
            "'k' must be a size like 65536 or \"64KiB\", not a floating-point number");
  EXPECT_THAT(mistake("k = \"64 KB\"", bytes), HasSubstr("'k': '64 KB' is not a size; write it"));
  const auto choice = [](TomlTable& table) { EXPECT_EQ(table.choice("k", "a", {"a", "b"}), "a"); };
  EXPECT_EQ(mistake("k = 5", choice), "'k' must be one of a, b, not an integer");
  const auto table = [](TomlTable& root) { EXPECT_FALSE(root.table("k").present()); };
  EXPECT_EQ(mistake("k = 5", table), "'k' must be a table, not an integer");
  EXPECT_EQ(mistake("k = [{}]", table), "'k' must be a table, not an array");
  const auto tables = [](TomlTable& root) { EXPECT_THAT(root.tables("k"), IsEmpty()); };
  EXPECT_EQ(mistake("k = {}", tables), "'k' must be an array of tables, not a table");
  EXPECT_EQ(mistake("k = [1]", tables), "'k' must be an array of tables, not one of other values");
  const auto numbers = [](TomlTable& root) { EXPECT_THAT(root.numbers("k"), SizeIs(0)); };
  EXPECT_EQ(mistake("k = 5", numbers), "'k' must be an array of numbers, not an integer");
  EXPECT_EQ(mistake("k = [inf]", numbers), "'k' must hold finite numbers");
}

TEST(TomlErrors, DurationsWithoutQuotesGetThem) {
  const auto duration = [](TomlTable& table) { EXPECT_EQ(table.duration("k", 7), 7); };
  const std::string must = "'k' must be a duration in quotes like \"15s\", not ";
  EXPECT_EQ(mistake("k = 15", duration), must + "an integer [did you mean \"15s\"?]");
  EXPECT_EQ(mistake("k = 0.5", duration),
            must + "a floating-point number [did you mean \"0.5s\"?]");
  // No suggestion that would be wrong again.
  EXPECT_EQ(mistake("k = -15", duration), must + "an integer");
  EXPECT_EQ(mistake("k = 1e300", duration), must + "a floating-point number");
  EXPECT_EQ(mistake("k = nan", duration), must + "a floating-point number");
}

TEST(TomlErrors, ValuesOutOfLimitsSayTheLimit) {
  const auto integer = [](TomlTable& t) { EXPECT_EQ(t.integer("k", 5, {.min = 1, .max = 9}), 5); };
  EXPECT_EQ(mistake("k = 0", integer), "'k' must be at least 1, not 0");
  EXPECT_EQ(mistake("k = 10", integer), "'k' must be at most 9, not 10");
  const auto share = [](TomlTable& table) {
    EXPECT_EQ(table.number("k", 0.5, {.min = 0, .max = 1, .exclusive_min = true}), 0.5);
  };
  EXPECT_EQ(mistake("k = 0", share), "'k' must be over 0, not 0");
  EXPECT_EQ(mistake("k = -1.5", share), "'k' must be over 0, not -1.5");
  EXPECT_EQ(mistake("k = 1.0000001", share), "'k' must be at most 1, not 1.0000001");
  const auto duration = [](TomlTable& table) {
    EXPECT_EQ(table.duration("k", kMinute, {.min = kSecond, .max = kHour}), kMinute);
  };
  EXPECT_EQ(mistake("k = \"10ms\"", duration), "'k' must be at least 1s, not 10ms");
  EXPECT_EQ(mistake("k = \"90m\"", duration), "'k' must be at most 1h, not 1h30m");
  const auto bytes = [](TomlTable& t) { EXPECT_EQ(t.bytes("k", 5, {.min = 1, .max = 99}), 5); };
  EXPECT_EQ(mistake("k = \"1KiB\"", bytes), "'k' must be at most 99, not 1024");
  EXPECT_EQ(mistake("k = -1", bytes), "'k' must be at least 1, not -1");
}

TEST(TomlErrors, EveryBadElementOfAnArrayIsShown) {
  TomlDocument document = parse("k = [1, \"2\", 3, nan]");
  EXPECT_THAT(document.root().numbers("k"), testing::ElementsAre(1, 3));
  ASSERT_THAT(document.diagnostics(), SizeIs(2));
  EXPECT_EQ(document.diagnostics()[0].column, 9U);
  EXPECT_EQ(document.diagnostics()[1].column, 17U);
}

TEST(TomlErrors, MissingRequiredKeysPointAtTheirTable) {
  TomlDocument document = parse("name = \"x\"\n\n[workload.arrivals]\nshape = \"flash\"\n");
  TomlTable root = document.root();
  TomlTable arrivals = root.table("workload").table("arrivals");
  EXPECT_GE(arrivals.required_number("peak", {.min = 2}), 2);  // usable, whatever it is
  EXPECT_GE(arrivals.required_duration("rise"), 0);
  root.required_string("title");
  root.table("absent").required_string("key");
  EXPECT_EQ(render(document.diagnostics()),
            "scenario.toml: error: [absent] needs 'key'\n"
            "scenario.toml:1:1: error: the top level needs 'title'\n"
            "   1 | name = \"x\"\n"
            "     | ^\n"
            "scenario.toml:3:1: error: [workload.arrivals] needs 'peak'\n"
            "   3 | [workload.arrivals]\n"
            "     | ^\n"
            "scenario.toml:3:1: error: [workload.arrivals] needs 'rise'\n"
            "   3 | [workload.arrivals]\n"
            "     | ^");
}

TEST(TomlErrors, FoldersReportTheirOwnMistakesAtKeyOrTable) {
  TomlDocument document = parse("[scaler]\nmin_replicas = 5\n");
  TomlTable scaler = document.root().table("scaler");
  scaler.error("min_replicas", "more than max_replicas", "swap them");
  scaler.error("absent", "something is missing");
  document.root().table("nowhere").error("", "not even a table");
  const std::vector<Diagnostic> found = document.diagnostics();
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].line, 0U);
  EXPECT_EQ(render(found[1]),
            "scenario.toml:1:1: error: something is missing\n   1 | [scaler]\n     | ^");
  EXPECT_EQ(render(found[2]),
            "scenario.toml:2:16: error: more than max_replicas\n"
            "   2 | min_replicas = 5\n"
            "     |                ^ swap them");
}

TEST(TomlErrors, UnknownTablesAndNestedKeysAreFound) {
  TomlDocument document = parse("[sever]\nx = 1\n[server]\ny = { z = 1 }\n[[flaut]]\nat = 1\n");
  TomlTable root = document.root();
  TomlTable server = root.table("server");
  TomlTable inner = server.table("y");
  root.tables("fault");
  inner.finish();
  server.finish();
  root.finish();
  const std::string text = render(document.diagnostics());
  EXPECT_THAT(text, HasSubstr("scenario.toml:1:2: error: unknown key 'sever' in the top level"));
  EXPECT_THAT(text, HasSubstr("did you mean 'server'?"));
  EXPECT_THAT(text, HasSubstr("scenario.toml:4:7: error: unknown key 'z' in [server.y]"));
  EXPECT_THAT(text, HasSubstr("scenario.toml:5:3: error: unknown key 'flaut' in the top level"));
  EXPECT_THAT(document.diagnostics(), SizeIs(3));
}

}  // namespace
}  // namespace wsfleet
