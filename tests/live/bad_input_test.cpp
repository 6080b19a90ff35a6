// SPDX-License-Identifier: Apache-2.0
// Bytes and peers that no good client is: each is turned away, counted where the server saw a
// reason, and leaves no descriptor behind and no other connection touched (the fixture's part).
#include <fmt/format.h>

#include <vector>

#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

class BadInput : public LiveServerTest {
 protected:
  /// Sends the bytes and no end; true when the server answers nothing or with 4xx, and ends it.
  void expect_turned_away(std::string_view bytes) {
    Socket socket(port());
    socket.send(bytes);
    std::string rest;
    const RawResponse response = read_response(socket, rest);
    EXPECT_TRUE(response.status == 0 || (response.status >= 400 && response.status < 500))
        << response.head;
    EXPECT_TRUE(socket.ended()) << "the connection stays open after " << response.status;
  }
};

TEST_F(BadInput, OversizedHeadersAre431Or400) {
  start();
  const std::string long_value(100'000, 'v');
  const std::vector<std::string> requests = {
      upgrade_request("/ws/", fmt::format("X-Long: {}\r\n", long_value)),
      upgrade_request("/ws/" + long_value),
      replaced(upgrade_request(), "Host: ", long_value + ": ")};
  for (const std::string& request : requests) {
    Socket socket(port());
    socket.send(request);
    std::string rest;
    const int status = read_response(socket, rest).status;
    EXPECT_TRUE(status == 431 || status == 400 || status == 414) << status;
    EXPECT_TRUE(socket.ended());
  }
}

TEST_F(BadInput, HeadersWithoutEndAreCutOff) {
  start({"--close-timeout", "300ms"});
  const std::size_t before = server().process().resident_bytes();
  Socket socket(port());
  socket.send("GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  const std::string field = fmt::format("X-Field: {}\r\n", std::string(200, 'x'));
  EXPECT_TRUE(eventually([&] { return !socket.send(field); })) << "the server takes any amount";
  EXPECT_LT(server().process().resident_bytes(), before + (4U << 20U)) << "and keeps it";
}

TEST_F(BadInput, GarbageIsTurnedAway) {
  start();
  const std::vector<std::string> garbage = {
      std::string("\0\0\0\0\r\n\r\n", 8),
      "\r\n\r\n\r\n\r\n",
      "hello\r\n\r\n",
      "GET\r\n\r\n",
      "GET /ws/\r\n\r\n",
      "GET /ws/ HTTP/9.9\r\n\r\n",
      "GET /ws/ HTTP/1.1\r\nno colon here\r\n\r\n",
      "GET /ws/ HTTP/1.1\r\n: no name\r\n\r\n",
      "GET /ws/ HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "GET /ws/ HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      encode(text_frame("a frame before any handshake")) + "\r\n\r\n",
      std::string(5000, '\xff')};
  for (const std::string& bytes : garbage) {
    SCOPED_TRACE(testing::PrintToString(bytes.substr(0, 60)));
    expect_turned_away(bytes);
  }
}

TEST_F(BadInput, RandomBytesAreTurnedAway) {
  start();
  std::uint32_t state = 2463534242;  // Marsaglia's xorshift: the same bytes each time
  for (int round = 0; round < 50; ++round) {
    std::string bytes;
    for (int i = 0; i < 400; ++i) {
      state ^= state << 13;
      state ^= state >> 17;
      state ^= state << 5;
      bytes.push_back(static_cast<char>(state));
    }
    expect_turned_away(bytes + "\r\n\r\n");
  }
}

TEST_F(BadInput, TlsHelloOnAPlainPortIsTurnedAway) {
  start();
  std::string hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  hello.append(506, '\x5a');
  expect_turned_away(hello);
}

TEST_F(BadInput, FramesBeforeTheAnswerDoNoHarm) {
  start();
  Socket socket(port());
  socket.send(upgrade_request() + encode(text_frame("early")) + encode(close_frame(1000)));
  EXPECT_TRUE(socket.ended());
}

TEST_F(BadInput, ClientsThatLeaveBeforeTheAnswer) {
  start();
  for (int i = 0; i < 50; ++i) {
    Socket(port()).close();
    Socket half(port());
    half.send("GET /ws/ HT");
    half.reset();
    Socket whole(port());
    whole.send(upgrade_request());
    whole.reset();
  }
  EXPECT_TRUE(eventually([&] { return server().count("wsfleet_connections") == 1; }));
}

TEST_F(BadInput, HalfClosedClientsAreAnsweredOrEnded) {
  start();
  Socket socket(port());
  socket.send(upgrade_request());
  socket.end_sending();
  EXPECT_TRUE(socket.ended());
}

TEST_F(BadInput, SlowHandshakesTimeOut) {
  start({"--handshake-timeout", "500ms"});
  std::vector<Socket> slow;
  for (int i = 0; i < 3; ++i) slow.emplace_back(port());
  slow[1].send("GET /ws/ HTTP/1.1\r\nHost: 127.0");
  // Bytes that keep coming do not put the end off.
  const bool cut_off = eventually([&] { return !slow[2].send("G"); });
  EXPECT_TRUE(cut_off);
  for (Socket& socket : slow) EXPECT_TRUE(socket.ended());
  const char* refused = "wsfleet_connections_refused_total{reason=\"handshake_timeout\"}";
  EXPECT_TRUE(eventually([&] { return server().count(refused) >= 2; })) << server().count(refused);
}

TEST_F(BadInput, OpenSocketsOutliveTheHandshakeTimeout) {
  start({"--handshake-timeout", "300ms"});
  RawClient client = connect();
  Socket slow(port());
  EXPECT_TRUE(slow.ended());
  EXPECT_EQ(client.echo("still here"), "still here");
}

TEST_F(BadInput, PeersThatMissAPingAreTerminated) {
  start({"--ping-interval", "200ms"}, Bystander::no);
  RawClient silent = connect();
  RawClient answering = connect();
  int pings = 0;
  Incoming incoming;
  // Each ping to the silent one is preceded by answers of the other, which so stays.
  while ((incoming = silent.next(50 * kMillisecond)).what == Received::nothing ||
         incoming.what == Received::data) {
    if (incoming.what == Received::data && incoming.frame.opcode == kPing) ++pings;
    ASSERT_EQ(answering.echo("still here"), "still here");
    ASSERT_LT(pings, 3) << "pinged again and again without an answer";
  }
  EXPECT_GE(pings, 1);
  EXPECT_EQ(answering.echo("still here"), "still here");
  EXPECT_EQ(
      server().count("wsfleet_connections_closed_total{cause=\"ping_timeout\",code=\"1006\"}"), 1);
  EXPECT_GE(server().count("wsfleet_ping_round_trip_seconds_count"), 1);
}

// A pong that answers no ping keeps nobody alive for ever, but data shows that the peer is there:
// either way the server must not cut a peer that answers each ping.
TEST_F(BadInput, PeersThatAnswerStayForManyPings) {
  start({"--ping-interval", "100ms"}, Bystander::no);
  RawClient client = connect();
  for (int pings = 0; pings < 10;) {
    const Incoming incoming = client.next();
    ASSERT_EQ(incoming.what, Received::data) << "after " << pings << " pings";
    if (incoming.frame.opcode != kPing) continue;
    ++pings;
    client.send(Frame{.opcode = kPong, .payload = incoming.frame.payload});
  }
  EXPECT_EQ(client.echo("still here"), "still here");
}

TEST_F(BadInput, PeersThatDoNotAnswerACloseAreTerminated) {
  start({"--close-timeout", "300ms"});
  RawClient client = connect();
  client.send(continuation_frame("a breach"));
  EXPECT_EQ(client.next().frame.opcode, kClose);
  EXPECT_TRUE(client.socket().ended());
}

TEST_F(BadInput, RoomNamesAreLimited) {
  start();
  const auto status = [&](std::size_t size) {
    return http_exchange(port(), upgrade_request("/ws/" + std::string(size, 'r'))).status;
  };
  EXPECT_EQ(status(128), 101);
  EXPECT_EQ(status(129), 400);
  EXPECT_EQ(server().count("wsfleet_connections_refused_total{reason=\"bad_request\"}"), 1);
}

}  // namespace
}  // namespace wsfleet
