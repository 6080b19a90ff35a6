// SPDX-License-Identifier: Apache-2.0
// The TOML reader when all is well: every reader's value and default, tables, arrays, overrides'
// neighbours (known_keys, text). Mistakes are in toml_errors_test.cpp.
#include "core/toml/toml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "core/toml/testing/parsed.h"

namespace wsfleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

enum class Mode { at_once, paced };

TEST(TomlReader, ReadsEveryKind) {
  TomlDocument document = parse(R"(
count = 7
rate = 1.5
whole_rate = 3
tls = true
name = "flash-crowd"
grace = "1m30s"
memory = "256MiB"
image = 65536
mode = "paced"
mixed = [1, 2.5, 3]
)");
  TomlTable root = document.root();
  EXPECT_EQ(root.integer("count", 1), 7);
  EXPECT_EQ(root.number("rate", 1), 1.5);
  EXPECT_EQ(root.number("whole_rate", 1), 3.0);
  EXPECT_TRUE(root.boolean("tls", false));
  EXPECT_EQ(root.string("name", ""), "flash-crowd");
  EXPECT_EQ(root.duration("grace", kSecond), 90 * kSecond);
  EXPECT_EQ(root.bytes("memory", 1), 256 * 1024 * 1024);
  EXPECT_EQ(root.bytes("image", 1), 65536);
  EXPECT_EQ(root.choice("mode", "at_once", {"at_once", "paced"}), "paced");
  EXPECT_EQ(root.choice<Mode>("mode", Mode::at_once,
                              {{"at_once", Mode::at_once}, {"paced", Mode::paced}}),
            Mode::paced);
  EXPECT_THAT(root.numbers("mixed"), ElementsAre(1, 2.5, 3));
  root.finish();
  EXPECT_THAT(document.diagnostics(), IsEmpty()) << render(document.diagnostics());
}

TEST(TomlReader, AbsentKeysGiveTheDefault) {
  TomlDocument document = parse("format = 1");
  TomlTable root = document.root();
  EXPECT_EQ(root.integer("a", 7), 7);
  EXPECT_EQ(root.number("b", 1.5), 1.5);
  EXPECT_TRUE(root.boolean("c", true));
  EXPECT_EQ(root.string("d", "x"), "x");
  EXPECT_EQ(root.duration("e", 15 * kSecond), 15 * kSecond);
  EXPECT_EQ(root.bytes("f", 1024), 1024);
  EXPECT_EQ(root.choice("g", "paced", {"at_once", "paced"}), "paced");
  EXPECT_EQ(
      root.choice<Mode>("g", Mode::paced, {{"at_once", Mode::at_once}, {"paced", Mode::paced}}),
      Mode::paced);
  EXPECT_THAT(root.numbers("h"), IsEmpty());
  EXPECT_THAT(root.tables("i"), IsEmpty());
  // Defaults are the program's own: limits do not apply to them ("0 = none").
  EXPECT_EQ(root.integer("j", 0, {.min = 1}), 0);
  EXPECT_THAT(document.diagnostics(), IsEmpty());
}

TEST(TomlReader, AbsentTablesReadAsDefaultsAllTheWayDown) {
  TomlDocument document = parse("format = 1");
  TomlTable arrivals = document.root().table("workload").table("arrivals");
  EXPECT_FALSE(arrivals.present());
  EXPECT_FALSE(arrivals.has("shape"));
  EXPECT_THAT(arrivals.keys(), IsEmpty());
  EXPECT_EQ(arrivals.path(), "workload.arrivals");
  EXPECT_EQ(arrivals.string("shape", "constant"), "constant");
  arrivals.finish();
  EXPECT_THAT(document.diagnostics(), IsEmpty());
}

