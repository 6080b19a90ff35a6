// SPDX-License-Identifier: Apache-2.0
#include "core/net/http_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/net/http_client.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

constexpr TimeNs kPatience = 20 * kSecond;

HttpPage answer(const std::string& path) {
  if (path == "/big") return {200, std::string(1'000'000, 'x')};
  if (path == "/bad") return {503, "not well\n"};
  return {200, "asked for " + path + "\n"};
}

Result<HttpResponse> ask(const HttpListener& listener, const std::string& target,
                         const std::string& method = "GET") {
  HttpRequest request;
  request.method = method;
  request.port = listener.port();
  request.target = target;
  return http_exchange(request, kPatience);
}

TEST(HttpListener, AnswersByPath) {
  const auto listener = HttpListener::open("127.0.0.1", 0, answer);
  ASSERT_TRUE(listener) << listener.error().message;
  const auto page = ask(**listener, "/livez?verbose=1");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->body, "asked for /livez\n");
  EXPECT_EQ(ask(**listener, "/bad")->status, 503);
  EXPECT_EQ(ask(**listener, "/big")->body.size(), 1'000'000U);
  EXPECT_EQ(ask(**listener, "/big", "HEAD")->body, "");
  EXPECT_EQ(ask(**listener, "/livez", "POST")->status, 405);
}

TEST(HttpListener, CutsOffWhoAsksForTooMuch) {
  const auto listener = HttpListener::open("127.0.0.1", 0, answer);
  ASSERT_TRUE(listener);
  EXPECT_FALSE(ask(**listener, "/" + std::string(10'000, 'x')));
  EXPECT_EQ(ask(**listener, "/x")->status, 200);
}

TEST(HttpListener, AnswersManyAtOnce) {
  const auto listener = HttpListener::open("127.0.0.1", 0, answer);
  ASSERT_TRUE(listener);
  std::vector<HttpRequest> requests(200);
  for (HttpRequest& request : requests) request.port = (*listener)->port();
  for (const auto& page : http_exchange_all(requests, kPatience)) {
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->status, 200);
  }
}

TEST(HttpListener, SaysWhereItCannotListen) {
  const auto first = HttpListener::open("127.0.0.1", 0, answer);
  ASSERT_TRUE(first);
  const auto second = HttpListener::open("127.0.0.1", (*first)->port(), answer);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string((*first)->port())));
  EXPECT_FALSE(HttpListener::open("nowhere", 0, answer));
}

}  // namespace
}  // namespace wsfleet
