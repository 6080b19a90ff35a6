// SPDX-License-Identifier: Apache-2.0
// Frames of RFC 6455, section 5: what must be answered, and what must fail the connection.
#include <fmt/format.h>

#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

class Rfc6455Frames : public LiveServerTest {};

TEST_F(Rfc6455Frames, Section51UnmaskedFrameOfAClientFails) {
  start();
  EXPECT_EQ(close_code_for(Frame{.payload = "plain", .masked = false}), 1002);
  EXPECT_EQ(close_code_for(Frame{.opcode = kPing, .payload = "plain", .masked = false}), 1002);
}

TEST_F(Rfc6455Frames, Section52TextComesBackAsTextAndBinaryAsBinary) {
  start();
  RawClient client = connect();
  client.send_text("text");
  EXPECT_EQ(client.message(), (Message{kText, "text"}));
  client.send(Frame{.opcode = kBinary, .payload = std::string("\0\xff\x80", 3)});
  EXPECT_EQ(client.message(), (Message{kBinary, std::string("\0\xff\x80", 3)}));
}

TEST_F(Rfc6455Frames, Section52ReservedBitsFail) {
  start();
  for (int bits = 1; bits <= 7; ++bits) {
    SCOPED_TRACE(fmt::format("RSV bits {:03b}", bits));
    EXPECT_EQ(close_code_for(Frame{.payload = "text", .reserved = bits}), 1002);
  }
  EXPECT_EQ(close_code_for(Frame{.opcode = kPing, .payload = "", .reserved = 4}), 1002);
}

TEST_F(Rfc6455Frames, Section52ReservedBitOfAContinuationFails) {
  start();
  Frame continuation = continuation_frame("two");
  continuation.reserved = 1;
  EXPECT_EQ(close_code_for(encode(text_frame("one", false)) + encode(continuation)), 1002);
}

TEST_F(Rfc6455Frames, Section52ReservedOpcodesFail) {
  start();
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    SCOPED_TRACE(fmt::format("opcode {}", opcode));
    EXPECT_EQ(close_code_for(Frame{.opcode = opcode, .payload = "data"}), 1002);
  }
}

TEST_F(Rfc6455Frames, Section52LengthsAtTheBordersOfTheEncodingsAreEchoed) {
  start({"--max-message-bytes", "128KiB"});
  RawClient client = connect();
  for (const std::size_t size : {0, 1, 124, 125, 126, 127, 128, 65535, 65536, 65537, 131072}) {
    const std::string payload(size, 'x');
    client.send(Frame{.opcode = kBinary, .payload = payload});
    const auto answer = client.message();
    ASSERT_TRUE(answer) << size;
    EXPECT_EQ(answer->opcode, kBinary) << size;
    EXPECT_TRUE(answer->payload == payload) << size << " bytes became " << answer->payload.size();
  }
}

TEST_F(Rfc6455Frames, Section52LengthsThatAreNotMinimalFail) {
  start({"--max-message-bytes", "128KiB"});
  for (const std::size_t size : {0, 1, 125}) {
    SCOPED_TRACE(size);
    const std::string payload(size, 'x');
    EXPECT_EQ(close_code_for(Frame{.payload = payload, .length_field = LengthField::bits16}), 1002);
    EXPECT_EQ(close_code_for(Frame{.payload = payload, .length_field = LengthField::bits64}), 1002);
  }
  const Frame middle = {.payload = std::string(126, 'x'), .length_field = LengthField::bits64};
  EXPECT_EQ(close_code_for(middle), 1002);
  const Frame large = {.payload = std::string(65535, 'x'), .length_field = LengthField::bits64};
  EXPECT_EQ(close_code_for(large), 1002);
}

// Not allowed as a length (1002), and more than any limit (1009).
TEST_F(Rfc6455Frames, Section52HighestBitOfA64BitLengthFails) {
  start();
  for (const std::uint64_t length : {UINT64_C(1) << 63, UINT64_MAX}) {
    const int code = close_code_for(
        Frame{.payload = "x", .length_field = LengthField::bits64, .announced_length = length});
    EXPECT_TRUE(code == 1002 || code == 1009) << code;
  }
}

