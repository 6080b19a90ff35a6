// SPDX-License-Identifier: Apache-2.0
#include "results/summary/expectations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "results/objective/objective_section.h"

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

struct Read {
  std::vector<Expectation> expectations;
  std::string diagnostics;
};

Read read(const std::string& section) {
  TomlDocument document = TomlDocument::parse("[expect]\n" + section, "s.toml");
  TomlTable root = document.root();
  Read result;
  result.expectations = read_expectations(root.table("expect"));
  result.diagnostics = render(document.diagnostics());
  return result;
}

TEST(Expectations, EveryRelationHoldsWhereItShould) {
  struct Case {
    const char* condition;
    bool at_1, at_2, at_3;
  };
  for (const Case& each : {Case{"< 2", true, false, false}, Case{"<= 2", true, true, false},
                           Case{"== 2", false, true, false}, Case{">= 2", false, true, true},
                           Case{"> 2", false, false, true}, Case{"  <2 ", true, false, false}}) {
    const auto parsed = parse_expectation("reconnects", each.condition);
    ASSERT_TRUE(parsed.has_value()) << each.condition;
    const auto met = [&](double value) {
      return all_met(evaluate({*parsed}, {{"reconnects", value}}));
    };
    EXPECT_EQ(met(1), each.at_1) << each.condition;
    EXPECT_EQ(met(2), each.at_2) << each.condition;
    EXPECT_EQ(met(3), each.at_3) << each.condition;
  }
}

TEST(Expectations, InfiniteAndMissingValues) {
  const auto condition = parse_expectation("time_to_connect_p99_s", "< 10").value();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(evaluate({condition}, {{"time_to_connect_p99_s", kInfinity}})[0].met);
  const auto missing = evaluate({condition}, {});
  EXPECT_FALSE(missing[0].met);
  EXPECT_TRUE(std::isnan(missing[0].value));
  EXPECT_EQ(missing[0].condition, "time_to_connect_p99_s < 10");
  EXPECT_TRUE(all_met({}));
}

TEST(Expectations, ReadsTheSection) {
  const Read good = read("refused_share = \"< 0.01\"\nconnections_cut_by_scaling = \"== 0\"\n");
  EXPECT_EQ(good.diagnostics, "");
  ASSERT_EQ(good.expectations.size(), 2u);
  EXPECT_EQ(to_string(good.expectations[0]), "connections_cut_by_scaling == 0");  // as TOML sorts
  EXPECT_EQ(to_string(good.expectations[1]), "refused_share < 0.01");
}

TEST(Expectations, ReportsEveryMistakeWithItsPlace) {
  const Read bad = read(
      "refused_shar = \"< 0.01\"\npod_hours = \"cheap\"\nreconnects = \"< x\"\n"
      "sessions_lost = 3\njain_index_mean = \"\"\n");
  EXPECT_THAT(bad.diagnostics, HasSubstr("s.toml:2:"));
  EXPECT_THAT(bad.diagnostics, HasSubstr("unknown score 'refused_shar' in [expect]"));
  EXPECT_THAT(bad.diagnostics, HasSubstr("did you mean 'refused_share'?"));
  EXPECT_THAT(bad.diagnostics, HasSubstr("'cheap' is not a condition"));
  EXPECT_THAT(bad.diagnostics, HasSubstr("'x' is not a number to compare reconnects with"));
  EXPECT_THAT(bad.diagnostics, HasSubstr("'expect.sessions_lost' must be a string"));
  EXPECT_THAT(bad.diagnostics, HasSubstr("'' is not a condition"));
}

TEST(ObjectiveSection, DefaultsComeFromTheOtherSections) {
  TomlDocument document = TomlDocument::parse("a = 1\n", "s.toml");
  const Objective objective =
      read_objective(document.root().table("objective"),
                     {.max_connections = 500, .min_replicas = 3, .cores_per_pod = 0.5});
  EXPECT_EQ(objective.connections_per_pod, 400);
  EXPECT_EQ(objective.time_to_connect, kSecond);
  EXPECT_EQ(objective.message_latency, 100 * kMillisecond);
  EXPECT_EQ(objective.min_replicas, 3);
  EXPECT_EQ(objective.cores_per_pod, 0.5);
  EXPECT_TRUE(document.diagnostics().empty());
  EXPECT_EQ(read_objective(document.root().table("objective"), {.max_connections = 1})
                .connections_per_pod,
            1);
}

TEST(ObjectiveSection, ReadsAndLimitsItsKeys) {
  TomlDocument good = TomlDocument::parse(
      "[objective]\nconnections_per_pod = 7\ntime_to_connect = \"2s\"\n"
      "message_latency = \"50ms\"\n",
      "s.toml");
  const Objective objective = read_objective(good.root().table("objective"), {});
  EXPECT_EQ(objective.connections_per_pod, 7);
  EXPECT_EQ(objective.time_to_connect, 2 * kSecond);
  EXPECT_EQ(objective.message_latency, 50 * kMillisecond);
  EXPECT_TRUE(good.diagnostics().empty());

  TomlDocument bad = TomlDocument::parse(
      "[objective]\nconnections_per_pod = 0\ntime_to_connect = \"0s\"\nlatency = \"1s\"\n",
      "s.toml");
  read_objective(bad.root().table("objective"), {});
  EXPECT_EQ(bad.diagnostics().size(), 3u) << render(bad.diagnostics());
}

TEST(Expectations, OneThatTheWorldCannotKnowIsAnErrorAndNeverMet) {
  const Expectation missed{"deliveries_missed_share", Relation::less, 0.17};
  const Expectation lost{"sessions_lost", Relation::equal, 0};
  const Scores scores = {
      {"deliveries_missed_share", std::numeric_limits<double>::quiet_NaN(), true},
      {"sessions_lost", 0}};
  const auto results = evaluate({missed, lost}, scores);
  EXPECT_FALSE(results[0].met);
  EXPECT_TRUE(results[0].unknown);
  EXPECT_TRUE(results[1].met);
  const auto error = unknown_conditions(results);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::failed);
  EXPECT_THAT(error->message, testing::HasSubstr("'deliveries_missed_share < 0.17'"));
  EXPECT_FALSE(unknown_conditions({results[1]}));
}

}  // namespace
}  // namespace wsfleet
