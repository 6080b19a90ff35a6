// SPDX-License-Identifier: Apache-2.0
#include "loadgen/session_digest.h"

#include <gtest/gtest.h>

#include <set>

namespace wsfleet {
namespace {

std::uint64_t digest_of(std::uint64_t serial, TimeNs start, TimeNs length) {
  SessionDigest digest;
  digest.add(serial, start, length);
  return digest.value();
}

TEST(SessionDigest, DoesNotDependOnTheOrderAndPartsAdd) {
  SessionDigest whole;
  SessionDigest even;
  SessionDigest odd;
  for (std::uint64_t serial = 0; serial < 100; ++serial) {
    const auto start = static_cast<TimeNs>(serial * 1000);
    whole.add(serial, start, 7 * kSecond);
    (serial % 2 == 0 ? even : odd).add(serial, start, 7 * kSecond);
  }
  SessionDigest backwards;
  for (std::uint64_t left = 100; left > 0; --left) {
    backwards.add(left - 1, static_cast<TimeNs>((left - 1) * 1000), 7 * kSecond);
  }
  EXPECT_EQ(whole, backwards);
  odd.merge(even);
  EXPECT_EQ(whole, odd);
  EXPECT_EQ(whole.sessions(), 100);
  EXPECT_EQ(whole, SessionDigest(whole.value(), 100));
}

TEST(SessionDigest, SeesEveryFieldToTheNanosecond) {
  std::set<std::uint64_t> digests;
  for (const TimeNs change : {0, 1, 2}) {
    digests.insert(digest_of(3 + static_cast<std::uint64_t>(change), kSecond, kMinute));
    digests.insert(digest_of(3, kSecond + change, kMinute));
    digests.insert(digest_of(3, kSecond, kMinute + change));
    digests.insert(digest_of(3, kMinute, kSecond + change));  // swapped
  }
  EXPECT_EQ(digests.size(), 1U + 2U * 3U + 3U);
}

TEST(SessionDigest, IsTheSameEverywhere) {
  // Stored digests are compared with new ones: the function may not change.
  EXPECT_EQ(SessionDigest().value(), 0U);
  EXPECT_EQ(digest_of(1, 2, 3), digest_of(1, 2, 3));
  EXPECT_NE(digest_of(0, 0, 0), 0U);
}

}  // namespace
}  // namespace wsfleet
