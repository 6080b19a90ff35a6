// SPDX-License-Identifier: Apache-2.0
// The HTTP client against sockets that answer rightly, wrongly, slowly or not at all.
#include "core/net/http_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <optional>

#include "core/net/testing/raw_server.h"

namespace wsfleet {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr TimeNs kPatience = 20 * kSecond;
constexpr TimeNs kShort = 100 * kMillisecond;

HttpRequest get(std::uint16_t port, std::string target = "/") {
  HttpRequest request;
  request.port = port;
  request.target = std::move(target);
  return request;
}

Result<HttpResponse> answer_to(const RawServer::Behaviour& behaviour, TimeNs timeout = kPatience) {
  const RawServer server(behaviour);
  return http_exchange(get(server.port()), timeout);
}
Result<HttpResponse> answer_to_bytes(const std::string& bytes) {
  return answer_to(RawServer::answers(bytes));
}

std::string trouble(const Result<HttpResponse>& result) {
  if (result) return fmt::format("(an answer with status {})", result->status);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable) << result.error().message;
  return result.error().message;
}

TEST(HttpClient, SendsTheRequestAndReadsTheAnswer) {
  const RawServer server(
      RawServer::answers("HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello"));
  HttpRequest request = get(server.port(), "/drain?x=a%20b");
  request.method = "POST";
  request.headers = {{"Authorization", "Bearer a b"}};
  request.body = "{}";
  const auto response = http_exchange(request, kPatience);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(response->body, "hello");
  const std::string sent = server.requests().at(0);
  EXPECT_THAT(sent, StartsWith("POST /drain?x=a%20b HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr(fmt::format("\r\nHost: 127.0.0.1:{}\r\n", server.port())));
  EXPECT_THAT(sent, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nContent-Length: 2\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nAuthorization: Bearer a b\r\n"));
  EXPECT_THAT(sent, EndsWith("\r\n\r\n{}"));
}

TEST(HttpClient, AHostOfTheCallersOwnReplacesTheAddress) {
  const RawServer server(RawServer::answers("HTTP/1.1 204 No Content\r\n\r\n"));
  HttpRequest request = get(server.port());
  request.headers = {{"host", "fleet.example"}};
  ASSERT_TRUE(http_exchange(request, kPatience));
  EXPECT_THAT(server.requests().at(0),
              AllOf(HasSubstr("host: fleet.example\r\n"), Not(HasSubstr("Host: 127"))));
}

TEST(HttpClient, EveryStatusIsAnAnswer) {
  for (const int status : {200, 301, 404, 503, 599}) {
    const auto response =
        answer_to_bytes(fmt::format("HTTP/1.1 {} x\r\nContent-Length: 1\r\n\r\ny", status));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, status);
    EXPECT_EQ(response->body, "y");
  }
}

TEST(HttpClient, ABodyIsChunkedOrRunsToTheEnd) {
  const auto chunked = answer_to_bytes(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "4\r\nfour\r\nA;ext=1\r\n, then ten\r\n0\r\nTrailer: x\r\n\r\n");
  ASSERT_TRUE(chunked) << chunked.error().message;
  EXPECT_EQ(chunked->body, "four, then ten");
  const auto to_the_end = answer_to_bytes("HTTP/1.0 200 OK\r\n\r\nall of it");
  ASSERT_TRUE(to_the_end) << to_the_end.error().message;
  EXPECT_EQ(to_the_end->body, "all of it");
}

TEST(HttpClient, AnAnswerMayComeInPieces) {
  const auto response = answer_to([](const RawAnswer& answer) {
    for (const char c : std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")) {
      answer.send(std::string(1, c));
      answer.pause(kMillisecond);
    }
    answer.be_silent();  // the length says that this is all
  });
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "hello");
}

TEST(HttpClient, SkipsInterimAnswers) {
  const auto response = answer_to_bytes(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "ok");
}

TEST(HttpClient, TheAnswerToHeadHasNoBody) {
  const RawServer server([](const RawAnswer& answer) {
    answer.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
    answer.be_silent();
  });
  HttpRequest request = get(server.port());
  request.method = "HEAD";
  const auto response = http_exchange(request, kPatience);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "");
}

