// SPDX-License-Identifier: Apache-2.0
// Interoperation with independent implementations: as clients of the server, and as servers for
// the raw client, so that the tests' own tool does not share a mistake with what it tests.
#include "tests/live/testing/peers.h"

#include <fmt/format.h>

#include "tests/live/testing/crowd.h"
#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

class PeerClients : public LiveServerTest, public testing::WithParamInterface<Peer> {};
class PeerServers : public testing::TestWithParam<Peer> {
 protected:
  int close_code_for(const Frame& frame) {
    RawClient client(server_.port());
    client.send(frame);
    const Closure closure = client.closure();
    EXPECT_TRUE(closure.ended);
    return closure.code;
  }

  PeerServer server_{GetParam()};
};

TEST_P(PeerClients, AllChecksAgainstTheServer) {
  start({"--max-message-bytes", "1MiB", "--send-queue-bytes", "2MiB"});
  EXPECT_EQ(failed_checks(GetParam(), fmt::format("ws://127.0.0.1:{}/ws/", port())), "");
}

TEST_P(PeerServers, AgreeWithTheRawClientOnMessages) {
  RawClient client(server_.port());
  for (const std::size_t size : {0, 1, 125, 126, 127, 65535, 65536}) {
    const std::string payload(size, 'x');
    EXPECT_TRUE(client.echo(payload) == payload) << size;
  }
  client.send(text_frame("one ", false));
  client.send(Frame{.opcode = kPing, .payload = "between"});
  EXPECT_EQ(client.next().frame.payload, "between");
  client.send(continuation_frame("two"));
  EXPECT_EQ(client.message(), (Message{kText, "one two"}));
  client.send_byte_by_byte(encode({.opcode = kBinary, .payload = "\xff"}));
  EXPECT_EQ(client.message(), (Message{kBinary, "\xff"}));
}

TEST_P(PeerServers, AgreeWithTheRawClientOnWhatIsWrong) {
  EXPECT_EQ(close_code_for({.payload = "text", .reserved = 2}), 1002);
  EXPECT_EQ(close_code_for({.opcode = 3, .payload = "data"}), 1002);
  EXPECT_EQ(close_code_for({.opcode = kPing, .payload = std::string(126, 'p')}), 1002);
  EXPECT_EQ(close_code_for({.payload = "plain", .masked = false}), 1002);
  EXPECT_EQ(close_code_for(continuation_frame("lost")), 1002);
  EXPECT_EQ(close_code_for(text_frame("\xff")), 1007);
  EXPECT_EQ(close_code_for(text_frame(std::string(65537, 'x'))), 1009);
  EXPECT_EQ(close_code_for(close_frame(4000, "a reason")), 4000);
  EXPECT_EQ(close_code_for(close_frame(1005)), 1002);
}

TEST_P(PeerServers, AgreeWithTheCrowd) {
  Crowd crowd(server_.port());
  ASSERT_TRUE(crowd.open(50));
  crowd.send_each("hello");
  EXPECT_TRUE(crowd.run_until([&] { return crowd.with_messages(1) == 50; }));
  EXPECT_EQ(crowd.still_open(), 50U);
  crowd.close_each(1000);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 50; }));
  EXPECT_EQ(crowd.closed_with(1000), 50U);
}

const auto kPeers = testing::Values(Peer::python_websockets, Peer::node_ws);
std::string peer_name(const testing::TestParamInfo<Peer>& parameter) {
  return name_of(parameter.param);
}
INSTANTIATE_TEST_SUITE_P(Each, PeerClients, kPeers, peer_name);
INSTANTIATE_TEST_SUITE_P(Each, PeerServers, kPeers, peer_name);

}  // namespace
}  // namespace wsfleet
