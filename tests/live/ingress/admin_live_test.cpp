// SPDX-License-Identifier: Apache-2.0
// The admin API of real nginx: who is let in, what is refused with which reason, and that a refused
// list changes nothing.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/live/testing/nginx_process.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

constexpr const char* kOne =
    R"({"endpoints":[{"id":0,"uid":"a","address":"127.0.0.1","port":40001}]})";

class IngressAdminLive : public testing::Test {
 protected:
  NginxProcess nginx_{BalancerKind::round_robin};

  std::string list_with(const std::string& endpoint) {
    return R"({"endpoints":[{"id":5,"uid":"e","address":"127.0.0.5","port":5},)" + endpoint + "]}";
  }
};

TEST_F(IngressAdminLive, NobodyGetsInWithoutTheToken) {
  for (const char* fields : {"", "Authorization: Bearer wrong\r\n", "Authorization: Bearer \r\n",
                             "Authorization: token-of-the-tests\r\n"}) {
    for (const char* verb : {"GET", "PUT"}) {
      const RawResponse response = nginx_.admin(verb, "/endpoints", kOne, fields);
      EXPECT_EQ(response.status, 401) << verb << " " << fields;
      EXPECT_EQ(response.header("WWW-Authenticate"), "Bearer");
    }
  }
  EXPECT_TRUE(nginx_.counts().empty());
}

TEST_F(IngressAdminLive, TheListIsReplacedAsAWhole) {
  EXPECT_EQ(nginx_.admin("PUT", "/endpoints", kOne).status, 200);
  nginx_.put({{.id = 1, .uid = "b", .address = "127.0.0.2", .port = 2},
              {.id = 0, .uid = "a", .address = "127.0.0.1", .port = 1}});
  const auto counts = nginx_.counts();
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0], (EndpointCount{.id = 0, .uid = "a", .listed = true}));
  EXPECT_EQ(counts[1], (EndpointCount{.id = 1, .uid = "b", .listed = true}));
  nginx_.put({});
  for (const EndpointCount& count : nginx_.counts()) EXPECT_FALSE(count.listed);
}

TEST_F(IngressAdminLive, AThousandEndpointsAreNoMatter) {
  std::vector<IngressEndpoint> endpoints;
  for (EndpointId id = 0; id < 1000; ++id) {
    endpoints.push_back({.id = id,
                         .uid = fmt::format("0f8fad5b-d9cb-469f-a165-{:012}", id),
                         .address = fmt::format("127.0.{}.{}", id / 250, 1 + id % 250),
                         .port = 40000});
  }
  nginx_.put(endpoints);
  EXPECT_EQ(nginx_.counts().size(), 1000U);
}