TEST(HttpClient, AnAnswerMayComeBeforeTheRequestWasRead) {
  const RawServer server([](const RawAnswer& answer) {
    answer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    answer.be_silent();
  });
  HttpRequest request = get(server.port());
  request.method = "POST";
  request.body.assign(100'000, 'x');
  const auto response = http_exchange(request, kPatience);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 413);
}

TEST(HttpClient, SaysWhatIsWrongWithAnAnswer) {
  EXPECT_THAT(trouble(answer_to_bytes("")), EndsWith("ended the connection without an answer"));
  for (const char* half :
       {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfo",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n"}) {
    EXPECT_THAT(trouble(answer_to_bytes(half)),
                EndsWith("ended the connection in the middle of its answer"))
        << half;
  }
  for (const char* garbage :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"}) {
    EXPECT_THAT(trouble(answer_to_bytes(garbage)),
                AllOf(StartsWith("the answer of 127.0.0.1:"), HasSubstr(" is not HTTP: ")))
        << garbage;
  }
  EXPECT_THAT(trouble(answer_to([](const RawAnswer& answer) {
                answer.send("HTTP/1.1 200 OK\r\n\r\nsome");
                answer.pause(20 * kMillisecond);
                answer.reset();
              })),
              HasSubstr("gave no whole answer: Connection reset"));
}

TEST(HttpClient, LimitsTheHeader) {
  EXPECT_THAT(trouble(answer_to([](const RawAnswer& answer) {
                answer.send("HTTP/1.1 200 OK\r\n");
                for (int line = 0; answer.send(fmt::format("X-{}: {:01000}\r\n", line, 0)); ++line)
                  continue;
              })),
              AllOf(StartsWith("the header of the answer of 127.0.0.1:"),
                    EndsWith("has more than 64 KiB")));
}

TEST(HttpClient, LimitsTheBody) {
  const std::string block(1 << 20, 'x');
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const auto sent_after = [&](const std::string& header, const std::string& piece) {
    return trouble(answer_to([&](const RawAnswer& answer) {
      answer.send(header);
      while (answer.send(piece)) continue;
    }));
  };
  const auto is_too_much =
      AllOf(StartsWith("the answer of 127.0.0.1:"), EndsWith("has more than 16 MiB"));
  EXPECT_THAT(sent_after(ok + "\r\n", block), is_too_much);
  EXPECT_THAT(sent_after(ok + "Content-Length: 16777217\r\n\r\n", block), is_too_much);
  EXPECT_THAT(sent_after(ok + "Transfer-Encoding: chunked\r\n\r\n", "100000\r\n" + block + "\r\n"),
              is_too_much);
  const auto just_fits = answer_to([&](const RawAnswer& answer) {
    answer.send(ok + fmt::format("Content-Length: {}\r\n\r\n", kMaxHttpBodyBytes));
    for (std::size_t sent = 0; sent < kMaxHttpBodyBytes; sent += block.size()) answer.send(block);
  });
  ASSERT_TRUE(just_fits) << just_fits.error().message;
  EXPECT_EQ(just_fits->body.size(), kMaxHttpBodyBytes);
}

