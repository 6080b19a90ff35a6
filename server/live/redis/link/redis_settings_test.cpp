// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/link/redis_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Good {
  const char* url;
  const char* user;
  const char* password;
  const char* host;
  int port;
  int database;
};

class GoodRedisUrl : public testing::TestWithParam<Good> {};

TEST_P(GoodRedisUrl, IsReadWhole) {
  const Good& want = GetParam();
  const auto settings = parse_redis_url(want.url);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->user, want.user);
  EXPECT_EQ(settings->password, want.password);
  EXPECT_EQ(settings->host, want.host);
  EXPECT_EQ(settings->port, want.port);
  EXPECT_EQ(settings->database, want.database);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoodRedisUrl,
    testing::Values(Good{"redis://localhost", "", "", "localhost", 6379, 0},
                    Good{"redis://localhost/", "", "", "localhost", 6379, 0},
                    Good{"redis://redis.redis.svc:7000/3", "", "", "redis.redis.svc", 7000, 3},
                    Good{"redis://:secret@127.0.0.1", "", "secret", "127.0.0.1", 6379, 0},
                    Good{"redis://pod:secret@h:1/15", "pod", "secret", "h", 1, 15},
                    Good{"redis://pod@h", "pod", "", "h", 6379, 0},
                    Good{"redis://p%40d:s%3A%2f%25@h", "p@d", "s:/%", "h", 6379, 0},
                    Good{"redis://:a:b@h", "", "a:b", "h", 6379, 0},
                    Good{"redis://[::1]", "", "", "::1", 6379, 0},
                    Good{"redis://:x@[fe80::1]:65535/2", "", "x", "fe80::1", 65535, 2}));

struct Bad {
  const char* url;
  int character;
  const char* why;
};

class BadRedisUrl : public testing::TestWithParam<Bad> {};

// Every one of these has its password as "hunter2": no error may say it.
TEST_P(BadRedisUrl, IsAUsageErrorWithThePlaceAndWithoutThePassword) {
  const auto settings = parse_redis_url(GetParam().url);
  ASSERT_FALSE(settings) << GetParam().url;
  EXPECT_EQ(settings.error().kind, ErrorKind::usage);
  EXPECT_THAT(settings.error().message,
              HasSubstr("at character " + std::to_string(GetParam().character) + ":"));
  EXPECT_THAT(settings.error().message, HasSubstr(GetParam().why));
  EXPECT_THAT(settings.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(settings.error().message, Not(HasSubstr("nter2")));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadRedisUrl,
    testing::Values(Bad{"", 1, "empty"},                                              //
                    Bad{"localhost:6379", 1, "start with redis://"},                  //
                    Bad{":hunter2@localhost", 1, "start with redis://"},              //
                    Bad{"rediss://:hunter2@h", 1, "TLS"},                             //
                    Bad{"redis://", 9, "host is missing"},                            //
                    Bad{"redis://:hunter2@", 18, "host is missing"},                  //
                    Bad{"redis://:hunter2", 9, "host is missing"},                    //
                    Bad{"redis://h:hunter2", 11, "number from 1 to 65535"},           //
                    Bad{"redis://h:0", 11, "number from 1 to 65535"},                 //
                    Bad{"redis://h:65536", 11, "number from 1 to 65535"},             //
                    Bad{"redis://h:", 11, "number from 1 to 65535"},                  //
                    Bad{"redis://h:-1", 11, "number from 1 to 65535"},                //
                    Bad{"redis://h/one", 11, "database should be a number"},          //
                    Bad{"redis://h/-1", 11, "database should be a number"},           //
                    Bad{"redis://h/1/2", 11, "database should be a number"},          //
                    Bad{"redis://h/99999999999", 11, "database should be a number"},  //
                    Bad{"redis://h?db=1", 10, "path (/1)"},                           //
                    Bad{"redis://:hu/nter2@h", 12, "%2F"},                            //
                    Bad{"redis://:hu#nter2@h", 12, "%23"},                            //
                    Bad{"redis://:hu@nter2@h", 12, "%40"},                            //
                    Bad{"redis://:hunter2%4@h", 17, "%25"},                           //
                    Bad{"redis://:hunter2%zz@h", 17, "%25"},                          //
                    Bad{"redis://u:@h", 10, "no password"},                           //
                    Bad{"redis://:hunter2 @h", 17, "blanks"},                         //
                    Bad{"redis://:hunter2@h\n", 19, "blanks"},                        //
                    Bad{"redis://:hunter2@[::1", 18, "']'"},                          //
                    Bad{"redis://[example]", 10, "IPv6"},                             //
                    Bad{"redis://[::1]6379", 14, "':' and a port"},                   //
                    Bad{"redis://:hunter2@h\xc3\xa9", 18, "letters, digits"}));

TEST(RedisSettings, PlaceHasBracketsAroundIpv6) {
  EXPECT_EQ(parse_redis_url("redis://:x@[::1]:7")->place(), "[::1]:7");
  EXPECT_EQ(parse_redis_url("redis://:x@h/4")->place(), "h:6379");
}

TEST(RedisBackOff, DoublesUpToTheCapWithTheUpperHalfLeftToChance) {
  RedisSettings settings;
  settings.back_off_base = 100 * kMillisecond;
  settings.back_off_cap = 5 * kSecond;
  EXPECT_EQ(redis_back_off(settings, 0, 0), 50 * kMillisecond);
  EXPECT_EQ(redis_back_off(settings, 0, 50 * kMillisecond), 100 * kMillisecond);
  EXPECT_EQ(redis_back_off(settings, 3, 0), 400 * kMillisecond);
  EXPECT_EQ(redis_back_off(settings, 6, 0), 2500 * kMillisecond);
  for (std::uint64_t bits = 1; bits != 0; bits *= 3) {
    EXPECT_GE(redis_back_off(settings, 30, bits), 2500 * kMillisecond);
    EXPECT_LE(redis_back_off(settings, 30, bits), 5 * kSecond);
    if (bits > UINT64_MAX / 3) break;
  }
}

}  // namespace
}  // namespace wsfleet
