// SPDX-License-Identifier: Apache-2.0
// Hand-worked cases of stabilisation, rate limits and bounds, each named after its rule.
#include "scaler/policies/hpa_behavior.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using Type = ScalingPolicy::Type;

constexpr TimeNs kNow = 1000 * kSecond;
constexpr ReplicaBounds kWide{.min = 1, .max = 1000};

TimeNs ago(int seconds) { return kNow - seconds * kSecond; }

ScaleHistory recommended(std::vector<TimedRecommendation> recommendations) {
  ScaleHistory history;
  history.recommendations = std::move(recommendations);
  return history;
}

ScaleHistory added(TimeNs time, int change) {
  ScaleHistory history;
  history.ups = {{time, change}};
  return history;
}

ScaleHistory removed(TimeNs time, int change) {
  ScaleHistory history;
  history.downs = {{time, change}};
  return history;
}

HpaBehavior windows(int up_s, int down_s) {
  HpaBehavior behavior;
  behavior.scale_up.stabilization_window = up_s * kSecond;
  behavior.scale_down.stabilization_window = down_s * kSecond;
  return behavior;
}

HpaBehavior up_rules(SelectPolicy select, std::vector<ScalingPolicy> policies) {
  HpaBehavior behavior;
  behavior.scale_up.select_policy = select;
  behavior.scale_up.policies = std::move(policies);
  return behavior;
}

HpaBehavior down_rules(SelectPolicy select, std::vector<ScalingPolicy> policies) {
  HpaBehavior behavior;
  behavior.scale_down.select_policy = select;
  behavior.scale_down.policies = std::move(policies);
  return behavior;
}

int limited(const HpaBehavior& behavior, int current, int desired, const ScaleHistory& history = {},
            const ReplicaBounds& bounds = kWide) {
  return limit_rate(behavior, history, kNow, current, desired, bounds).replicas;
}

TEST(HpaStabilization, ScaleUpIsImmediateByDefault) {
  // up-window 0: earlier, lower values do not count; min{9} = 9, 4 raised to 9
  const ScaleHistory history = recommended({{ago(15), 4}, {ago(30), 3}});
  EXPECT_EQ(stabilize(HpaBehavior{}, history, kNow, 4, 9), 9);
}

TEST(HpaStabilization, ScaleDownTakesTheHighestOfTheDownWindow) {
  // max{2, 7, 5} = 7; current 10 lowered to 7
  const ScaleHistory history = recommended({{ago(200), 7}, {ago(15), 5}});
  EXPECT_EQ(stabilize(HpaBehavior{}, history, kNow, 10, 2), 7);
}

TEST(HpaStabilization, RecommendationAsOldAsTheWindowDoesNotCount) {
  // After(cutoff) is strict: 300 s old is out, 299 s old is in
  const ScaleHistory out = recommended({{ago(300), 8}});
  const ScaleHistory in = recommended({{ago(299), 8}});
  EXPECT_EQ(stabilize(HpaBehavior{}, out, kNow, 10, 2), 2);
  EXPECT_EQ(stabilize(HpaBehavior{}, in, kNow, 10, 2), 8);
}

TEST(HpaStabilization, ScaleUpTakesTheLowestOfTheUpWindow) {
  // up-window 60 s: min{9, 6, 7} = 6; 4 raised to 6
  const ScaleHistory history = recommended({{ago(50), 6}, {ago(15), 7}});
  EXPECT_EQ(stabilize(windows(60, 300), history, kNow, 4, 9), 6);
}

TEST(HpaStabilization, LowRecommendationInTheUpWindowHoldsAScaleUp) {
  // min{9, 3} = 3 is under the current 4, max{9, 3} = 9 is over it: stays
  const ScaleHistory history = recommended({{ago(30), 3}});
  EXPECT_EQ(stabilize(windows(60, 300), history, kNow, 4, 9), 4);
}

TEST(HpaStabilization, BothWindowsActWhateverTheDirectionOfTheNewValue) {
  // New value 5 = current: min{5, 8} = 5 does not raise it, max{5, 8} = 8 does not lower it
  const ScaleHistory history = recommended({{ago(10), 8}});
  EXPECT_EQ(stabilize(windows(60, 60), history, kNow, 5, 5), 5);
  // New value 6, current 10: the up-window's 8 is no floor, the down-window has only max{6} = 6
  EXPECT_EQ(stabilize(windows(60, 5), history, kNow, 10, 6), 6);
}

TEST(HpaStabilization, DownWindowOfZeroFollowsAtOnce) {
  const ScaleHistory history = recommended({{ago(1), 50}});
  EXPECT_EQ(stabilize(windows(0, 0), history, kNow, 10, 2), 2);
}

TEST(HpaStabilization, WithoutBehaviorTheHighestOfTheWindowWinsBothWays) {
  const ScaleHistory history = recommended({{ago(200), 7}, {ago(15), 5}});
  EXPECT_EQ(stabilize_without_behavior(history, 300 * kSecond, kNow, 2), 7);
  EXPECT_EQ(stabilize_without_behavior(history, 300 * kSecond, kNow, 9), 9);
}

