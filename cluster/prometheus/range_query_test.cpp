// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/range_query.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace wsfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

std::string matrix_of(const std::string& elements) {
  return R"({"status":"success","data":{"resultType":"matrix","result":[)" + elements + "]}}";
}

std::string range_trouble(int status, const std::string& body) {
  const auto answer = parse_range_query(status, body);
  if (answer) return "(no error)";
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  return answer.error().message;
}

TEST(RangeQuery, ReadsAMatrix) {
  const auto answer = parse_range_query(
      200,
      matrix_of(R"({"metric":{"uid":"a"},"values":[[1700000100.25,"12"],[1700000101.25,"NaN"]]},)"
                R"({"metric":{},"values":[[1700000100,"+Inf"]]})"));
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_THAT(*answer, SizeIs(2));
  EXPECT_THAT((*answer)[0].labels, ElementsAre(Pair("uid", "a")));
  ASSERT_THAT((*answer)[0].points, SizeIs(2));
  EXPECT_EQ((*answer)[0].points[0].first, 1'700'000'100'250 * kMillisecond);
  EXPECT_EQ((*answer)[0].points[0].second, 12);
  EXPECT_TRUE(std::isnan((*answer)[0].points[1].second));
  EXPECT_EQ((*answer)[1].points[0].second, INFINITY);
}

TEST(RangeQuery, NoSeriesIsNoError) {
  const auto answer = parse_range_query(200, matrix_of(""));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(*answer, IsEmpty());
}

TEST(RangeQuery, ANativeHistogramHasNoPoints) {
  const auto answer =
      parse_range_query(200, matrix_of(R"({"metric":{},"histograms":[[1700000100,{}]]})"));
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_THAT(*answer, SizeIs(1));
  EXPECT_THAT(answer->front().points, IsEmpty());
}

TEST(RangeQuery, TellsWhatPrometheusSaidOfAFailure) {
  EXPECT_EQ(
      range_trouble(400, R"({"status":"error","errorType":"bad_data","error":"exceeded maximum"})"),
      "answered 400: bad_data: exceeded maximum");
  EXPECT_EQ(range_trouble(503, "no endpoints available\n"), "answered 503: no endpoints available");
  EXPECT_EQ(
      range_trouble(200, R"({"status":"success","data":{"resultType":"vector","result":[]}})"),
      "gave 'vector' where a matrix was asked for");
  EXPECT_THAT(range_trouble(200, R"({"status":"success","warnings":["a"],)"
                                 R"("data":{"resultType":"matrix","result":[]}})"),
              HasSubstr("incomplete: a"));
}

TEST(RangeQuery, ASeriesThatCantBeReadIsAnError) {
  for (const char* element :
       {"1", "{}", R"({"metric":{"a":1},"values":[]})", R"({"metric":{}})",
        R"({"metric":{},"values":{}})", R"({"metric":{},"values":[[1]]})",
        R"({"metric":{},"values":[["1","1"]]})", R"({"metric":{},"values":[[1,1]]})",
        R"({"metric":{},"values":[[1,"one"]]})"}) {
    EXPECT_EQ(range_trouble(200, matrix_of(R"({"metric":{},"values":[]},)" + std::string(element))),
              "gave a series that can't be read, number 2")
        << element;
  }
}

TEST(RangeQuery, AsksInSecondsWithMilliseconds) {
  EXPECT_EQ(range_query_target("a{b=\"c d\"}", 1'700'000'100'250 * kMillisecond,
                               1'700'000'200 * kSecond, kSecond),
            "/api/v1/query_range?query=a%7Bb%3D%22c%20d%22%7D&start=1700000100.250"
            "&end=1700000200.000&step=1.000");
}

}  // namespace
}  // namespace wsfleet
