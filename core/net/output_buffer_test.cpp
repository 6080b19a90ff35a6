// SPDX-License-Identifier: Apache-2.0
#include "core/net/output_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace wsfleet {
namespace {

std::string text(const OutputBuffer& buffer) { return {buffer.data(), buffer.size()}; }

TEST(OutputBuffer, GivesBytesInOrderWhateverIsConsumedBetween) {
  OutputBuffer buffer;
  std::string expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    buffer.append(piece.data(), piece.size());
    expected += piece;
    if (i % 3 == 0) {
      ASSERT_EQ(text(buffer), expected);
      const std::size_t taken = expected.size() / 2;
      buffer.consume(taken);
      expected.erase(0, taken);
    }
  }
  EXPECT_EQ(text(buffer), expected);
}

TEST(OutputBuffer, IsEmptyOnceAllIsConsumedAndStartsAnew) {
  OutputBuffer buffer;
  EXPECT_TRUE(buffer.empty());
  buffer.append("abc", 3);
  buffer.consume(3);
  EXPECT_TRUE(buffer.empty());
  buffer.append("de", 2);
  EXPECT_EQ(text(buffer), "de");
  buffer.clear();
  EXPECT_EQ(buffer.size(), 0U);
}

TEST(OutputBuffer, MovesLeaveTheOtherEmpty) {
  OutputBuffer one;
  one.append("abc", 3);
  one.consume(1);
  OutputBuffer two = std::move(one);
  EXPECT_EQ(text(two), "bc");
  EXPECT_TRUE(one.empty());  // NOLINT: that it is usable is what is tested
  std::swap(one, two);
  EXPECT_EQ(text(one), "bc");
  EXPECT_TRUE(two.empty());
}

TEST(OutputBuffer, CanBeExtendedInPlace) {
  OutputBuffer buffer;
  buffer.append("ab", 2);
  buffer.consume(1);
  const std::string more(5000, 'x');
  more.copy(buffer.extend(more.size()), more.size());
  EXPECT_EQ(text(buffer), "b" + more);
}

}  // namespace
}  // namespace wsfleet