TEST(TomlReader, TablesInlineOrNotAreTheSame) {
  for (const std::string text : {"[server]\ndrain = { mode = \"paced\", over = \"30s\" }\n",
                                 "[server.drain]\nmode = \"paced\"\nover = \"30s\"\n",
                                 "server.drain.mode = \"paced\"\nserver.drain.over = \"30s\"\n"}) {
    TomlDocument document = parse(text);
    TomlTable root = document.root();
    TomlTable server = root.table("server");
    TomlTable drain = server.table("drain");
    EXPECT_TRUE(drain.present());
    EXPECT_TRUE(drain.has("over"));
    EXPECT_FALSE(drain.has("close_code"));
    EXPECT_THAT(drain.keys(), ElementsAre("mode", "over"));
    EXPECT_EQ(drain.path(), "server.drain");
    EXPECT_EQ(drain.string("mode", ""), "paced");
    EXPECT_EQ(drain.duration("over", 0), 30 * kSecond);
    drain.finish();
    server.finish();
    root.finish();
    EXPECT_THAT(document.diagnostics(), IsEmpty()) << text << render(document.diagnostics());
  }
}

TEST(TomlReader, ArraysOfTablesKeepTheirOrderAndNumber) {
  for (const std::string text : {"[[fault]]\nat = \"1m\"\n[[fault]]\nat = \"2m\"\n",
                                 "fault = [{ at = \"1m\" }, { at = \"2m\" }]\n"}) {
    TomlDocument document = parse(text);
    std::vector<TomlTable> faults = document.root().tables("fault");
    ASSERT_EQ(faults.size(), 2U);
    EXPECT_EQ(faults[0].path(), "fault[0]");
    EXPECT_EQ(faults[1].path(), "fault[1]");
    EXPECT_EQ(faults[0].duration("at", 0), kMinute);
    EXPECT_EQ(faults[1].duration("at", 0), 2 * kMinute);
    EXPECT_THAT(document.diagnostics(), IsEmpty());
  }
  TomlDocument empty = parse("fault = []");
  EXPECT_THAT(empty.root().tables("fault"), IsEmpty());
  EXPECT_THAT(empty.diagnostics(), IsEmpty());
}

TEST(TomlReader, LimitsIncludeTheirEndsUnlessExclusive) {
  TomlDocument document = parse("low = 1\nhigh = 9\nsome = 0.001\nzero = \"0s\"");
  TomlTable root = document.root();
  EXPECT_EQ(root.integer("low", 5, {.min = 1, .max = 9}), 1);
  EXPECT_EQ(root.integer("high", 5, {.min = 1, .max = 9}), 9);
  EXPECT_EQ(root.number("some", 5, {.min = 0, .exclusive_min = true}), 0.001);
  EXPECT_EQ(root.duration("zero", kSecond), 0);
  EXPECT_THAT(document.diagnostics(), IsEmpty());
}

