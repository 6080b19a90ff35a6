// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/instant_query.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace wsfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr const char* kNow = "1700000100.25";

std::string vector_of(const std::string& elements) {
  return R"({"status":"success","data":{"resultType":"vector","result":[)" + elements + "]}}";
}
/// A series as the query asks for it: its value, and when it was scraped.
std::string series(const std::string& labels, const std::string& value,
                   const std::string& scraped_at) {
  return fmt::format(
      R"({{"metric":{{"__name__":"wsfleet_connections",{0},"wsfleet_part":"value"}},)"
      R"("value":[{3},"{1}"]}},)"
      R"({{"metric":{{{0},"wsfleet_part":"scraped_at"}},"value":[{3},"{2}"]}})",
      labels, value, scraped_at, kNow);
}

std::string trouble(int status, const std::string& body) {
  const auto answer = parse_instant_query(status, body);
  if (answer) return "(no error)";
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  return answer.error().message;
}

PodSamples samples(const std::string& elements) {
  const auto answer = parse_instant_query(200, vector_of(elements));
  if (!answer) {
    ADD_FAILURE() << answer.error().message;
    return {};
  }
  return samples_by_pod(*answer, "uid", 5 * kMinute);
}

std::vector<std::string> as_text(const PodSamples& pods) {
  std::vector<std::string> texts;
  for (const auto& [uid, sample] : pods.by_uid) {
    texts.push_back(fmt::format("{}={} {}", uid, sample.value, format_duration(sample.age)));
  }
  return texts;
}

TEST(InstantQuery, ReadsAVector) {
  const auto answer =
      parse_instant_query(200, vector_of(R"({"metric":{"uid":"a"},"value":[1700000100.25,"12"]},)"
                                         R"({"metric":{},"value":[1700000100,"1e+06"]})"));
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_THAT(*answer, SizeIs(2));
  EXPECT_EQ((*answer)[0].labels.at("uid"), "a");
  EXPECT_EQ((*answer)[0].value, 12);
  EXPECT_EQ((*answer)[0].evaluated_at, 1'700'000'100'250 * kMillisecond);
  EXPECT_THAT((*answer)[1].labels, IsEmpty());
  EXPECT_EQ((*answer)[1].value, 1e6);
}

TEST(InstantQuery, AnEmptyVectorIsNoSampleAndNoError) {
  const auto answer = parse_instant_query(200, vector_of(""));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(*answer, IsEmpty());
  EXPECT_THAT(samples("").by_uid, IsEmpty());
  EXPECT_TRUE(parse_instant_query(
      200, R"({"status":"success","warnings":[],"data":{"resultType":"vector","result":[]}})"));
}

TEST(InstantQuery, ReadsEveryNumberThatPrometheusWrites) {
  const auto value = [](const std::string& text) {
    const auto answer = parse_instant_query(
        200, vector_of(fmt::format(R"({{"metric":{{}},"value":[1,"{}"]}})", text)));
    return answer && answer->size() == 1 ? answer->front().value : -1;
  };
  EXPECT_EQ(value("0"), 0);
  EXPECT_EQ(value("-2.5"), -2.5);
  EXPECT_EQ(value("1.7976931348623157e+308"), 1.7976931348623157e308);
  EXPECT_TRUE(std::isnan(value("NaN")));
  EXPECT_EQ(value("+Inf"), INFINITY);
  EXPECT_EQ(value("-Inf"), -INFINITY);
  EXPECT_EQ(value("1e+999"), INFINITY);
}

TEST(InstantQuery, TellsWhatPrometheusSaidOfAFailure) {
  EXPECT_EQ(trouble(400, R"({"status":"error","errorType":"bad_data","error":"parse error"})"),
            "answered 400: bad_data: parse error");
  EXPECT_EQ(trouble(200, R"({"status":"error","errorType":"timeout","error":"took too long"})"),
            "answered 200: timeout: took too long");
  EXPECT_EQ(trouble(503, "Service Unavailable\n"), "answered 503: Service Unavailable");
  EXPECT_EQ(trouble(404, ""), "answered 404: ");
  // Even a good body is none under another status.
  EXPECT_THAT(trouble(500, vector_of("")), HasSubstr("answered 500: {"));
  EXPECT_EQ(trouble(200, R"({"status":"success","warnings":["a remote is away","b"],)"
                         R"("data":{"resultType":"vector","result":[]}})"),
            "warns that its answer is incomplete: a remote is away; b");
}

TEST(InstantQuery, AnythingButAVectorIsAnError) {
  const auto of_type = [](const std::string& type, const std::string& result) {
    return trouble(
        200, fmt::format(R"({{"status":"success","data":{{"resultType":"{}","result":{}}}}})", type,
                         result));
  };
  EXPECT_EQ(of_type("scalar", R"([1700000000,"1"])"), "gave 'scalar' where a vector was asked for");
  EXPECT_EQ(of_type("matrix", "[]"), "gave 'matrix' where a vector was asked for");
  EXPECT_EQ(of_type("vector", "{}"), "gave 'vector' where a vector was asked for");
  EXPECT_EQ(of_type("vector", "null"), "gave 'vector' where a vector was asked for");
  EXPECT_EQ(trouble(200, R"({"status":"success"})"), "gave 'nothing' where a vector was asked for");
  EXPECT_EQ(trouble(200, R"({"status":"success","data":[1]})"),
            "gave 'nothing' where a vector was asked for");
  for (const char* body : {"", "<html>", "{", "[]", "null", "{}", R"({"status":7})", "\xFF\xFE"}) {
    EXPECT_THAT(trouble(200, body), HasSubstr("gave no answer to a query: ")) << body;
  }
}