TEST(HttpClient, TheDeadlineCoversEverything) {
  const auto is_late = [](std::uint16_t port, std::string_view time) {
    return fmt::format("no answer from 127.0.0.1:{} within {}", port, time);
  };
  const RawServer silent([](const RawAnswer& answer) { answer.be_silent(); });
  EXPECT_EQ(trouble(http_exchange(get(silent.port()), kShort)), is_late(silent.port(), "100ms"));
  EXPECT_EQ(trouble(http_exchange(get(silent.port()), 0)), is_late(silent.port(), "0s"));
  EXPECT_EQ(trouble(http_exchange(get(silent.port()), -kSecond)), is_late(silent.port(), "0s"));

  const RawServer dripping([](const RawAnswer& answer) {
    answer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (answer.send("x") && answer.pause(5 * kMillisecond)) continue;
  });
  EXPECT_EQ(trouble(http_exchange(get(dripping.port()), kShort)),
            is_late(dripping.port(), "100ms"));

  // A request that nobody reads; a connection that nobody accepts would look the same.
  HttpRequest large = get(silent.port());
  large.method = "POST";
  large.body.assign(32 << 20, 'x');
  EXPECT_EQ(trouble(http_exchange(large, kShort)), is_late(silent.port(), "100ms"));

  const RawServer fine(RawServer::answers("HTTP/1.1 200 OK\r\n\r\n"));
  EXPECT_TRUE(http_exchange(get(fine.port()), kNever));
}

TEST(HttpClient, SaysThatAConnectionWasRefused) {
  std::uint16_t port = 0;
  {
    const RawServer gone(RawServer::answers(""));
    port = gone.port();
  }
  EXPECT_EQ(trouble(http_exchange(get(port), kPatience)),
            fmt::format("127.0.0.1:{} refused the connection", port));
  HttpRequest six = get(port);
  six.address = "::1";
  EXPECT_THAT(trouble(http_exchange(six, kPatience)), HasSubstr(fmt::format("[::1]:{}", port)));
}

TEST(HttpClient, TakesWellFormedRequestsOnly) {
  const RawServer server(RawServer::answers("HTTP/1.1 200 OK\r\n\r\n"));
  const auto refusal = [&](auto change) {
    HttpRequest request = get(server.port());
    change(request);
    const auto result = http_exchange(request, kPatience);
    return result ? "(an answer)" : result.error().message;
  };
  EXPECT_EQ(refusal([](HttpRequest& r) { r.address = ""; }), "'' can't be the name of a host");
  const auto is_malformed = StartsWith("not an HTTP request: ");
  EXPECT_THAT(refusal([](HttpRequest& r) { r.target = "/a b"; }), is_malformed);
  EXPECT_THAT(refusal([](HttpRequest& r) { r.target = "/\r\nX: y"; }), is_malformed);
  EXPECT_THAT(refusal([](HttpRequest& r) { r.target = "metrics"; }), is_malformed);
  EXPECT_THAT(refusal([](HttpRequest& r) { r.method = ""; }), is_malformed);
  EXPECT_THAT(refusal([](HttpRequest& r) { r.headers = {{"A", "b\nC: d"}}; }), is_malformed);
  EXPECT_THAT(refusal([](HttpRequest& r) {
                r.headers = {{"A:", "b c"}, {"", "d"}};
              }),
              is_malformed);
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpClient, FindsAHostByItsName) {
  const RawServer server(RawServer::answers("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"));
  HttpRequest request = get(server.port());
  request.address = "localhost";  // ::1 too, where nobody listens
  const auto response = http_exchange(request, kPatience);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(server.requests().at(0),
              HasSubstr(fmt::format("\r\nHost: localhost:{}\r\n", server.port())));
}

TEST(HttpClient, AsksManyAtOnceAndAnswersInOrder) {
  const RawServer server([](const RawAnswer& answer) {
    const std::string target = answer.request().substr(4, answer.request().find(" HTTP") - 4);
    if (target == "/7") return answer.reset();
    answer.send(
        fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", target.size(), target));
  });
  std::vector<HttpRequest> requests;
  for (int i = 0; i < 300; ++i) requests.push_back(get(server.port(), fmt::format("/{}", i)));
  const auto answers = http_exchange_all(requests, kPatience);
  ASSERT_EQ(answers.size(), requests.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i == 7) {
      EXPECT_FALSE(answers[i]);
    } else {
      ASSERT_TRUE(answers[i]) << i << ": " << answers[i].error().message;
      EXPECT_EQ(answers[i]->body, fmt::format("/{}", i));
    }
  }
  EXPECT_TRUE(http_exchange_all({}, kPatience).empty());
}

