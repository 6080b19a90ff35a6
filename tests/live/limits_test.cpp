// SPDX-License-Identifier: Apache-2.0
// Admission and resources: full, too fast, out of descriptors, clients that do not read.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

class Limits : public LiveServerTest {
 protected:
  double refused(std::string_view reason) {
    return server().count(
        fmt::format("wsfleet_connections_refused_total{{reason=\"{}\"}}", reason));
  }
};

TEST_F(Limits, FullServerAnswers503WithTextAndRetryAfter) {
  start({"--max-connections", "3", "--retry-after", "7s"});
  RawClient one = connect();
  {
    RawClient two = connect();
    const RawResponse response = http_exchange(port(), upgrade_request());
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.header("Retry-After"), "7");
    EXPECT_TRUE(response.header("Content-Type").starts_with("text/plain"))
        << response.header("Content-Type");
    EXPECT_FALSE(response.body.empty());
    EXPECT_EQ(refused("full"), 1);
    EXPECT_EQ(server().count("wsfleet_connections"), 3);
    EXPECT_EQ(server().count("websockets_connections_total"), 3);
    EXPECT_EQ(two.echo("two"), "two");
  }
  EXPECT_EQ(one.echo("one"), "one");
  const auto accepted = [&] { return http_exchange(port(), upgrade_request()).status == 101; };
  EXPECT_TRUE(eventually(accepted)) << "no room again after a connection ended";
}

TEST_F(Limits, ClientsThatComeAtOnceOnTwoLoopsDoNotExceedTheMaximum) {
  start({"--max-connections", "10", "--threads", "2"}, Bystander::no);
  std::vector<Socket> sockets;
  for (int i = 0; i < 50; ++i) sockets.emplace_back(port());
  for (Socket& socket : sockets) socket.send(upgrade_request());
  int upgraded = 0;
  for (Socket& socket : sockets) {
    std::string rest;
    const int status = read_response(socket, rest).status;
    EXPECT_TRUE(status == 101 || status == 503) << status;
    upgraded += status == 101 ? 1 : 0;
  }
  EXPECT_EQ(upgraded, 10);
  EXPECT_EQ(refused("full"), 40);
}

TEST_F(Limits, RefusalByCloseIs1013AfterTheUpgrade) {
  start({"--max-connections", "1", "--refuse-with", "close"});
  RawClient refused_client = connect();
  const Closure closure = refused_client.closure();
  EXPECT_EQ(closure.code, 1013);
  EXPECT_TRUE(closure.ended);
  EXPECT_TRUE(closure.messages.empty());
  EXPECT_EQ(refused("full"), 1);
  EXPECT_EQ(server().count("wsfleet_connections"), 1);
  EXPECT_EQ(server().count("wsfleet_connections_accepted_total"), 1);
}

TEST_F(Limits, RefusedByCloseAreNeitherServedNorCountedAsOpen) {
  start({"--max-connections", "1", "--refuse-with", "close", "--close-timeout", "300ms"});
  RawClient client = connect();
  client.send_text("hello?");
  EXPECT_EQ(client.next().frame.opcode, kClose);
  EXPECT_EQ(server().count("wsfleet_connections"), 1);
  EXPECT_TRUE(client.socket().ended()) << "a refused client that does not answer the close stays";
}

// The bucket holds one second's worth: the first goes in at once, most of a burst does not.
TEST_F(Limits, ConnectionsAboveTheRateAreRefused) {
  start({"--max-connection-rate", "1"}, Bystander::no);
  const TimeNs begun = monotonic_now();
  constexpr int kBurst = 20;
  int upgraded = 0;
  std::vector<RawClient> clients;
  for (int i = 0; i < kBurst; ++i) {
    clients.push_back(RawClient::with_request(port(), upgrade_request()));
    const RawResponse& response = clients.back().response();
    upgraded += response.status == 101 ? 1 : 0;
    if (response.status == 101) continue;
    EXPECT_EQ(response.status, 503);
    EXPECT_FALSE(response.header("Retry-After").empty());
  }
  const double allowed = 1 + to_seconds(monotonic_now() - begun);
  EXPECT_GE(upgraded, 1);
  EXPECT_LE(upgraded, allowed);
  EXPECT_EQ(refused("rate"), kBurst - upgraded);
  EXPECT_TRUE(eventually([&] { return http_exchange(port(), upgrade_request()).status == 101; }));
}

TEST_F(Limits, FullDescriptorTableIsWaitedOut) {
  constexpr std::size_t kLimit = 64;
  start({}, Bystander::yes, {.descriptor_limit = kLimit});
  std::vector<Socket> sockets;
  for (std::size_t i = 0; i < kLimit + 40; ++i) {
    sockets.emplace_back(port());
    sockets.back().send(upgrade_request());
  }
  ASSERT_TRUE(server().process().says("open files")) << "no log line says why nothing is accepted";

  const TimeNs begun = monotonic_now();
  const TimeNs worked = server().process().processor_time();
  for (int i = 0; i < 100; ++i) expect_bystander_untouched();
  pause_for(kSecond);  // what is tested: nothing much happens in it
  const double busy = to_seconds(server().process().processor_time() - worked) /
                      to_seconds(monotonic_now() - begun);
  EXPECT_LT(busy, 0.5) << "the server asks for descriptors again and again";
  expect_bystander_untouched();

  // Those in front leave, and the ones that waited get in.
  for (std::size_t i = 0; i < 60; ++i) sockets[i].close();
  for (std::size_t i = kLimit; i < sockets.size(); ++i) {
    std::string rest;
    ASSERT_EQ(read_response(sockets[i], rest).status, 101) << "connection " << i;
  }
  sockets.clear();
  EXPECT_EQ(connect().echo("new"), "new");
  EXPECT_GE(server().sum("wsfleet_accept_errors_total"), 1);
}

TEST_F(Limits, ClientsThatFloodAndNeverReadEnd) {
  start({"--send-queue-bytes", "64KiB", "--ping-interval", "500ms", "--close-timeout", "500ms"},
        Bystander::no);
  RawClient other = connect();
  RawClient flood(port(), "/ws/", 4096);
  const std::string frame = encode(Frame{.opcode = kBinary, .payload = std::string(60'000, 'f')});
  const std::size_t before = server().process().resident_bytes();
  std::size_t peak = before;
  std::string unsent;
  const bool ended = eventually([&] {
    for (int i = 0; i < 20; ++i) {
      if (unsent.empty()) unsent = frame;
      const std::int64_t n = flood.socket().send_some(unsent);
      if (n < 0) return true;
      unsent.erase(0, static_cast<std::size_t>(n));
    }
    peak = std::max(peak, server().process().resident_bytes());
    EXPECT_EQ(other.echo("still here"), "still here");
    return HasFailure();
  });
  EXPECT_TRUE(ended) << "it may send for ever";
  EXPECT_LT(peak - before, 16U << 20U) << "what it does not read piles up";
  EXPECT_TRUE(eventually([&] { return server().count("wsfleet_connections") == 1; }));
}

}  // namespace
}  // namespace wsfleet
