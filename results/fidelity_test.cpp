// SPDX-License-Identifier: Apache-2.0
#include "results/fidelity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "build_paths/source_dir.h"
#include "results/files.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

FidelitySide side(std::vector<double> connections, std::int64_t sessions = 100) {
  FidelitySide side;
  side.summary.scenario = "small";
  side.summary.policy = "hpa";
  side.summary.backend = "local";
  side.summary.scores = {{"refused_share", 0.25}, {"time_to_connect_p99_s", kInfinity}};
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
  const auto results = evaluate({*condition}, fidelity_measures(apart));
  EXPECT_FALSE(all_met(results));
  EXPECT_THAT(fidelity_text(apart, results, false), HasSubstr("missed  connections_mad_percent"));
  const auto unknown = parse_fidelity_condition("connection_mad<1");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, ErrorKind::usage);
  EXPECT_THAT(unknown.error().message, HasSubstr("did you mean 'connections_mad'?"));
  EXPECT_FALSE(parse_fidelity_condition("connections_mad").has_value());
  EXPECT_FALSE(parse_fidelity_condition("connections_mad<ten").has_value());
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
