// SPDX-License-Identifier: Apache-2.0
#include "core/net/address/host_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(HostNames, ANumericAddressIsItsOwnAnswer) {
  EXPECT_THAT(*host_addresses("127.0.0.1", 0), ElementsAre("127.0.0.1"));
  EXPECT_THAT(*host_addresses("::1", 0), ElementsAre("::1"));
}

TEST(HostNames, FindsThisMachine) {
  const auto addresses = host_addresses("localhost", 20 * kSecond);
  ASSERT_TRUE(addresses) << addresses.error().message;
  EXPECT_THAT(*addresses, Contains(testing::AnyOf("127.0.0.1", "::1")));
}

TEST(HostNames, ANameThatCanBeNoneIsNotAskedFor) {
  for (const char* name : {"", "a b", "-x", ".x", "x/y", "x:80", "h\r\nost"}) {
    EXPECT_FALSE(is_host(name)) << name;
    const auto addresses = host_addresses(name, kSecond);
    ASSERT_FALSE(addresses) << name;
    EXPECT_EQ(addresses.error().kind, ErrorKind::unavailable);
  }
  EXPECT_FALSE(is_host(std::string(300, 'a')));
  EXPECT_TRUE(is_host("prometheus.monitoring.svc.cluster.local"));
}

TEST(HostNames, NoTimeIsSaidInWords) {
  const auto addresses = host_addresses("nowhere.invalid", 0);
  ASSERT_FALSE(addresses);
  EXPECT_EQ(addresses.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(addresses.error().message, HasSubstr("nowhere.invalid"));
}

}  // namespace
}  // namespace wsfleet
