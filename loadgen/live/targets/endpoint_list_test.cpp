// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/targets/endpoint_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using testing::HasSubstr;

std::string why_not(const std::string& text) {
  const auto list = parse_endpoint_list(text);
  EXPECT_FALSE(list.has_value()) << text;
  return list ? "" : list.error().message;
}

TEST(EndpointList, IsReadAndSorted) {
  const auto list = parse_endpoint_list(
      R"({"endpoints":[{"id":3,"uid":"b","url":"ws://127.0.0.12:4000/ws/"},
          {"id":0,"uid":"a","url":"wss://[::1]:443/x","name":"fleet-0"}]})");
  ASSERT_TRUE(list.has_value()) << list.error().message;
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].id, 0U);
  EXPECT_EQ((*list)[0].uid, "a");
  EXPECT_TRUE((*list)[0].url.tls);
  EXPECT_EQ((*list)[1].id, 3U);
  EXPECT_EQ((*list)[1].url.host, "127.0.0.12");
  EXPECT_EQ((*list)[1].url.port, 4000);
}

TEST(EndpointList, MayBeEmpty) {
  const auto list = parse_endpoint_list(R"({"endpoints":[]})");
  ASSERT_TRUE(list.has_value());
  EXPECT_TRUE(list->empty());
}

TEST(EndpointList, SaysWhatIsWrong) {
  EXPECT_THAT(why_not("{\"endpoints\": ["), HasSubstr("no JSON"));
  EXPECT_THAT(why_not("[]"), HasSubstr("no list 'endpoints'"));
  EXPECT_THAT(why_not(R"({"endpoints":[7]})"), HasSubstr("endpoints[0]"));
  EXPECT_THAT(why_not(R"({"endpoints":[{"id":-1,"url":"ws://127.0.0.1/"}]})"), HasSubstr("id"));
  EXPECT_THAT(why_not(R"({"endpoints":[{"id":70000,"url":"ws://127.0.0.1/"}]})"), HasSubstr("id"));
  EXPECT_THAT(why_not(R"({"endpoints":[{"id":1}]})"), HasSubstr("url"));
  EXPECT_THAT(why_not(R"({"endpoints":[{"id":1,"url":"http://127.0.0.1/"}]})"),
              HasSubstr("WebSocket"));
  EXPECT_THAT(why_not(R"({"endpoints":[{"id":1,"url":"ws://localhost/"}]})"),
              HasSubstr("'localhost' is no numeric address"));
  EXPECT_THAT(why_not(R"({"endpoints":[{"id":1,"url":"ws://127.0.0.1/"},
                                       {"id":1,"url":"ws://127.0.0.2/"}]})"),
              HasSubstr("two endpoints have the id 1"));
}

}  // namespace
}  // namespace wsfleet
