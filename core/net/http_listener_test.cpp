// SPDX-License-Identifier: Apache-2.0
#include "core/net/http_listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "core/net/http_client.h"

namespace wsfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr TimeNs kAnswerWithin = 20 * kSecond;

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
  return http_exchange(request, kAnswerWithin);
}

std::unique_ptr<HttpListener> opened(HttpService service) {
  auto listener = HttpListener::open("127.0.0.1", 0, std::move(service));
  EXPECT_TRUE(listener) << listener.error().message;
  return std::move(*listener);
}

/// A connection that says what it is told to and waits.
class Caller {
 public:
  explicit Caller(const HttpListener& listener) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(listener.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(file_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Caller() { close(file_); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  void says(const std::string& text) const {
    EXPECT_EQ(send(file_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  /// All until the listener ends the connection.
  std::string hears() const {
    std::string text;
    char block[4096];
    for (ssize_t size = 0; (size = recv(file_, block, sizeof block, 0)) > 0;) {
      text.append(block, static_cast<std::size_t>(size));
    }
    return text;
  }

 private:
  int file_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

/// Deadlines that no test waits for: what ends a connection is something else.
HttpService patient_service() {
  HttpService service = pages_by_path(answer);
  service.limits.head_within = service.limits.exchange_within = kHour;
  service.limits.most_connections = 32;
  return service;
}

TEST(HttpListener, AnswersByPath) {
  const auto listener = HttpListener::open("127.0.0.1", 0, pages_by_path(answer));
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
  const auto listener = HttpListener::open("127.0.0.1", 0, pages_by_path(answer));
  ASSERT_TRUE(listener);
  EXPECT_FALSE(ask(**listener, "/" + std::string(10'000, 'x')));
  EXPECT_EQ(ask(**listener, "/x")->status, 200);
}

TEST(HttpListener, AnswersManyAtOnce) {
  const auto listener = HttpListener::open("127.0.0.1", 0, pages_by_path(answer));
  ASSERT_TRUE(listener);
  std::vector<HttpRequest> requests(200);
  for (HttpRequest& request : requests) request.port = (*listener)->port();
  for (const auto& page : http_exchange_all(requests, kAnswerWithin)) {
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->status, 200);
  }
}

TEST(HttpListener, NobodyWaitsForThoseWhoSayNothing) {
  const auto listener = opened(patient_service());
  std::vector<std::unique_ptr<Caller>> silent;
  for (int i = 0; i < 300; ++i) silent.push_back(std::make_unique<Caller>(*listener));
  const auto page = ask(*listener, "/livez");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->status, 200);
}

TEST(HttpListener, NobodyWaitsForThoseWhoDoNotReadTheirAnswers) {
  HttpService service = patient_service();
  service.answer = [](const IncomingRequest& request) -> HttpPage {
    return request.path() == "/big" ? HttpPage{200, std::string(5'000'000, 'x')} : HttpPage{};
  };
  const auto listener = opened(service);
  std::vector<std::unique_ptr<Caller>> deaf;
  for (int i = 0; i < 40; ++i) {
    deaf.push_back(std::make_unique<Caller>(*listener));
    deaf.back()->says("GET /big HTTP/1.1\r\n\r\n");
  }
  EXPECT_EQ(ask(*listener, "/livez")->status, 200);
}

TEST(HttpListener, WhoIsServedIsNotCutOffForThoseWhoSayNothing) {
  HttpService service = patient_service();
  service.limits.body_bytes = 100;
  service.answer = [](const IncomingRequest& request) {
    return HttpPage{200, std::string(request.body)};
  };
  const auto listener = opened(service);
  const Caller slow(*listener);
  slow.says("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nha");
  ASSERT_EQ(ask(*listener, "/")->status, 200);  // the slow one's head has been read by now
  std::vector<std::unique_ptr<Caller>> silent;
  for (int i = 0; i < 50; ++i) silent.push_back(std::make_unique<Caller>(*listener));
  ASSERT_EQ(ask(*listener, "/")->status, 200);
  slow.says("lf");
  EXPECT_THAT(slow.hears(), HasSubstr("\r\n\r\nhalf"));
}

TEST(HttpListener, CutsOffWhoIsSlow) {
  HttpService service = patient_service();
  service.limits.head_within = 20 * kMillisecond;
  const auto listener = opened(service);
  const Caller slow(*listener);
  slow.says("GET /");
  EXPECT_EQ(slow.hears(), "");
}

TEST(HttpListener, ReadsABodyUpToItsLimit) {
  HttpService service = patient_service();
  service.limits.body_bytes = 10;
  service.answer = [](const IncomingRequest& request) {
    return HttpPage{200, fmt::format("{} {}", request.header("X-Word"), request.body)};
  };
  const auto listener = opened(service);
  HttpRequest request;
  request.method = "POST";
  request.port = listener->port();
  request.headers = {{"X-Word", "hello"}};
  request.body = "0123456789";
  EXPECT_EQ(http_exchange(request, kAnswerWithin)->body, "hello 0123456789");
  request.body += "x";
  EXPECT_EQ(http_exchange(request, kAnswerWithin)->status, 413);
  const Caller chunked(*listener);
  chunked.says("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n");
  chunked.says(std::string(32, 'x') + "\r\n0\r\n\r\n");
  EXPECT_THAT(chunked.hears(), HasSubstr("HTTP/1.1 413"));
}

TEST(HttpListener, RefusesBeforeABodyIsRead) {
  HttpService service = patient_service();
  service.limits.body_bytes = 1000;
  service.refuse = [](const IncomingRequest& request) -> std::optional<HttpPage> {
    if (!request.header("Token").empty()) return std::nullopt;
    return HttpPage{401, "who are you?\n", "text/plain", {{"WWW-Authenticate", "Bearer"}}};
  };
  const auto listener = opened(service);
  const Caller stranger(*listener);
  stranger.says("POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n");
  const Caller other(*listener);
  other.says("POST / HTTP/1.1\r\nToken: t\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_THAT(other.hears(), HasSubstr("HTTP/1.1 405"));
  EXPECT_THAT(stranger.hears(),
              AllOf(HasSubstr("HTTP/1.1 401"), HasSubstr("WWW-Authenticate: Bearer\r\n")));
}

TEST(HttpListener, NonsenseIsABadRequest) {
  const auto listener = opened(patient_service());
  const Caller caller(*listener);
  caller.says("nonsense\r\n\r\n");
  EXPECT_THAT(caller.hears(), HasSubstr("HTTP/1.1 400"));
}

TEST(HttpListener, ServesOnAnothersThreadUntilItGoes) {
  boost::asio::io_context io{1};
  int answers = 0;
  auto listener = HttpListener::open(io, "127.0.0.1", 0, pages_by_path([&](const std::string&) {
                                       ++answers;
                                       io.stop();
                                       return HttpPage{};
                                     }));
  ASSERT_TRUE(listener) << listener.error().message;
  const Caller first(**listener);
  const Caller second(**listener);
  first.says("GET / HTTP/1.1\r\n\r\n");
  io.run();
  EXPECT_EQ(answers, 1);
  EXPECT_GE((*listener)->open_connections(), 1U);
  second.says("GET / HTTP/1.1\r\n\r\n");
  listener->reset();
  io.restart();
  io.run();
  EXPECT_EQ(answers, 1);
}

TEST(HttpListener, OneThatClosesFinishesWhatItServes) {
  boost::asio::io_context io{1};
  std::unique_ptr<HttpListener> listener;
  auto opened = HttpListener::open(io, "127.0.0.1", 0, pages_by_path([&](const std::string&) {
                                     listener->close();
                                     return HttpPage{200, "the last one\n"};
                                   }));
  ASSERT_TRUE(opened) << opened.error().message;
  listener = std::move(*opened);
  const Caller silent(*listener);
  const Caller last(*listener);
  last.says("GET / HTTP/1.1\r\n\r\n");
  io.run();
  EXPECT_EQ(silent.hears(), "");
  EXPECT_THAT(last.hears(), HasSubstr("the last one"));
}

TEST(HttpListener, SaysWhereItCannotListen) {
  const auto first = HttpListener::open("127.0.0.1", 0, pages_by_path(answer));
  ASSERT_TRUE(first);
  const auto second = HttpListener::open("127.0.0.1", (*first)->port(), pages_by_path(answer));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string((*first)->port())));
  EXPECT_FALSE(HttpListener::open("nowhere", 0, pages_by_path(answer)));
}

}  // namespace
}  // namespace wsfleet
