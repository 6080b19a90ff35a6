// SPDX-License-Identifier: Apache-2.0
#include "core/net/address/url.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace wsfleet {
namespace {

/// Its parts with a '|' between them; what is not there as '-'.
std::string parts_of(const Url& url) {
  const auto or_none = [](const std::optional<std::string_view>& part) {
    return part ? std::string(*part) : std::string("-");
  };
  return std::string(url.scheme) + '|' + or_none(url.user_info) + '|' +
         std::string(url.place.host) + '|' +
         (url.place.port ? std::to_string(*url.place.port) : "-") + '|' + std::string(url.path) +
         '|' + or_none(url.query) + '|' + or_none(url.fragment);
}

TEST(Url, IsTakenApart) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"ws://host", "ws|-|host|-||-|-"},
      {"ws://host/", "ws|-|host|-|/|-|-"},
      {"http://1.2.3.4:80", "http|-|1.2.3.4|80||-|-"},
      {"https://[::1]:8443/a/b", "https|-|::1|8443|/a/b|-|-"},
      {"https://[fe80::1%25]", "https|-|fe80::1%25|-||-|-"},
      {"x://host?a=1&b=2", "x|-|host|-||a=1&b=2|-"},
      {"x://host/p?q#f?g", "x|-|host|-|/p|q|f?g"},
      {"x://host#f/p?q", "x|-|host|-||-|f/p?q"},
      {"redis://me:pw@host:1/0", "redis|me:pw|host|1|/0|-|-"},
      {"redis://:a@b@host", "redis|:a@b|host|-||-|-"},
      {"redis://@host", "redis||host|-||-|-"},
      {"x://host/a@b://c", "x|-|host|-|/a@b://c|-|-"},
      {"x://host:65535/?", "x|-|host|65535|/||-"},
  };
  for (const auto& [text, parts] : cases) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url) << text << ": " << url.error().text();
    EXPECT_EQ(parts_of(*url), parts) << text;
  }
}

TEST(Url, WhatIsWrongIsToldWithItsPlace) {
  struct Case {
    const char* text;
    UrlFault fault;
    std::size_t at;
  };
  const std::vector<Case> cases = {
      {"", UrlFault::scheme, 0},
      {"host:80", UrlFault::scheme, 0},
      {"://host", UrlFault::scheme, 0},
      {"/x://host", UrlFault::scheme, 0},
      {"ws://", UrlFault::no_host, 5},
      {"ws:///path", UrlFault::no_host, 5},
      {"ws://:80", UrlFault::no_host, 5},
      {"ws://me@", UrlFault::no_host, 8},
      {"ws://[]", UrlFault::no_host, 5},
      {"ws://ho st", UrlFault::blank, 7},
      {"ws://host/\n", UrlFault::blank, 10},
      {"ws://host\x7f", UrlFault::blank, 9},
      {"ws://[::1/", UrlFault::bracket, 5},
      {"ws://[host]", UrlFault::no_ipv6, 6},
      {"ws://[::1]80", UrlFault::after_host, 10},
      {"ws://host:", UrlFault::port, 10},
      {"ws://host:0", UrlFault::port, 10},
      {"ws://host:65536", UrlFault::port, 10},
      {"ws://host:-1", UrlFault::port, 10},
      {"ws://host:8o", UrlFault::port, 10},
      {"ws://a:b:c", UrlFault::port, 7},
      {"ws://me@[::1]:x", UrlFault::port, 14},
  };
  for (const Case& one : cases) {
    const auto url = parse_url(one.text);
    ASSERT_FALSE(url) << one.text;
    EXPECT_EQ(url.error().fault, one.fault) << one.text << ": " << url.error().text();
    EXPECT_EQ(url.error().at, one.at) << one.text;
    EXPECT_NE(url.error().text(), "");
  }
}

TEST(Url, IsBareWithHostAndPortAlone) {
  EXPECT_TRUE(parse_url("http://h:1")->is_bare());
  EXPECT_TRUE(parse_url("http://h/")->is_bare());
  for (const char* more : {"http://h/a", "http://h?", "http://h/#", "http://me@h"}) {
    EXPECT_FALSE(parse_url(more)->is_bare()) << more;
  }
}

TEST(Url, APlaceIsWrittenAsItIsRead) {
  EXPECT_EQ(place_text("::1", 80), "[::1]:80");
  EXPECT_EQ(place_text("host", 80), "host:80");
  EXPECT_EQ(parse_place("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_place("host")->port_or(7), 7);
  EXPECT_FALSE(parse_place("host:x"));
}

}  // namespace
}  // namespace wsfleet