TEST(HpaStabilization, WithoutBehaviorARecommendationAsOldAsTheWindowStillCounts) {
  // Before(cutoff) is strict: 300 s old is in, 301 s old is out
  const ScaleHistory in = recommended({{ago(300), 8}});
  const ScaleHistory out = recommended({{ago(301), 8}});
  EXPECT_EQ(stabilize_without_behavior(in, 300 * kSecond, kNow, 2), 8);
  EXPECT_EQ(stabilize_without_behavior(out, 300 * kSecond, kNow, 2), 2);
}

TEST(HpaRate, DefaultAddsFourPodsToASmallFleet) {
  // max(1 + 4, 1 * 2) = 5
  EXPECT_EQ(limited(HpaBehavior{}, 1, 50), 5);
}

TEST(HpaRate, DefaultDoublesALargeFleet) {
  // max(20 + 4, 20 * 2) = 40
  EXPECT_EQ(limited(HpaBehavior{}, 20, 500), 40);
}

TEST(HpaRate, WithinTheLimitNothingIsCut) {
  const LimitedReplicas result = limit_rate(HpaBehavior{}, {}, kNow, 20, 33, kWide);
  EXPECT_EQ(result.replicas, 33);
  EXPECT_EQ(result.limit, "");
}

TEST(HpaRate, PodsAddedInThePeriodUseUpTheLimit) {
  // 10 s ago 6 -> 10: start = 10 - 4 = 6, max(6 + 4, 12) = 12
  const ScaleHistory history = added(ago(10), 4);
  EXPECT_EQ(limited(HpaBehavior{}, 10, 100, history), 12);
}

TEST(HpaRate, EventAsOldAsThePeriodDoesNotCount) {
  // 15 s ago is out: start = 10, max(14, 20) = 20; 14 s ago is in: start = 6, max(10, 12) = 12
  const ScaleHistory out = added(ago(15), 4);
  const ScaleHistory in = added(ago(14), 4);
  EXPECT_EQ(limited(HpaBehavior{}, 10, 100, out), 20);
  EXPECT_EQ(limited(HpaBehavior{}, 10, 100, in), 12);
}

TEST(HpaRate, PodsRemovedInThePeriodMayComeBackAtOnce) {
  // 10 s ago 30 -> 10: start = 10 + 20 = 30, max(34, 60) = 60
  const ScaleHistory history = removed(ago(10), 20);
  EXPECT_EQ(limited(HpaBehavior{}, 10, 100, history), 60);
}

TEST(HpaRate, UsedUpLimitNeverShrinksTheFleet) {
  // 5 s ago 10 -> 30: start = 10, limit max(14, 20) = 20 < current 30: stays 30
  const ScaleHistory history = added(ago(5), 20);
  EXPECT_EQ(limited(HpaBehavior{}, 30, 100, history), 30);
}

TEST(HpaRate, PercentUpIsRoundedUp) {
  // ceil(3 * 1.1 = 3.3) = 4: a small fleet can still grow
  EXPECT_EQ(limited(up_rules(SelectPolicy::max, {{Type::percent, 10, kMinute}}), 3, 9), 4);
}

TEST(HpaRate, PercentDownIsTruncated) {
  // trunc(7 * 0.9 = 6.3) = 6
  EXPECT_EQ(limited(down_rules(SelectPolicy::max, {{Type::percent, 10, kMinute}}), 7, 1), 6);
}

TEST(HpaRate, PodsDownTakesThatMany) {
  // 10 - 3 = 7
  EXPECT_EQ(limited(down_rules(SelectPolicy::max, {{Type::pods, 3, kMinute}}), 10, 1), 7);
}

TEST(HpaRate, PodsRemovedInThePeriodUseUpTheDownLimit) {
  // 30 s ago 10 -> 8: start = 8 + 2 = 10, 10 - 3 = 7
  const ScaleHistory history = removed(ago(30), 2);
  EXPECT_EQ(limited(down_rules(SelectPolicy::max, {{Type::pods, 3, kMinute}}), 8, 1, history), 7);
}

TEST(HpaRate, PodsAddedInThePeriodMayGoAgainAtOnce) {
  // 30 s ago 4 -> 10: start = 10 - 6 = 4, 4 - 3 = 1
  const ScaleHistory history = added(ago(30), 6);
  EXPECT_EQ(limited(down_rules(SelectPolicy::max, {{Type::pods, 3, kMinute}}), 10, 1, history), 1);
}

TEST(HpaRate, UsedUpDownLimitNeverGrowsTheFleet) {
  // 30 s ago 10 -> 5: start = 10, 10 - 3 = 7 > current 5: stays 5
  const ScaleHistory history = removed(ago(30), 5);
  EXPECT_EQ(limited(down_rules(SelectPolicy::max, {{Type::pods, 3, kMinute}}), 5, 1, history), 5);
}

