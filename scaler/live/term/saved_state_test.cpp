// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/term/saved_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "scaler/policies/hpa.h"
#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

const PolicyIdentity kIdentity{"hpa", "0123", "2026-11-24T19:00:00.000Z"};
constexpr TimeNs kInterval = 15 * kSecond;

HpaPolicy made() {
  HpaSettings settings;
  settings.target.milli_connections = 800'000;
  settings.bounds = {1, 10};
  return HpaPolicy(settings);
}

std::string why_not(const PolicyIdentity& identity, const std::string& text, double now_s = 300) {
  HpaPolicy policy = made();
  const nlohmann::json before = policy.state();
  const auto restored = restore_state(identity, text, now_s, kInterval, policy);
  EXPECT_EQ(policy.state(), before);
  return restored ? "(restored)" : restored.error().message;
}

TEST(SavedState, TheNextLeaderDecidesAsTheOneBeforeWouldHave) {
  HpaPolicy first = made();
  for (int i = 0; i < 20; ++i) first.decide(fleet(15.0 * i, 3, i < 10 ? 900 : 100));
  const std::string text = save_state(kIdentity, 285, first.state());
  HpaPolicy second = made();
  const auto restored = restore_state(kIdentity, text, 301, kInterval, second);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(*restored, 285);
  EXPECT_EQ(second.state(), first.state());
  for (int i = 20; i < 60; ++i) {
    const Observation observation = fleet(15.0 * i, 3, 100);
    EXPECT_EQ(to_json(second.decide(observation)), to_json(first.decide(observation)));
  }
}

TEST(SavedState, AnothersMemoryIsNotTaken) {
  const std::string text = save_state(kIdentity, 285, made().state());
  EXPECT_THAT(why_not({"kpa", "0123", kIdentity.epoch}, text), HasSubstr("the policy 'hpa'"));
  EXPECT_THAT(why_not({"hpa", "4567", kIdentity.epoch}, text), HasSubstr("other settings"));
  EXPECT_THAT(why_not({"hpa", "0123", "2026-11-24T20:00:00.000Z"}, text),
              HasSubstr("counts time from 2026-11-24T19:00:00.000Z"));
}

TEST(SavedState, WhatIsNoMemoryIsToldAsSuch) {
  EXPECT_THAT(why_not(kIdentity, ""), HasSubstr("there is none"));
  EXPECT_THAT(why_not(kIdentity, "{"), HasSubstr("not JSON"));
  EXPECT_THAT(why_not(kIdentity, "[]"), HasSubstr("not JSON"));
  nlohmann::json saved = nlohmann::json::parse(save_state(kIdentity, 285, made().state()));
  saved["state"].erase("scale_ups");
  EXPECT_THAT(why_not(kIdentity, saved.dump()), HasSubstr("scale_ups"));
  saved.erase("time_s");
  EXPECT_THAT(why_not(kIdentity, saved.dump()), HasSubstr("does not say its time"));
}

TEST(SavedState, AnOldMemoryIsOfNoUse) {
  const std::string text = save_state(kIdentity, 285, made().state());
  EXPECT_EQ(longest_gap(kInterval), 150 * kSecond);
  EXPECT_EQ(longest_gap(kSecond), kMinute);
  EXPECT_THAT(why_not(kIdentity, text, 436), HasSubstr("151 s old"));
  HpaPolicy policy = made();
  EXPECT_TRUE(restore_state(kIdentity, text, 435, kInterval, policy));
  // A wall clock that is behind that of the leader before makes it no older.
  EXPECT_TRUE(restore_state(kIdentity, text, 100, kInterval, policy));
}

TEST(SavedState, WhatIsTooLongIsLeftOutAndSaidToBe) {
  const nlohmann::json state = {{"long", std::string(kLongestSavedState, 'x')}};
  const std::string text = save_state(kIdentity, 285, state);
  EXPECT_LT(text.size(), 1000U);
  EXPECT_GT(nlohmann::json::parse(text)["left_out_bytes"], kLongestSavedState);
  EXPECT_THAT(why_not(kIdentity, text), HasSubstr("too long to be kept"));
}

}  // namespace
}  // namespace wsfleet
