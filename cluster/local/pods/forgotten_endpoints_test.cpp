// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/pods/forgotten_endpoints.h"

#include <gmock/gmock.h>

namespace wsfleet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ForgottenEndpoints, ANumberIsFreeOnceItIsForgotten) {
  ForgottenEndpoints endpoints;
  EXPECT_FALSE(endpoints.holds(4));
  endpoints.add(4);
  EXPECT_TRUE(endpoints.holds(4));
  EXPECT_THAT(endpoints.take(), ElementsAre(4));
  EXPECT_TRUE(endpoints.holds(4));
  endpoints.answered(4, true);
  EXPECT_FALSE(endpoints.holds(4));
  EXPECT_THAT(endpoints.take(), IsEmpty());
}

// A second request on its way would make the ingress forget the number's next pod.
TEST(ForgottenEndpoints, OneRequestAtATimeForEach) {
  ForgottenEndpoints endpoints;
  endpoints.add(4);
  EXPECT_THAT(endpoints.take(), ElementsAre(4));
  endpoints.add(2);
  EXPECT_THAT(endpoints.take(), ElementsAre(2));
  EXPECT_THAT(endpoints.take(), IsEmpty());
}

TEST(ForgottenEndpoints, WhatFailedIsToldAgain) {
  ForgottenEndpoints endpoints;
  endpoints.add(4);
  endpoints.add(5);
  EXPECT_THAT(endpoints.take(), ElementsAre(4, 5));
  endpoints.answered(4, false);
  endpoints.answered(5, true);
  EXPECT_TRUE(endpoints.holds(4));
  EXPECT_THAT(endpoints.take(), ElementsAre(4));
}

}  // namespace
}  // namespace wsfleet
