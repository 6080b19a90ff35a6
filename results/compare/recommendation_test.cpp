// SPDX-License-Identifier: Apache-2.0
#include "results/compare/recommendation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/testing/sample_runs.h"

namespace wsfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Policy {
  const char* name;
  double violation_s, refused_share, cut, pod_hours;
};

// Ten seeds; `noise` shakes each policy's scores independently of the others'.
Recommendation recommend_from(const std::vector<Policy>& policies, int seeds = 10,
                              double noise = 0.02) {
  std::vector<RunSummary> runs;
  for (int seed = 1; seed <= seeds; ++seed) {
    for (std::size_t p = 0; p < policies.size(); ++p) {
      const auto& [name, violation_s, refused_share, cut, pod_hours] = policies[p];
      const int turn =
          (seed * (2 * static_cast<int>(p) + 3)) % 11;  // 0 to 10, in another order each
      const double shake = 1 + noise * (turn - 5) / 5.0;
      runs.push_back(run_with(name, static_cast<std::uint64_t>(seed),
                              service_scores(violation_s * shake, refused_share * shake,
                                             cut * shake, pod_hours * shake)));
    }
  }
  return recommend(build_comparison(runs).scenarios.at(0));
}

TEST(Recommendation, PoliciesWithWorseServiceDropOutHoweverCheap) {
  const auto result = recommend_from({{"original", 1500, 0.3, 3, 20}, {"hpa", 12, 0.001, 0, 41}});
  EXPECT_EQ(result.policy, "hpa");
  EXPECT_TRUE(result.separated);
  EXPECT_THAT(result.sentence, HasSubstr("Use hpa: "));
  EXPECT_THAT(result.sentence, HasSubstr("41"));
  EXPECT_THAT(result.sentence, HasSubstr("original has 1,503 s beyond the objective"));
  EXPECT_EQ(result.sentence.back(), '.');
}

TEST(Recommendation, AmongEqualServiceTheCheapestWins) {
  const auto result =
      recommend_from({{"a", 10, 0, 0, 60}, {"b", 10, 0, 0, 40}, {"c", 10, 0, 0, 50}});
  EXPECT_EQ(result.policy, "b");
  EXPECT_TRUE(result.separated);
  EXPECT_THAT(result.sentence, HasSubstr("a serves about as well and takes"));
}

TEST(Recommendation, CutsDecideAfterViolationAndRefusals) {
  const auto result = recommend_from({{"a", 10, 0, 4000, 40}, {"b", 10, 0, 0, 45}});
  EXPECT_EQ(result.policy, "b");
  EXPECT_THAT(result.sentence, HasSubstr("a has 4,"));
  EXPECT_THAT(result.sentence, HasSubstr("connections cut by scaling"));
}

TEST(Recommendation, DifferencesUnderAThousandthDecideNothing) {
  // 2 s of 3,000 and 10 of 20,000 sessions are significant here, and do not matter.
  const auto result = recommend_from({{"a", 5, 0.0005, 12, 40}, {"b", 3, 0, 2, 45}});
  EXPECT_EQ(result.policy, "a");
}

TEST(Recommendation, TheOracleIsNeverRecommended) {
  const auto result =
      recommend_from({{"oracle", 0, 0, 0, 30}, {"hpa", 12, 0, 0, 41}, {"kpa", 12, 0, 0, 55}});
  EXPECT_EQ(result.policy, "hpa");
  EXPECT_THAT(result.sentence, HasSubstr("the oracle, which knows the future, needs"));
  const auto alone =
      recommend_from({{"oracle", 0, 0, 0, 30}, {"oracle:lead_time=1m", 0, 0, 0, 31}});
  EXPECT_FALSE(alone.policy.has_value());
  EXPECT_THAT(alone.sentence, HasSubstr("Nothing to recommend"));
}

TEST(Recommendation, SaysSoWhenNothingSeparates) {
  const auto result = recommend_from({{"a", 10, 0, 0, 40}, {"b", 10, 0, 0, 40.2}}, 10, 0.2);
  EXPECT_FALSE(result.separated);
  EXPECT_THAT(result.sentence, HasSubstr("Nothing separates"));
  const auto same = recommend_from({{"a", 0, 0, 0, 40}, {"b", 0, 0, 0, 40}}, 10, 0);
  EXPECT_FALSE(same.separated);
}

TEST(Recommendation, OneSeedMakesNoClaim) {
  const auto result = recommend_from({{"original", 1500, 0.3, 3, 20}, {"hpa", 12, 0, 0, 41}}, 1);
  EXPECT_EQ(result.policy, "hpa");
  EXPECT_FALSE(result.separated);
  EXPECT_THAT(result.sentence, HasSubstr("By plain numbers, which 1 seed can't make significant"));
}

TEST(Recommendation, OnePolicyLeavesNothingToChoose) {
  const auto result = recommend_from({{"hpa", 12, 0, 0, 41}});
  EXPECT_EQ(result.policy, "hpa");
  EXPECT_FALSE(result.separated);
  EXPECT_THAT(result.sentence, HasSubstr("nothing to choose"));
}

TEST(Recommendation, NamesWhatTheWinnerDoesWorseAndWhatIsStillBad) {
  const auto result =
      recommend_from({{"original", 1500, 0.3, 3, 20}, {"hpa", 300, 0.05, 5000, 41}});
  EXPECT_EQ(result.policy, "hpa");
  EXPECT_THAT(result.sentence, HasSubstr("mind that original has only 3"));
  EXPECT_THAT(result.sentence, HasSubstr("even so the objective is missed for 10"));
}

TEST(Recommendation, ScenariosAreNamedWhenThereAreSeveral) {
  std::vector<RunSummary> runs{run_with("hpa", 1, service_scores(1, 0, 0, 2), "one")};
  EXPECT_THAT(recommendation(build_comparison(runs)), Not(HasSubstr("one:")));
  runs.push_back(run_with("hpa", 1, service_scores(1, 0, 0, 2), "two"));
  EXPECT_THAT(recommendation(build_comparison(runs)), HasSubstr("two: Only hpa"));
}

}  // namespace
}  // namespace wsfleet
