// SPDX-License-Identifier: Apache-2.0
#include "results/fidelity/fidelity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "build_paths/source_dir.h"
#include "results/record/files.h"

namespace wsfleet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr double kInfinite = std::numeric_limits<double>::infinity();

FidelitySide side(std::vector<double> connections, std::int64_t sessions = 100) {
  FidelitySide side;
  side.summary.scenario = "small";
  side.summary.policy = "hpa";
  side.summary.backend = "local";
  side.summary.scores = {{"refused_share", 0.25}, {"time_to_connect_p99_s", kInfinite}};
  side.figures.sessions_begun = sessions;
  side.figures.session_digest = 7;
  side.series.columns = {"time_s", "spec_replicas", "ready_replicas", "connections"};
  side.series.values.resize(4);
  for (std::size_t i = 0; i < connections.size(); ++i) {
    side.series.values[0].push_back(15 * static_cast<double>(i + 1));
    side.series.values[1].push_back(2);
    side.series.values[2].push_back(0);
    side.series.values[3].push_back(connections[i]);
  }
  return side;
}

double measure(const Fidelity& fidelity, const std::string& name) {
  return score_value(fidelity_measures(fidelity), name).value();
}

TEST(Fidelity, ARunHasNoDifferenceToItself) {
  const Fidelity same = build_fidelity(side({10, 20}), side({10, 20}));
  EXPECT_TRUE(same.same_sessions);
  EXPECT_THAT(same.notices, IsEmpty());
  for (const char* name :
       {"connections_mad", "connections_mad_percent", "ready_replicas_mad_percent",
        "time_to_connect_p99_s_difference", "refused_share_difference"}) {
    EXPECT_EQ(measure(same, name), 0) << name;
  }
  EXPECT_EQ(measure(same, "session_digest_same"), 1);
}

TEST(Fidelity, MeasuresMeanAbsoluteDifferences) {
  const Fidelity apart = build_fidelity(side({10, 30}), side({14, 24}));
  EXPECT_EQ(measure(apart, "connections_mad"), 5);
  EXPECT_EQ(measure(apart, "connections_mad_percent"), 25);
  EXPECT_EQ(apart.series[2].live_mean, 20);
  EXPECT_EQ(apart.series[2].simulated_mean, 19);
  EXPECT_EQ(measure(apart, "spec_replicas_mad"), 0);
}

TEST(Fidelity, ComparesWhatBothHave) {
  FidelitySide stopped = side({10, 30});
  stopped.series.values[0][1] = 22;  // the last interval was cut short
  stopped.summary.stopped = true;
  const Fidelity fidelity = build_fidelity(stopped, side({13, 24, 50}));
  ASSERT_EQ(fidelity.rows.size(), 1U);
  EXPECT_EQ(measure(fidelity, "connections_mad"), 3);
  ASSERT_EQ(fidelity.notices.size(), 1U);
  EXPECT_THAT(fidelity.notices[0], HasSubstr("stopped"));
}

TEST(Fidelity, WithoutAnythingInCommonNothingIsMeasured) {
  const Fidelity fidelity = build_fidelity(side({}), side({1}));
  EXPECT_TRUE(std::isnan(measure(fidelity, "connections_mad")));
  EXPECT_TRUE(std::isnan(measure(fidelity, "connections_mad_percent")));
  EXPECT_THAT(fidelity_text(fidelity, {}, false), HasSubstr("no scrape interval"));
}

TEST(Fidelity, ADifferenceToNothingHasNoPercentage) {
  const Fidelity fidelity = build_fidelity(side({0, 0}), side({1, 1}));
  EXPECT_EQ(measure(fidelity, "connections_mad"), 1);
  EXPECT_TRUE(std::isnan(measure(fidelity, "connections_mad_percent")));
}

TEST(Fidelity, OtherSessionsAreTold) {
  FidelitySide live = side({10}, 99);
  live.figures.session_digest = 8;
  live.figures.start_lateness_p99_s = 0.5;
  const Fidelity fidelity = build_fidelity(live, side({10}));
  EXPECT_FALSE(fidelity.same_sessions);
  EXPECT_EQ(measure(fidelity, "sessions_difference"), -1);
  const std::string text = fidelity_text(fidelity, {}, false);
  EXPECT_THAT(text, HasSubstr("Sessions differ: 99 live (digest 0x0000000000000008)"));
  EXPECT_THAT(text, HasSubstr("at most 500 ms late"));
  EXPECT_EQ(fidelity.notices.size(), 2U);
}

TEST(Fidelity, ALongRunIsShownInAboutTwentyRows) {
  std::vector<double> connections(1000, 5);
  connections.back() = 123;
  const std::string text =
      fidelity_text(build_fidelity(side(connections), side(connections)), {}, false);
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 60);
  EXPECT_THAT(text, HasSubstr("123"));
}

