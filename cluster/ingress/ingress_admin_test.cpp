// SPDX-License-Identifier: Apache-2.0
#include "cluster/ingress/ingress_admin.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

TEST(IngressAdmin, WritesTheList) {
  EXPECT_EQ(endpoints_json({}), R"({"endpoints":[]})");
  EXPECT_EQ(endpoints_json({{.id = 3, .uid = "a-1", .address = "127.0.0.11", .port = 40001}}),
            R"({"endpoints":[{"id":3,"uid":"a-1","address":"127.0.0.11","port":40001}]})");
  EXPECT_EQ(endpoints_json({{.id = 0, .uid = "a", .address = "127.0.0.1", .port = 1},
                            {.id = 1, .uid = "b", .address = "127.0.0.2", .port = 2}}),
            R"({"endpoints":[{"id":0,"uid":"a","address":"127.0.0.1","port":1},)"
            R"({"id":1,"uid":"b","address":"127.0.0.2","port":2}]})");
  EXPECT_EQ(forget_json(7), R"({"id":7})");
}

TEST(IngressAdmin, ReadsCounts) {
  const auto counts = parse_endpoint_counts(
      R"({"endpoints":[{"id":2,"uid":"b","address":"127.0.0.2","port":5,"listed":true,)"
      R"("open":3,"picked":10,"failed":1}]})");
  ASSERT_TRUE(counts) << counts.error().message;
  const EndpointCount expected{
      .id = 2, .uid = "b", .listed = true, .open = 3, .picked = 10, .failed = 1};
  EXPECT_EQ(*counts, std::vector<EndpointCount>{expected});
  EXPECT_TRUE(parse_endpoint_counts(R"({"endpoints":[]})")->empty());
}

TEST(IngressAdmin, SaysWhatCannotBeRead) {
  for (const char* text : {"", "{}", "[]", "null", R"({"endpoints":3})", R"({"endpoints":[3]})",
                           R"({"endpoints":[{"id":2,"uid":"b","listed":true,"open":3}]})",
                           R"({"endpoints":[{"id":"2","uid":"b","listed":true,"open":3,)"
                           R"("picked":1,"failed":1}]})"}) {
    const auto counts = parse_endpoint_counts(text);
    ASSERT_FALSE(counts) << text;
    EXPECT_NE(counts.error().message.find("can't be read"), std::string::npos);
  }
}

}  // namespace
}  // namespace wsfleet
