// SPDX-License-Identifier: Apache-2.0
#include "engine/scenario/policy_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(PolicyChoice, SeveralPoliciesEachWithSettingsOfItsOwn) {
  const auto choices =
      parse_policies("original,hpa:target_connections=300,tolerance=0.2,hpa,fixed:replicas=5");
  ASSERT_TRUE(choices) << choices.error().message;
  ASSERT_EQ(choices->size(), 4U);
  EXPECT_EQ((*choices)[0].label, "original");
  EXPECT_TRUE((*choices)[0].sets.empty());
  EXPECT_EQ((*choices)[1].label, "hpa:target_connections=300,tolerance=0.2");
  EXPECT_EQ((*choices)[1].entry->name, "hpa");
  EXPECT_THAT((*choices)[1].sets,
              ElementsAre("policy.hpa.target_connections=300", "policy.hpa.tolerance=0.2"));
  EXPECT_EQ((*choices)[2].label, "hpa");
  EXPECT_THAT((*choices)[3].sets, ElementsAre("policy.fixed.replicas=5"));
}

TEST(PolicyChoice, CommasInsideOfValuesDoNotSplit) {
  const auto choices =
      parse_policies("hpa:scale_up={ tolerance = 0.1, select_policy = \"min\" },fixed");
  ASSERT_TRUE(choices) << choices.error().message;
  EXPECT_EQ(choices->size(), 2U);
  EXPECT_THAT(split_values("[1,2],\"a,b\",c"), ElementsAre("[1,2]", "\"a,b\"", "c"));
}

TEST(PolicyChoice, MistakesHaveTheirExitStatus) {
  const auto error = [](const char* list) { return parse_policies(list).error(); };
  EXPECT_EQ(error("hpaa").kind, ErrorKind::configuration);
  EXPECT_THAT(error("hpaa").message, HasSubstr("did you mean 'hpa'?"));
  EXPECT_EQ(error("hpa,").kind, ErrorKind::usage);
  EXPECT_EQ(error("a=1,hpa").kind, ErrorKind::usage);
  EXPECT_THAT(error("hpa,hpa").message, HasSubstr("'hpa' is named twice"));
  EXPECT_THAT(error("hpa:fast").message, HasSubstr("write hpa:key=value"));
}

TEST(PolicyChoice, LabelsMakeFileNames) {
  EXPECT_EQ(file_name_of("hpa:target_connections=300,tolerance=0.2"),
            "hpa-target_connections-300-tolerance-0.2");
  EXPECT_EQ(file_name_of("a b=\"../x\""), "a-b-..-x");
}

}  // namespace
}  // namespace wsfleet
