// SPDX-License-Identifier: Apache-2.0
#include "server/live/admin/http_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/live/admin/admin_listener.h"

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

TEST(RequestPath, RoomsAreBelowWs) {
  EXPECT_EQ(split_path("/ws").room, "");
  EXPECT_EQ(split_path("/ws/").room, "");
  EXPECT_EQ(split_path("/ws/lobby?x=1").room, "lobby");
  EXPECT_EQ(split_path("/ws/lobby?x=1").query, "x=1");
  EXPECT_FALSE(split_path("/wsx").room);
  EXPECT_FALSE(split_path("/").room);
  EXPECT_FALSE(split_path("").room);
}

TEST(RequestPath, QueryValuesAreFoundByTheirWholeName) {
  EXPECT_EQ(query_value("share=0.5", "share"), "0.5");
  EXPECT_EQ(query_value("a=1&share=&b=2", "share"), "");
  EXPECT_EQ(query_value("a=1&b=2", "b"), "2");
  EXPECT_FALSE(query_value("ashare=1&share", "share"));
  EXPECT_FALSE(query_value("", "share"));
}

TEST(Refusal, SaysWhyAndWhenToComeBack) {
  ServerOptions options;
  options.rules.max_connections = 10;
  options.retry_after = 2500 * kMillisecond;
  const HttpAnswer full = refusal(Admission::refuse_full, options);
  EXPECT_EQ(full.status, 503U);
  EXPECT_THAT(full.body, HasSubstr("the 10 connections"));
  EXPECT_EQ(full.extra_name, "Retry-After");
  EXPECT_EQ(full.extra_value, "3");  // whole seconds, never too early
  EXPECT_THAT(refusal(Admission::refuse_draining, options).body, HasSubstr("going away"));
  EXPECT_THAT(refusal(Admission::refuse_rate, options).body, HasSubstr("at once"));
}

TEST(WebSocketKey, IsSixteenBytesInBase64) {
  EXPECT_TRUE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
  for (const char* key : {"", "==", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
                          "dGhlIHNhbXBsZSBub25jZQAA", "dGhlIHNhbXBsZSBub25j*Q=="}) {
    EXPECT_FALSE(is_websocket_key(key)) << key;
  }
}

TEST(Origin, OnlyListedOnesComeInAndClientsWithoutOne) {
  ServerOptions options;
  EXPECT_TRUE(origin_allowed(options, "https://anything.example"));
  options.allowed_origins = {"https://a.example", "https://b.example:8443"};
  EXPECT_TRUE(origin_allowed(options, ""));
  EXPECT_TRUE(origin_allowed(options, "https://b.example:8443"));
  EXPECT_FALSE(origin_allowed(options, "https://a.example.evil"));
  EXPECT_FALSE(origin_allowed(options, "http://a.example"));
}

class AdminAnswers : public testing::Test {
 protected:
  HttpPage ask(const char* method, const char* target, const char* authorization = "Bearer key") {
    return answer_admin(method, target, authorization, "key",
                        {[this] {
                           ++drains_;
                           return std::int64_t{7};
                         },
                         [this](double share) {
                           share_ = share;
                           return std::int64_t{3};
                         }});
  }
  int drains_ = 0;
  double share_ = 0;
};

TEST_F(AdminAnswers, VerbsAnswer202WithTheNumberOfConnections) {
  const HttpPage drain = ask("POST", "/drain");
  EXPECT_EQ(drain.status, 202);
  EXPECT_EQ(drain.body, "{\"verb\": \"drain\", \"connections\": 7}\n");
  EXPECT_EQ(drains_, 1);
  const HttpPage shed = ask("POST", "/shed?share=0.25");
  EXPECT_EQ(shed.status, 202);
  EXPECT_THAT(shed.body, HasSubstr("\"connections\": 3"));
  EXPECT_DOUBLE_EQ(share_, 0.25);
}

TEST_F(AdminAnswers, WithoutTheTokenNothingIsDone) {
  for (const char* authorization :
       {"", "Bearer", "Bearer ", "Bearer kez", "Bearer keys", "Basic key"}) {
    EXPECT_EQ(ask("POST", "/drain", authorization).status, 401) << authorization;
  }
  EXPECT_EQ(drains_, 0);
}

TEST_F(AdminAnswers, AWrongShareIsRefused) {
  for (const char* target : {"/shed", "/shed?share=", "/shed?share=0", "/shed?share=1.01",
                             "/shed?share=-0.1", "/shed?share=nan", "/shed?share=0.5x"}) {
    EXPECT_EQ(ask("POST", target).status, 400) << target;
  }
  EXPECT_EQ(share_, 0);
}

TEST_F(AdminAnswers, OtherMethodsAndPathsAreRefused) {
  EXPECT_EQ(ask("GET", "/drain").status, 405);
  EXPECT_EQ(ask("POST", "/elsewhere").status, 404);
  EXPECT_EQ(drains_, 0);
}

}  // namespace
}  // namespace wsfleet