TEST_F(Rfc6455Frames, Section52FramesThatArriveByteByByteAreWhole) {
  start();
  RawClient client = connect();
  const std::string payload(200, 'b');
  client.send_byte_by_byte(encode(text_frame("slow")) + encode({.opcode = kPing, .payload = "p"}) +
                           encode({.opcode = kBinary, .payload = payload}));
  EXPECT_EQ(client.next().frame.payload, "slow");
  const Incoming pong = client.next();
  EXPECT_EQ(pong.frame.opcode, kPong);
  EXPECT_EQ(pong.frame.payload, "p");
  EXPECT_EQ(client.message(), (Message{kBinary, payload}));
}

TEST_F(Rfc6455Frames, Section52SeveralFramesInOneSegmentAreAnsweredInOrder) {
  start();
  RawClient client = connect();
  std::string segment;
  for (int i = 0; i < 16; ++i) segment += encode(text_frame(fmt::format("message {}", i)));
  client.send(segment);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(client.message(), (Message{kText, fmt::format("message {}", i)}));
  }
}

TEST_F(Rfc6455Frames, Section54FragmentsBecomeOneMessage) {
  start();
  RawClient client = connect();
  client.send(text_frame("one ", false));
  client.send(continuation_frame("two ", false));
  client.send(continuation_frame("", false));
  client.send(continuation_frame("three"));
  EXPECT_EQ(client.message(), (Message{kText, "one two three"}));

  client.send(Frame{.opcode = kBinary, .payload = "a", .fin = false});
  client.send(continuation_frame("b"));
  EXPECT_EQ(client.message(), (Message{kBinary, "ab"}));
}

TEST_F(Rfc6455Frames, Section54EmptyFragmentsBecomeAnEmptyMessage) {
  start();
  RawClient client = connect();
  client.send(encode(text_frame("", false)) + encode(continuation_frame("", false)) +
              encode(continuation_frame("")));
  EXPECT_EQ(client.message(), (Message{kText, ""}));
}

TEST_F(Rfc6455Frames, Section54AThousandFragmentsInOneSegment) {
  start();
  RawClient client = connect();
  std::string segment = encode(text_frame("x", false));
  for (int i = 0; i < 998; ++i) segment += encode(continuation_frame("x", false));
  segment += encode(continuation_frame("x"));
  client.send(segment);
  EXPECT_EQ(client.message(), (Message{kText, std::string(1000, 'x')}));
}

TEST_F(Rfc6455Frames, Section54ControlFramesBetweenFragmentsAreAnsweredAtOnce) {
  start();
  RawClient client = connect();
  client.send(text_frame("one ", false));
  client.send(Frame{.opcode = kPing, .payload = "between"});
  const Incoming pong = client.next();
  EXPECT_EQ(pong.frame.opcode, kPong);
  EXPECT_EQ(pong.frame.payload, "between");
  client.send(Frame{.opcode = kPong, .payload = "unasked"});
  client.send(continuation_frame("two"));
  EXPECT_EQ(client.message(), (Message{kText, "one two"}));
}

TEST_F(Rfc6455Frames, Section54CloseBetweenFragmentsEndsTheConnection) {
  start();
  EXPECT_EQ(close_code_for(encode(text_frame("one ", false)) + encode(close_frame(1000))), 1000);
}

TEST_F(Rfc6455Frames, Section54InterleavedDataFramesFail) {
  start();
  EXPECT_EQ(close_code_for(encode(text_frame("one", false)) + encode(text_frame("two"))), 1002);
  EXPECT_EQ(close_code_for(encode(text_frame("one", false)) +
                           encode({.opcode = kBinary, .payload = "two", .fin = false})),
            1002);
}

TEST_F(Rfc6455Frames, Section54ContinuationWithoutStartFails) {
  start();
  EXPECT_EQ(close_code_for(continuation_frame("lost")), 1002);
  EXPECT_EQ(close_code_for(continuation_frame("lost", false)), 1002);
  EXPECT_EQ(close_code_for(encode(text_frame("whole")) + encode(continuation_frame("lost"))), 1002);
}