TEST(TomlReader, TakesTheExtremesOfItsTypes) {
  TomlDocument document = parse(
      "a = -9223372036854775808\nb = 9223372036854775807\nc = 1e308\nd = \"106000d\"\n"
      "e = \"7TiB\"\nf = 0xff\ng = 1_000");
  TomlTable root = document.root();
  EXPECT_EQ(root.integer("a", 0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(root.integer("b", 0), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(root.number("c", 0), 1e308);
  EXPECT_EQ(root.duration("d", 0), 106'000 * 24 * kHour);
  EXPECT_EQ(root.bytes("e", 0), std::int64_t{7} << 40);
  EXPECT_EQ(root.integer("f", 0), 255);
  EXPECT_EQ(root.bytes("g", 0), 1000);
  EXPECT_THAT(document.diagnostics(), IsEmpty());
}

TEST(TomlReader, RequiredKeysAreReadLikeTheOthers) {
  TomlDocument document = parse("rate = 2\nat = \"5s\"\nname = \"x\"");
  TomlTable root = document.root();
  EXPECT_EQ(root.required_number("rate", {.min = 0}), 2);
  EXPECT_EQ(root.required_duration("at"), 5 * kSecond);
  EXPECT_EQ(root.required_string("name"), "x");
  root.finish();
  EXPECT_THAT(document.diagnostics(), IsEmpty());
}

TEST(TomlReader, AcceptedKeysAreKnownUnread) {
  TomlDocument document = parse("[policy.kpa]\nanything = { goes = 1 }\n[other]\nx = 1\n");
  TomlTable root = document.root();
  root.accept("policy");
  root.accept("other");
  root.finish();
  EXPECT_THAT(document.diagnostics(), IsEmpty());
}

TEST(TomlReader, KnowsWhichKeysWereAskedFor) {
  TomlDocument document = parse("[[fault]]\nat = \"1m\"\n[[fault]]\nat = \"2m\"\n");
  TomlTable root = document.root();
  root.integer("format", 1);
  for (TomlTable& fault : root.tables("fault")) {
    fault.duration("at", 0);
    fault.table("where").string("node", "");
  }
  root.table("workload").table("arrivals").number("peak", 0);  // absent keys count
  root.accept("policy");
  EXPECT_THAT(document.known_keys(),
              ElementsAre("fault", "fault[].at", "fault[].where", "fault[].where.node", "format",
                          "policy", "workload", "workload.arrivals", "workload.arrivals.peak"));
}

TEST(TomlReader, TextSaysTheSameAgain) {
  TomlDocument document = parse(R"(name = "a \"quoted\" name"
[workload.arrivals]
peak = 40.0
steps = [{ at = "0s", rate = 1 }, { at = "1m", rate = 2.5 }]
[[fault]]
kind = "pod_kill"
)");
  document.set("workload.arrivals.peak=50.5");
  TomlDocument again = parse(document.text());
  EXPECT_EQ(again.root().string("name", ""), "a \"quoted\" name");
  TomlTable arrivals = again.root().table("workload").table("arrivals");
  EXPECT_EQ(arrivals.number("peak", 0), 50.5);
  ASSERT_EQ(arrivals.tables("steps").size(), 2U);
  EXPECT_EQ(arrivals.tables("steps")[1].number("rate", 0), 2.5);
  EXPECT_EQ(again.root().tables("fault").at(0).string("kind", ""), "pod_kill");
  EXPECT_THAT(again.diagnostics(), IsEmpty());
  EXPECT_EQ(again.text(), document.text());
}

TEST(TomlReader, KeepsTheNameItWasGiven) {
  EXPECT_EQ(TomlDocument::parse("a = 1", "some/where.toml").name(), "some/where.toml");
}

TEST(ParseBytes, KnowsEveryUnit) {
  const std::vector<std::pair<std::string, std::int64_t>> cases{
      {"0", 0},
      {"1048576", 1 << 20},
      {"1B", 1},
      {"64KiB", 65536},
      {"256MiB", 256 << 20},
      {"16GiB", std::int64_t{16} << 30},
      {"2TiB", std::int64_t{2} << 40},
      {"1kB", 1000},
      {"1MB", 1'000'000},
      {"1GB", 1'000'000'000},
      {"1.5GiB", std::int64_t{3} << 29},
      {"0.5KiB", 512},
      {".5KiB", 512},
      {"9007199254740993", 9'007'199'254'740'993}};
  for (const auto& [text, bytes] : cases) {
    const Result<std::int64_t> parsed = parse_bytes(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(*parsed, bytes) << text;
  }
}

TEST(ParseBytes, RefusesGarbageAndQuotesIt) {
  const std::vector<std::string> garbage{"",       "KiB",
                                         "64 KiB", " 64KiB",
                                         "64kib",  "64K",
                                         "64M",    "-1",
                                         "-1KiB",  "+1",
                                         "1..5B",  "0x10",
                                         "nan",    "inf",
                                         "infB",   "1e400B",
                                         "9e18",   "9000000TiB",
                                         "1KiB1B", "64KiB ",
                                         "1,5GiB", "9223372036854775808"};
  for (const std::string& text : garbage) {
    const Result<std::int64_t> parsed = parse_bytes(text);
    ASSERT_FALSE(parsed.has_value()) << "'" << text << "' gave " << *parsed;
    EXPECT_EQ(parsed.error().kind, ErrorKind::configuration);
    EXPECT_EQ(parsed.error().message.rfind("'" + text + "' is not a size", 0), 0U);
  }
}

}  // namespace
}  // namespace wsfleet