TEST(HpaRate, SelectMaxTakesTheLargestChangeUp) {
  // max(10 + 2, ceil(10 * 1.5)) = 15
  EXPECT_EQ(
      limited(up_rules(SelectPolicy::max, {{Type::pods, 2, kMinute}, {Type::percent, 50, kMinute}}),
              10, 100),
      15);
}

TEST(HpaRate, SelectMinTakesTheSmallestChangeUp) {
  // min(10 + 2, ceil(10 * 1.5)) = 12
  EXPECT_EQ(
      limited(up_rules(SelectPolicy::min, {{Type::pods, 2, kMinute}, {Type::percent, 50, kMinute}}),
              10, 100),
      12);
}

TEST(HpaRate, SelectMaxTakesTheLargestChangeDown) {
  // min(10 - 2, trunc(10 * 0.5)) = 5
  EXPECT_EQ(limited(down_rules(SelectPolicy::max,
                               {{Type::pods, 2, kMinute}, {Type::percent, 50, kMinute}}),
                    10, 1),
            5);
}

TEST(HpaRate, SelectMinTakesTheSmallestChangeDown) {
  // max(10 - 2, trunc(10 * 0.5)) = 8
  EXPECT_EQ(limited(down_rules(SelectPolicy::min,
                               {{Type::pods, 2, kMinute}, {Type::percent, 50, kMinute}}),
                    10, 1),
            8);
}

TEST(HpaRate, SelectDisabledForbidsADirection) {
  EXPECT_EQ(limited(up_rules(SelectPolicy::disabled, {{Type::pods, 9, kMinute}}), 10, 100), 10);
  EXPECT_EQ(limited(down_rules(SelectPolicy::disabled, {{Type::pods, 9, kMinute}}), 10, 1), 10);
}

TEST(HpaRate, EachPolicyLooksBackItsOwnPeriod) {
  // 30 s ago 6 -> 10. Pods 4 per 60 s: start 6, 10. Percent 100 per 15 s: start 10, 20. max = 20
  const ScaleHistory history = added(ago(30), 4);
  const HpaBehavior behavior =
      up_rules(SelectPolicy::max, {{Type::pods, 4, kMinute}, {Type::percent, 100, 15 * kSecond}});
  EXPECT_EQ(limited(behavior, 10, 100, history), 20);
}

TEST(HpaRate, MaximumCapsWhatTheRateAllows) {
  const LimitedReplicas result =
      limit_rate(HpaBehavior{}, {}, kNow, 20, 500, {.min = 1, .max = 30});
  EXPECT_EQ(result.replicas, 30);
  EXPECT_EQ(result.limit, "the maximum");
}

TEST(HpaRate, MinimumHoldsWhatTheRateAllows) {
  // 100 % per 15 s allows 0, the minimum is 3
  const LimitedReplicas result = limit_rate(HpaBehavior{}, {}, kNow, 20, 0, {.min = 3, .max = 30});
  EXPECT_EQ(result.replicas, 3);
  EXPECT_EQ(result.limit, "the minimum");
}

TEST(HpaRate, WithoutBehaviorAtMostTwiceTheCurrentCount) {
  EXPECT_EQ(limit_without_behavior(10, 100, kWide).replicas, 20);
}

TEST(HpaRate, WithoutBehaviorASmallFleetMayReachFour) {
  // max(2 * 1, 4) = 4
  EXPECT_EQ(limit_without_behavior(1, 100, kWide).replicas, 4);
}

TEST(HpaRate, WithoutBehaviorThereIsNoLimitDownButTheMinimum) {
  EXPECT_EQ(limit_without_behavior(50, 0, {.min = 2, .max = 100}).replicas, 2);
  EXPECT_EQ(limit_without_behavior(50, 100, {.min = 2, .max = 60}).replicas, 60);
}

TEST(HpaHistory, ScaleEventTakesThePlaceOfAnOutdatedOne) {
  // The longest up period is 15 s: the event 16 s ago is outdated, the one 15 s ago is not
  ScaleHistory history;
  history.ups = {{ago(16), 1}, {ago(15), 2}};
  record_scale_event(HpaBehavior{}, history, kNow, 5, 8);
  ASSERT_EQ(history.ups.size(), 2u);
  EXPECT_EQ(history.ups[0].time, kNow);
  EXPECT_EQ(history.ups[0].change, 3);
  EXPECT_EQ(history.ups[1].change, 2);
}

TEST(HpaHistory, ScaleDownsAreRecordedApart) {
  ScaleHistory history;
  record_scale_event(HpaBehavior{}, history, kNow, 8, 5);
  EXPECT_TRUE(history.ups.empty());
  ASSERT_EQ(history.downs.size(), 1u);
  EXPECT_EQ(history.downs[0].change, 3);
}

TEST(HpaHistory, OldRecommendationsAreForgotten) {
  ScaleHistory history = recommended({{ago(301), 7}, {ago(300), 6}});
  record_recommendation(history, 300 * kSecond, {kNow, 5});
  ASSERT_EQ(history.recommendations.size(), 2u);
  EXPECT_EQ(history.recommendations[0].replicas, 6);
}

}  // namespace
}  // namespace wsfleet