TEST_F(Rfc6455Frames, Section55ControlFramesOver125BytesFail) {
  start();
  for (const int opcode : {kPing, kPong, kClose}) {
    SCOPED_TRACE(fmt::format("opcode {}", opcode));
    const std::string payload = close_payload(1000, std::string(124, 'x'));
    EXPECT_EQ(close_code_for(Frame{.opcode = opcode, .payload = payload}), 1002);
  }
}

TEST_F(Rfc6455Frames, Section55FragmentedControlFramesFail) {
  start();
  for (const int opcode : {kPing, kPong, kClose}) {
    SCOPED_TRACE(fmt::format("opcode {}", opcode));
    EXPECT_EQ(close_code_for(Frame{.opcode = opcode, .payload = "", .fin = false}), 1002);
  }
}

TEST_F(Rfc6455Frames, Section552PingIsAnsweredWithItsPayload) {
  start();
  RawClient client = connect();
  for (const std::size_t size : {0, 1, 124, 125}) {
    const std::string payload(size, 'p');
    client.send(Frame{.opcode = kPing, .payload = payload});
    const Incoming pong = client.next();
    ASSERT_EQ(pong.what, Received::data);
    EXPECT_EQ(pong.frame.opcode, kPong);
    EXPECT_TRUE(pong.frame.fin);
    EXPECT_EQ(pong.frame.payload, payload);
  }
}

// Only the last of several pings has to be answered (5.5.3).
TEST_F(Rfc6455Frames, Section553OfPingsInOneSegmentTheLastIsAnswered) {
  start();
  RawClient client = connect();
  std::string segment;
  for (int i = 0; i < 10; ++i) segment += encode({.opcode = kPing, .payload = std::to_string(i)});
  client.send(segment);
  std::string last;
  while (last != "9") {
    const Incoming pong = client.next();
    ASSERT_EQ(pong.what, Received::data) << "after the pong to ping " << last;
    ASSERT_EQ(pong.frame.opcode, kPong);
    last = pong.frame.payload;
  }
  EXPECT_EQ(client.echo("after"), "after");
}

TEST_F(Rfc6455Frames, Section553UnsolicitedPongIsIgnored) {
  start();
  RawClient client = connect();
  client.send(Frame{.opcode = kPong, .payload = "unasked"});
  client.send(Frame{.opcode = kPong, .payload = ""});
  client.send_text("next");
  EXPECT_EQ(client.next().frame.payload, "next");
}

TEST_F(Rfc6455Frames, Section104MessagesOverTheLimitFailWith1009) {
  start({"--max-message-bytes", "1000"});
  RawClient client = connect();
  EXPECT_EQ(client.echo(std::string(1000, 'x')), std::string(1000, 'x'));
  EXPECT_EQ(close_code_for(text_frame(std::string(1001, 'x'))), 1009);
  EXPECT_EQ(close_code_for(encode(text_frame(std::string(600, 'x'), false)) +
                           encode(continuation_frame(std::string(600, 'x')))),
            1009);
  EXPECT_GE(server().count("wsfleet_connections_closed_total{cause=\"too_big\",code=\"1009\"}"), 2);
}

TEST_F(Rfc6455Frames, Section104AnnouncedLengthOverTheLimitFailsBeforeThePayload) {
  start();
  for (const std::uint64_t length : {UINT64_C(65537), UINT64_C(1) << 40}) {
    EXPECT_EQ(close_code_for(Frame{.payload = "", .announced_length = length}), 1009) << length;
  }
}

TEST_F(Rfc6455Frames, FailuresAreCountedByCauseAndCode) {
  start();
  close_code_for(continuation_frame("lost"));
  close_code_for(text_frame("\xff"));
  const char* family = "wsfleet_connections_closed_total";
  const auto counted = [&](int code) {
    return server().count(fmt::format("{}{{cause=\"protocol_error\",code=\"{}\"}}", family, code));
  };
  EXPECT_TRUE(eventually([&] { return counted(1002) == 1 && counted(1007) == 1; }))
      << counted(1002) << " and " << counted(1007);
}

}  // namespace
}  // namespace wsfleet
