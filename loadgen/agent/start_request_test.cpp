// SPDX-License-Identifier: Apache-2.0
#include "loadgen/agent/start_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string trouble(const std::string& body) {
  const auto request = parse_start_request(body);
  if (request) return "(none)";
  EXPECT_EQ(request.error().kind, ErrorKind::usage);
  return request.error().message;
}

std::string with_file(const std::string& name) {
  return R"({"arguments": [], "files": {")" + name + R"(": "x"}})";
}

TEST(StartRequest, HasArgumentsAndFiles) {
  const auto request = parse_start_request(
      R"({"arguments": ["ws://a/", "--rate", "2"], "files": {"scenario.toml": "a\nb\u00e4"}})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_THAT(request->arguments, ElementsAre("ws://a/", "--rate", "2"));
  EXPECT_THAT(request->files, ElementsAre(Pair("scenario.toml", "a\nb\xC3\xA4")));
  EXPECT_TRUE(parse_start_request(R"({"arguments": []})"));
}

TEST(StartRequest, SaysWhatIsWrong) {
  EXPECT_EQ(trouble(""), "the body must be a JSON object");
  EXPECT_EQ(trouble("[]"), "the body must be a JSON object");
  EXPECT_EQ(trouble("{}"), "'arguments' is missing");
  EXPECT_EQ(trouble(R"({"arguments": "a"})"), "'arguments' must be a list of strings");
  EXPECT_EQ(trouble(R"({"arguments": [1]})"), "'arguments' must be a list of strings");
  EXPECT_EQ(trouble(R"({"arguments": ["a\u0000b"]})"), "an argument has a zero byte in it");
  EXPECT_EQ(trouble(R"({"arguments": [], "files": []})"),
            "'files' must be an object of texts by name");
  EXPECT_EQ(trouble(R"({"arguments": [], "files": {"a": 1}})"), "the file 'a' must be a string");
  EXPECT_THAT(trouble(R"({"arguments": [], "file": {}})"), HasSubstr("unknown key 'file'"));
}

TEST(StartRequest, FilesStayInTheirDirectory) {
  for (const char* name : {"", ".", "..", "../a", "a/b", "/a", "a\\\\b", ".hidden", "-v", "a b",
                           "a\\u0000b", "a\\nb"}) {
    EXPECT_THAT(trouble(with_file(name)), HasSubstr("is no plain file name")) << name;
  }
  EXPECT_THAT(trouble(with_file(std::string(101, 'a'))), HasSubstr("is no plain file name"));
  EXPECT_EQ(trouble(with_file("a-b_c.1.toml")), "(none)");
  EXPECT_THAT(trouble(with_file("report.json")), HasSubstr("is the agent's own"));
  EXPECT_THAT(trouble(with_file("loadgen.log")), HasSubstr("is the agent's own"));
}

TEST(StartRequest, TheLastShardCountsAsItDoesForTheLoadGenerator) {
  EXPECT_EQ(shard_of({"a", "--shard", "0/2"}), "0/2");
  EXPECT_EQ(shard_of({"--shard=1/2", "a"}), "1/2");
  EXPECT_EQ(shard_of({"--shard", "0/2", "--shard=1/2"}), "1/2");
  EXPECT_EQ(shard_of({"a", "--shard"}), "");
  EXPECT_EQ(shard_of({}), "");
}

TEST(SameToken, OnlyTheWholeTokenIsTheSame) {
  EXPECT_TRUE(same_token("secret", "secret"));
  for (const char* other : {"", "s", "secre", "secret ", "secretsecret", "Secret", "secreT"}) {
    EXPECT_FALSE(same_token(other, "secret")) << other;
  }
  EXPECT_FALSE(same_token("", ""));
  EXPECT_FALSE(same_token("secret", ""));
}

}  // namespace
}  // namespace wsfleet
