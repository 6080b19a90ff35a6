// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/link/redis_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

TEST(RedisErrors, NameTheRemedyAndWhatRedisSaid) {
  const RedisEvent asked = explain_redis_error("NOAUTH Authentication required.");
  EXPECT_EQ(asked.event, "redis_refused");
  EXPECT_EQ(asked.level, LogLevel::error);
  EXPECT_THAT(asked.message, HasSubstr("WSFLEET_REDIS_PASSWORD"));
  EXPECT_THAT(asked.message, HasSubstr("NOAUTH Authentication required."));

  const RedisEvent loading = explain_redis_error("LOADING Redis is loading the dataset in memory");
  EXPECT_EQ(loading.event, "redis_unavailable");
  EXPECT_EQ(loading.level, LogLevel::warning);
}

TEST(RedisErrors, OthersAreGivenAsTheyAre) {
  const RedisEvent event = explain_redis_error("Connection refused");
  EXPECT_EQ(event.event, "redis_unavailable");
  EXPECT_EQ(event.message, "Connection refused");
}

TEST(RedisErrors, LoseTheSecretWhereverItStands) {
  EXPECT_EQ(without_secret("unknown command `AUTH`, with args `me` `hunter2` `hunter2`", "hunter2"),
            "unknown command `AUTH`, with args `me` `***` `***`");
  EXPECT_EQ(without_secret("nothing to hide", ""), "nothing to hide");
  EXPECT_EQ(without_secret("a*b", "*"), "a***b");
}

}  // namespace
}  // namespace wsfleet