TEST_F(IngressAdminLive, ABadListChangesNothing) {
  ASSERT_EQ(nginx_.admin("PUT", "/endpoints", kOne).status, 200);
  const std::pair<std::string, const char*> bad[] = {
      {"", "no JSON: no value at byte 1"},
      {"{", "no JSON: a key is missing at byte 2"},
      {R"({"endpoints":[]} x)", "no JSON: more behind the end"},
      {R"({"endpoints":[],"endpoints":[]})", "comes twice"},
      {R"({"endpoints":[1,]})", "no JSON: no value"},
      {R"({"endpoints":[01]})", "leading zero"},
      {"{\"endpoints\":[\"\n\"]}", "a control character"},
      {R"({"endpoints":["\ud800"]})", "surrogate"},
      {R"({"endpoints":["\x"]})", "an unknown escape"},
      {R"({"endpoints":["abc)", "a string does not end"},
      {std::string(100, '['), "nested too deep"},
      {"null", "not of the form"},
      {"[]", "not of the form"},
      {"{}", "not of the form"},
      {R"({"endpoints":{}})", "not of the form"},
      {R"({"endpoints":[],"more":1})", "not of the form"},
      {list_with("7"), "endpoint 2 is no object"},
      {list_with("{}"), "endpoint 2 needs 'id'"},
      {list_with(R"({"id":-1,"uid":"a","address":"127.0.0.1","port":1})"), "endpoint 2 needs 'id'"},
      {list_with(R"({"id":0.5,"uid":"a","address":"127.0.0.1","port":1})"),
       "endpoint 2 needs 'id'"},
      {list_with(R"({"id":"0","uid":"a","address":"127.0.0.1","port":1})"),
       "endpoint 2 needs 'id'"},
      {list_with(R"({"id":5,"uid":"a","address":"127.0.0.1","port":1})"), "has the id 5"},
      {list_with(R"({"id":0,"uid":"","address":"127.0.0.1","port":1})"), "needs 'uid'"},
      {list_with(R"({"id":0,"uid":"a b","address":"127.0.0.1","port":1})"), "needs 'uid'"},
      {list_with(R"({"id":0,"uid":"a","address":"localhost","port":1})"), "needs 'address'"},
      {list_with(R"({"id":0,"uid":"a","address":"127.0.0.256","port":1})"), "needs 'address'"},
      {list_with(R"({"id":0,"uid":"a","address":"127.0.0.1","port":0})"), "needs 'port'"},
      {list_with(R"({"id":0,"uid":"a","address":"127.0.0.1","port":65536})"), "needs 'port'"},
      {list_with(R"({"id":0,"uid":"a","address":"127.0.0.1"})"), "needs 'port'"},
      {list_with(R"({"id":0,"uid":"a","address":"127.0.0.1","port":1,"x":1})"), "unknown key 'x'"},
  };
  for (const auto& [body, reason] : bad) {
    const RawResponse response = nginx_.admin("PUT", "/endpoints", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(response.body, HasSubstr(reason)) << body;
  }
  const auto counts = nginx_.counts();
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts[0], (EndpointCount{.id = 0, .uid = "a", .listed = true}));
}

TEST_F(IngressAdminLive, JsonIsReadAsTheStandardHasIt) {
  const RawResponse response = nginx_.admin(
      "PUT", "/endpoints",
      "\t{ \"endpoints\" : [ {\"p\\u006frt\": 4e1, \"id\":0,\r\n \"uid\":\"\\u0061-1\", "
      "\"address\":\"127.0.0.1\"} ] }\n");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(nginx_.counts().at(0).uid, "a-1");
}

TEST_F(IngressAdminLive, OnlyWhatIsNotListedIsForgotten) {
  nginx_.put({{.id = 0, .uid = "a", .address = "127.0.0.1", .port = 1}});
  EXPECT_EQ(nginx_.admin("POST", "/forget", forget_json(0)).status, 409);
  nginx_.put({});
  EXPECT_EQ(nginx_.counts().size(), 1U) << "it may come back";
  EXPECT_EQ(nginx_.admin("POST", "/forget", forget_json(0)).status, 200);
  EXPECT_TRUE(nginx_.counts().empty());
  EXPECT_EQ(nginx_.admin("POST", "/forget", forget_json(77)).status, 200) << "never heard of";
  for (const char* body : {"", "{}", "7", R"({"id":"0"})", R"({"id":-1})", R"({"id":0.5})",
                           R"({"id":0,"x":1})", R"({"x":1,"id":0})"}) {
    EXPECT_EQ(nginx_.admin("POST", "/forget", body).status, 400) << body;
  }
}

TEST_F(IngressAdminLive, OtherPathsAndVerbs) {
  EXPECT_EQ(nginx_.admin("GET", "/livez").status, 200);
  EXPECT_EQ(nginx_.admin("GET", "/other").status, 404);
  EXPECT_EQ(nginx_.admin("POST", "/endpoints", kOne).status, 405);
  EXPECT_EQ(nginx_.admin("GET", "/forget").status, 405);
}

}  // namespace
}  // namespace wsfleet