TEST(Fidelity, ConditionsNameTheirMeasure) {
  const auto condition = parse_fidelity_condition("connections_mad_percent < 10");
  ASSERT_TRUE(condition.has_value()) << condition.error().message;
  const Fidelity apart = build_fidelity(side({10, 30}), side({14, 24}));
  const auto checks = check_fidelity(apart, {*condition});
  EXPECT_FALSE(all_met(checks));
  EXPECT_THAT(fidelity_text(apart, checks, false),
              HasSubstr("missed  connections_mad_percent < 10  (it is 25: 15 beyond)"));
  const auto unknown = parse_fidelity_condition("connection_mad<1");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, ErrorKind::usage);
  EXPECT_THAT(unknown.error().message, HasSubstr("did you mean 'connections_mad'?"));
  EXPECT_FALSE(parse_fidelity_condition("connections_mad").has_value());
  EXPECT_FALSE(parse_fidelity_condition("connections_mad<ten").has_value());
}

/// A run of twenty intervals with 2 pods, `connections` sockets and `moved` of them moved.
FidelitySide gated(double connections = 200, double moved = 50) {
  FidelitySide one = side(std::vector<double>(20, connections));
  one.summary.scores.push_back({"connections_moved_by_scaling", moved});
  return one;
}

std::vector<double>& column_of(FidelitySide& one, std::size_t index) {
  return one.series.values[index];
}

/// The measures whose bounds the pair misses.
std::vector<std::string> missed(const FidelitySide& live, const FidelitySide& simulated) {
  const Fidelity pair = build_fidelity(live, simulated);
  std::vector<std::string> names;
  for (const FidelityCheck& check : check_fidelity(pair, fidelity_gate(pair, {}))) {
    if (!check.met) names.push_back(check.condition.substr(0, check.condition.find(' ')));
  }
  return names;
}

TEST(FidelityGate, PassesWhatIsTheSame) { EXPECT_THAT(missed(gated(), gated()), IsEmpty()); }

TEST(FidelityGate, HoldsReplicasWithinHalfAPodOnAverage) {
  for (const auto& [index, measure] :
       {std::pair<std::size_t, std::string>{1, "spec_replicas_mad"}, {2, "ready_replicas_mad"}}) {
    FidelitySide live = gated();
    for (std::size_t i = 0; i < 10; ++i) column_of(live, index)[i] += 1;  // 0.5 on average
    EXPECT_THAT(missed(live, gated()), IsEmpty()) << measure;
    column_of(live, index)[10] -= 1;  // too few count as too many do
    EXPECT_THAT(missed(live, gated()), ElementsAre(measure));
  }
}

TEST(FidelityGate, HoldsConnectionsWithinFivePercentOfTheLiveMean) {
  EXPECT_THAT(missed(gated(200), gated(190)), IsEmpty());
  EXPECT_THAT(missed(gated(200), gated(210)), IsEmpty());
  EXPECT_THAT(missed(gated(200), gated(189)), ElementsAre("connections_mad_percent"));
  EXPECT_THAT(missed(gated(200), gated(211)), ElementsAre("connections_mad_percent"));
}

TEST(FidelityGate, HoldsSocketsMovedWithinTenPercentOrTenSockets) {
  EXPECT_THAT(missed(gated(200, 50), gated(200, 60)), IsEmpty());
  EXPECT_THAT(missed(gated(200, 50), gated(200, 39)),
              ElementsAre("connections_moved_by_scaling_apart"));
  EXPECT_THAT(missed(gated(200, 400), gated(200, 360)), IsEmpty());
  EXPECT_THAT(missed(gated(200, 400), gated(200, 441)),
              ElementsAre("connections_moved_by_scaling_apart"));
  EXPECT_THAT(missed(gated(200, 0), gated(200, 10)), IsEmpty());
}

TEST(FidelityGate, RefusedAttemptsAreNotItsConcern) {
  FidelitySide live = gated();
  live.summary.scores[0].value = 0.9;
  EXPECT_THAT(missed(live, gated()), IsEmpty());
}

TEST(FidelityGate, OtherSessionsAreAMiss) {
  FidelitySide other = gated();
  other.figures.session_digest = 8;
  EXPECT_THAT(missed(other, gated()), ElementsAre("session_digest_same"));
  FidelitySide silent = gated();
  silent.figures.session_digest = 0;
  EXPECT_THAT(missed(silent, silent), ElementsAre("session_digest_same"));
}

TEST(FidelityGate, WhatCanNotBeComparedIsAMiss) {
  FidelitySide one_null = gated();
  column_of(one_null, 3)[7] = std::nan("");
  EXPECT_THAT(missed(one_null, gated()), ElementsAre("connections_mad_percent"));
  FidelitySide no_column = gated();
  no_column.series.columns[1] = "other";
  EXPECT_THAT(missed(no_column, gated()), ElementsAre("spec_replicas_mad"));
  FidelitySide moved_unknown = gated();
  moved_unknown.summary.scores.pop_back();
  EXPECT_THAT(missed(moved_unknown, gated()), ElementsAre("connections_moved_by_scaling_apart"));
  EXPECT_THAT(missed(gated(200, std::nan("")), gated()),
              ElementsAre("connections_moved_by_scaling_apart"));
  EXPECT_THAT(missed(gated(0), gated(1)), ElementsAre("connections_mad_percent"));
}