TEST(HttpClient, WhoIsSilentKeepsNoOtherFromItsAnswer) {
  const RawServer silent([](const RawAnswer& answer) { answer.be_silent(); });
  const RawServer server(RawServer::answers("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"));
  const auto answers = http_exchange_all({get(silent.port()), get(server.port())}, 3 * kSecond);
  EXPECT_FALSE(answers.at(0));
  EXPECT_TRUE(answers.at(1));
}

TEST(HttpClientAsync, SeveralAtATimeEachWithItsOwnAnswer) {
  const RawServer server([](const RawAnswer& answer) {
    const std::string target = answer.request().substr(4, answer.request().find(" HTTP") - 4);
    if (target == "/silent") return answer.be_silent();
    answer.pause(20 * kMillisecond);
    answer.send(
        fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", target.size(), target));
  });
  boost::asio::io_context io;
  std::vector<std::string> answers(60);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const bool silent = i % 6 == 5;
    http_exchange(io, get(server.port(), silent ? "/silent" : fmt::format("/{}", i)),
                  silent ? kShort : kPatience, [&answers, i](Result<HttpResponse> result) {
                    answers[i] += result ? result->body : result.error().message;
                  });
  }
  for (const std::string& answer : answers) EXPECT_EQ(answer, "");  // never within the call
  io.run();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i % 6 == 5) {
      EXPECT_THAT(answers[i], EndsWith("within 100ms"));
    } else {
      EXPECT_EQ(answers[i], fmt::format("/{}", i));
    }
  }
}

TEST(HttpClientAsync, AnErrorThatIsKnownAtOnceIsToldLater) {
  boost::asio::io_context io;
  HttpRequest request = get(1);
  request.address = "somewhere";
  std::vector<std::string> told;
  http_exchange(io, request, kPatience, [&](const Result<HttpResponse>& result) {
    told.push_back(result.error().message);
  });
  EXPECT_TRUE(told.empty());
  io.run();
  EXPECT_THAT(told, testing::ElementsAre("'somewhere' is not a numeric address"));
}

TEST(HttpClientAsync, AHandlerMayAskAgain) {
  const RawServer server(RawServer::answers("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"));
  boost::asio::io_context io;
  int answers = 0;
  std::function<void(Result<HttpResponse>)> again = [&](const Result<HttpResponse>& result) {
    ASSERT_TRUE(result) << result.error().message;
    if (++answers < 5) http_exchange(io, get(server.port()), kPatience, again);
  };
  http_exchange(io, get(server.port()), kPatience, again);
  io.run();
  EXPECT_EQ(answers, 5);
}

TEST(HttpClientAsync, AnIoContextThatGoesTakesItsRequestsAlong) {
  const RawServer server([](const RawAnswer& answer) {
    answer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    answer.be_silent();
  });
  const auto held = std::make_shared<int>(0);
  {
    boost::asio::io_context io;
    for (int i = 0; i < 5; ++i) {
      http_exchange(io, get(server.port()), kHour,
                    [held](const Result<HttpResponse>&) { ++*held; });
    }
    io.run_for(std::chrono::milliseconds(100));  // connected, waiting for the rest
    http_exchange(io, get(server.port()), kHour, [held](const Result<HttpResponse>&) { ++*held; });
    EXPECT_GT(held.use_count(), 6);
  }
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 0);
}

TEST(PercentEncode, KeepsWhatIsUnreserved) {
  EXPECT_EQ(percent_encode("a b&c"), "a%20b%26c");
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("{x=\"é\"}/?%+"), "%7Bx%3D%22%C3%A9%22%7D%2F%3F%25%2B");
  EXPECT_EQ(percent_encode(""), "");
}

}  // namespace
}  // namespace wsfleet
