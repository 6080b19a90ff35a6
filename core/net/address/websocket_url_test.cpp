// SPDX-License-Identifier: Apache-2.0
#include "core/net/address/websocket_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

TEST(WebSocketUrl, HasPortAndTargetOfItsSchemeByDefault) {
  const auto plain = parse_websocket_url("ws://example.org");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->host, "example.org");
  EXPECT_EQ(plain->port, 80);
  EXPECT_EQ(plain->target, "/");
  EXPECT_EQ(plain->host_header(), "example.org");

  const auto tls = parse_websocket_url("wss://example.org");
  ASSERT_TRUE(tls);
  EXPECT_TRUE(tls->tls);
  EXPECT_EQ(tls->port, 443);
}

TEST(WebSocketUrl, TakesPortPathAndQuery) {
  const auto url = parse_websocket_url("ws://127.0.0.1:3000/ws/room?a=1");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, 3000);
  EXPECT_EQ(url->target, "/ws/room?a=1");
  EXPECT_EQ(url->host_header(), "127.0.0.1:3000");
  EXPECT_EQ(parse_websocket_url("ws://h?x=1")->target, "/?x=1");
}

TEST(WebSocketUrl, TakesAnIpv6AddressInBrackets) {
  const auto url = parse_websocket_url("wss://[::1]:8443/ws/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->host_header(), "[::1]:8443");
}

struct Bad {
  const char* text;
  const char* why;
};

class BadWebSocketUrl : public testing::TestWithParam<Bad> {};

TEST_P(BadWebSocketUrl, IsAUsageErrorThatSaysWhy) {
  const auto url = parse_websocket_url(GetParam().text);
  ASSERT_FALSE(url) << GetParam().text;
  EXPECT_EQ(url.error().kind, ErrorKind::usage);
  EXPECT_THAT(url.error().message, HasSubstr(GetParam().why));
  EXPECT_THAT(url.error().message, HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadWebSocketUrl,
    testing::Values(Bad{"http://host/", "ws://"}, Bad{"", "ws://"}, Bad{"ws://", "host is missing"},
                    Bad{"ws://:80/", "host is missing"}, Bad{"ws://host:0/", "'0' is no port"},
                    Bad{"ws://host:65536", "no port"}, Bad{"ws://host:8o", "no port"},
                    Bad{"ws://host:/", "no port"}, Bad{"ws://[::1/", "']' is missing"},
                    Bad{"ws://[::1]x/", "not 'x'"}, Bad{"ws://me:pw@host/", "header"},
                    Bad{"ws://host/a#b", "fragment"}, Bad{"ws://ho st/", "blanks"}));

}  // namespace
}  // namespace wsfleet