TEST(FidelityGate, ARunThatIsTooShortIsAMiss) {
  FidelitySide stopped = gated();
  for (auto& values : stopped.series.values) values.pop_back();
  EXPECT_THAT(missed(stopped, gated()), ElementsAre("intervals_missing"));
  FidelitySide nothing = gated();
  for (auto& values : nothing.series.values) values.clear();
  EXPECT_THAT(missed(nothing, gated()),
              ElementsAre("intervals", "intervals_missing", "spec_replicas_mad",
                          "ready_replicas_mad", "connections_mad_percent"));
  FidelitySide brief = gated();
  for (auto& values : brief.series.values) values.resize(9);
  EXPECT_THAT(missed(brief, brief), ElementsAre("intervals"));
}

TEST(FidelityGate, AConditionOfOnesOwnTakesThePlaceOfItsBound) {
  const Fidelity pair = build_fidelity(gated(200), gated(180));
  const Expectation wider{"connections_mad_percent", Relation::less, 12};
  const Expectation other{"refused_share_difference", Relation::greater, 1};
  const auto conditions = fidelity_gate(pair, {wider, other});
  EXPECT_EQ(conditions.size(), fidelity_gate(pair, {}).size() + 1);
  const auto checks = check_fidelity(pair, conditions);
  EXPECT_FALSE(all_met(checks));
  for (const FidelityCheck& check : checks) {
    EXPECT_EQ(check.met, check.condition != "refused_share_difference > 1") << check.condition;
  }
}

TEST(FidelityGate, SaysByHowMuch) {
  const Fidelity pair = build_fidelity(gated(200), gated(180));
  const auto checks = check_fidelity(pair, fidelity_gate(pair, {}));
  const std::string text = fidelity_text(pair, checks, false);
  EXPECT_THAT(text, HasSubstr("missed  connections_mad_percent <= 5  (it is 10: 5 beyond)"));
  EXPECT_THAT(text, HasSubstr("met  spec_replicas_mad <= 0.5  (0)"));
  EXPECT_EQ(fidelity_json(pair, checks)["thresholds"][5]["missed_by"], 5);
  const Fidelity empty = build_fidelity(gated(), side({}));
  EXPECT_THAT(fidelity_text(empty, check_fidelity(empty, fidelity_gate(empty, {})), false),
              HasSubstr("missed  connections_mad_percent <= 5  (there is nothing to compare)"));
}

TEST(Fidelity, WhatTheSimulationWasGivenIsSaid) {
  FidelitySide live = side({10});
  EXPECT_THAT(fidelity_text(build_fidelity(live, side({10})), {}, false),
              Not(HasSubstr("Simulated with")));
  live.figures.surroundings = {.attempt_time_p50_s = 0.0015, .pod_ready_p50_s = 2};
  const Fidelity fidelity = build_fidelity(live, side({10}));
  EXPECT_THAT(fidelity_text(fidelity, {}, false),
              AllOf(HasSubstr("Simulated with what the live run met"),
                    HasSubstr("attempts open within 1.50 ms")));
  const auto json = fidelity_json(fidelity, {});
  EXPECT_EQ(json["surroundings"]["pod_ready_p50_s"], 2);
  EXPECT_TRUE(json["surroundings"]["endpoints_known_p50_s"].is_null());
}

TEST(Fidelity, EveryScoreExistsAndEveryKeyAndMeasureIsDocumented) {
  const Fidelity fidelity = build_fidelity(side({10}), side({10}));
  const std::string page =
      read_text_file(std::string(WSFLEET_SOURCE_DIR) + "/docs/formats/fidelity.md").value();
  const auto has = [&](const std::string& word) {
    return page.find("`" + word + "`") != std::string::npos;
  };
  for (const FidelityScore& score : fidelity.scores) {
    EXPECT_NE(find_score(score.name), nullptr) << score.name;
    EXPECT_TRUE(has(score.name)) << score.name;
  }
  for (const Score& each : fidelity_measures(fidelity)) {
    EXPECT_TRUE(has(each.name) || each.name.ends_with("_difference")) << each.name;
  }
  const auto json = fidelity_json(fidelity, {});
  for (const auto& [key, value] : json.items()) EXPECT_TRUE(has(key)) << key;
  EXPECT_EQ(json["scores"]["refused_share"]["live"], 0.25);
  EXPECT_TRUE(json["scores"]["time_to_connect_p99_s"]["live"].is_null());
  EXPECT_EQ(json["infinite_scores"]["simulated"][0], "time_to_connect_p99_s");
  EXPECT_EQ(json["rows"][0]["connections"]["simulated"], 10);
}

}  // namespace
}  // namespace wsfleet