TEST(InstantQuery, ASampleThatCantBeReadIsAnError) {
  for (const char* element :
       {"7", "{}", R"({"metric":{}})", R"({"value":[1,"2"]})", R"({"metric":[],"value":[1,"2"]})",
        R"({"metric":{"a":1},"value":[1,"2"]})", R"({"metric":{},"value":[1]})",
        R"({"metric":{},"value":["1","2"]})", R"({"metric":{},"value":[1,2]})",
        R"({"metric":{},"value":[1,""]})", R"({"metric":{},"value":[1,"12x"]})",
        R"({"metric":{},"value":"1"})"}) {
    EXPECT_EQ(trouble(200, vector_of(element)), "gave a sample that can't be read, number 1")
        << element;
  }
}

TEST(InstantQuery, QuotesAtMostALine) {
  const std::string message = trouble(502, "a\nb" + std::string(10'000, 'x'));
  EXPECT_THAT(message, HasSubstr("answered 502: a bxxx"));
  EXPECT_LT(message.size(), 400U);
}

TEST(PodSamples, EachPodWithTheAgeOfItsScrape) {
  const PodSamples pods = samples(series(R"("uid":"a")", "12", "1700000095.25") + "," +
                                  series(R"("uid":"b")", "0", "1700000100.125"));
  EXPECT_THAT(as_text(pods), UnorderedElementsAre("a=12 5s", "b=0 125ms"));
  EXPECT_THAT(pods.left_out, IsEmpty());
}

TEST(PodSamples, ATimeAheadOfTheQueryIsNow) {
  EXPECT_THAT(as_text(samples(series(R"("uid":"a")", "3", "1700000105"))), ElementsAre("a=3 0s"));
}

TEST(PodSamples, OfSeveralSeriesTheLatestCounts) {
  const std::string first = R"("uid":"a","instance":"127.0.0.2:1")";
  const std::string second = R"("uid":"a","instance":"127.0.0.3:1")";
  const std::string older = "1700000090.25";
  const std::string newer = "1700000099.25";
  EXPECT_THAT(as_text(samples(series(first, "90", older) + "," + series(second, "7", newer))),
              ElementsAre("a=7 1s"));
  EXPECT_THAT(as_text(samples(series(first, "7", newer) + "," + series(second, "90", older))),
              ElementsAre("a=7 1s"));
  EXPECT_THAT(as_text(samples(series(first, "7", newer) + "," + series(second, "8", newer))),
              ElementsAre("a=8 1s"));
  // The latest that is a sample.
  EXPECT_THAT(as_text(samples(series(first, "NaN", newer) + "," + series(second, "8", older))),
              ElementsAre("a=8 10s"));
}

TEST(PodSamples, WhatIsNoSampleIsLeftOutAndTold) {
  const PodSamples pods =
      samples(series(R"("uid":"nan")", "NaN", kNow) + "," + series(R"("uid":"inf")", "+Inf", kNow) +
              "," + series(R"("uid":"negative")", "-1", kNow) + "," +
              series(R"("uid":"old")", "1", "1699999000.25") + "," +
              series(R"("uid":"timeless")", "1", "NaN") + "," + series(R"("uid":"")", "1", kNow) +
              "," + series(R"("pod":"x")", "1", kNow) + "," +
              R"({"metric":{"uid":"lone"},"value":[1700000100,"1"]},)"
              R"({"metric":{"uid":"histogram"},"histogram":[1700000100,{"count":"1"}]},)" +
              series(R"("uid":"fine")", "1", kNow));
  EXPECT_THAT(as_text(pods), ElementsAre("fine=1 0s"));
  EXPECT_THAT(pods.left_out,
              UnorderedElementsAre(
                  "{uid=\"nan\"}: its value is nan", "{uid=\"inf\"}: its value is inf",
                  "{uid=\"negative\"}: its value is -1, below zero",
                  "{uid=\"old\"}: it is 18m20s old", "{uid=\"timeless\"}: it has no time",
                  "{uid=\"\"}: it has no label 'uid'", "{pod=\"x\"}: it has no label 'uid'",
                  "{uid=\"lone\"}: it has no time", "{uid=\"histogram\"}: it is a histogram"));
}

TEST(ConnectionsQuery, AsksForValuesAndTimesAtOnce) {
  EXPECT_EQ(
      connections_query(R"(m{a="b"})"),
      R"(label_replace(m{a="b"}, "wsfleet_part", "value", "__name__", ".*") or )"
      R"(label_replace(timestamp(m{a="b"}), "wsfleet_part", "scraped_at", "__name__", ".*"))");
}

}  // namespace
}  // namespace wsfleet
