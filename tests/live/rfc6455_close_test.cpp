// SPDX-License-Identifier: Apache-2.0
// The close handshake (RFC 6455, sections 5.5.1 and 7) and text as UTF-8 (5.6 and 8.1).
#include <fmt/format.h>

#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

class Rfc6455Close : public LiveServerTest {};
class Rfc6455Utf8 : public LiveServerTest {
 protected:
  /// The text sent in two frames, cut before byte `cut`.
  static std::string in_two_frames(std::string_view text, std::size_t cut) {
    return encode(text_frame(text.substr(0, cut), false)) +
           encode(continuation_frame(text.substr(cut)));
  }
};

TEST_F(Rfc6455Close, Section551CodeOfTheClientIsEchoed) {
  start();
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
    EXPECT_EQ(close_code_for(close_frame(code)), code);
    EXPECT_EQ(close_code_for(close_frame(code, "a reason")), code);
  }
}

TEST_F(Rfc6455Close, Section74CodesOfTheRegistryThatCameLaterAreEchoed) {
  start();
  EXPECT_EQ(close_code_for(close_frame(1012)), 1012);
  EXPECT_EQ(close_code_for(close_frame(1013)), 1013);
}

TEST_F(Rfc6455Close, Section551LongestReasonIsAccepted) {
  start();
  EXPECT_EQ(close_code_for(close_frame(1000, std::string(123, 'r'))), 1000);
}

// "Typically" with the code that came: without one, or with the normal one.
TEST_F(Rfc6455Close, Section551EmptyCloseIsAnswered) {
  start();
  const int code = close_code_for(Frame{.opcode = kClose, .payload = ""});
  EXPECT_TRUE(code == kNoCode || code == 1000) << code;
}

TEST_F(Rfc6455Close, Section551CloseOfOneByteFails) {
  start();
  EXPECT_EQ(close_code_for(Frame{.opcode = kClose, .payload = "\x03"}), 1002);
}

TEST_F(Rfc6455Close, Section74InvalidCodesFail) {
  start();
  // From 5000 on the RFC says nothing, so nothing is asked for here.
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999}) {
    SCOPED_TRACE(code);
    EXPECT_EQ(close_code_for(close_frame(code)), 1002);
  }
}

// The code is not said: 1007 is for messages, 1002 for every breach of the protocol.
TEST_F(Rfc6455Close, Section81ReasonThatIsNoUtf8Fails) {
  start();
  for (const char* reason : {"\xff", "\xce\xba\xe1\xbd", "\xed\xa0\x80"}) {
    const int code = close_code_for(close_frame(1000, reason));
    EXPECT_TRUE(code == 1002 || code == 1007) << code;
  }
}

TEST_F(Rfc6455Close, Section551DataAfterCloseIsIgnored) {
  start();
  RawClient client = connect();
  client.send(encode(text_frame("before")) + encode(close_frame(1000)) +
              encode(text_frame("after")) + encode({.opcode = kPing, .payload = "after"}));
  const Closure closure = client.closure();
  EXPECT_EQ(closure.code, 1000);
  EXPECT_EQ(closure.messages, (std::vector<Message>{{kText, "before"}}));
  EXPECT_TRUE(closure.ended);
}

TEST_F(Rfc6455Close, Section551SecondCloseIsIgnored) {
  start();
  EXPECT_EQ(close_code_for(encode(close_frame(1000)) + encode(close_frame(1001))), 1000);
}

TEST_F(Rfc6455Close, Section711ServerEndsTheTcpConnection) {
  start();
  RawClient client = connect();
  client.send(close_frame(1000));
  EXPECT_EQ(client.next().frame.opcode, kClose);
  EXPECT_TRUE(client.socket().ended());
}

// A server that closes TCP while the peer still sends resets the connection, and the peer may never
// read the close frame that says why: the rest of a message that is too long has to be taken.
TEST_F(Rfc6455Close, Section711WhatComesAfterAFailureIsReadToTheEnd) {
  start({"--close-timeout", "1m"});
  for (const Frame& start_of_message :
       {Frame{.payload = "long", .announced_length = 1 << 20},
        Frame{.payload = "wrong", .reserved = 1, .announced_length = 1 << 20}}) {
    RawClient client = connect();
    client.send(start_of_message);
    EXPECT_EQ(client.next().frame.opcode, kClose);
    EXPECT_TRUE(client.socket().ended()) << "the server says that it sends no more";
    for (int i = 0; i < 40; ++i) {
      pause_for(2 * kMillisecond);  // in which a reset would come
      ASSERT_TRUE(client.send(std::string(5000, 'x'))) << "reset after " << i << " more parts";
    }
  }
}

TEST_F(Rfc6455Close, Section72ConnectionsLostWithoutACloseAreCounted) {
  start();
  connect().socket().close();
  connect().socket().reset();
  {
    RawClient client = connect();
    client.send(text_frame("half", false));
  }
  const char* lost = "wsfleet_connections_closed_total{cause=\"connection_lost\",code=\"1006\"}";
  EXPECT_TRUE(eventually([&] { return server().count(lost) == 3; })) << server().count(lost);
  EXPECT_EQ(server().count("wsfleet_connections"), 1);
}

TEST_F(Rfc6455Close, ClosesOfClientsAreCountedByCode) {
  start();
  close_code_for(close_frame(1001));
  close_code_for(Frame{.opcode = kClose, .payload = ""});
  const auto counted = [&](int code) {
    return server().count(
        fmt::format("wsfleet_connections_closed_total{{cause=\"client\",code=\"{}\"}}", code));
  };
  EXPECT_TRUE(eventually([&] { return counted(1001) == 1 && counted(kNoCode) == 1; }))
      << counted(1001) << " and " << counted(kNoCode);
}

// RFC 3629's table 3-7: the smallest and largest sequence of each length, and a mixture.
constexpr const char* kValidTexts[] = {"\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "a\xce\xba\xe1\xbd\xb9\xf0\x9f\x98\x80z"};

constexpr const char* kInvalidTexts[] = {
    "\x80",                  // a continuation byte alone
    "\xbf",                  //
    "\xc0\xaf",              // overlong '/'
    "\xc1\xbf",              //
    "\xe0\x80\xaf",          //
    "\xe0\x9f\xbf",          //
    "\xf0\x80\x80\xaf",      //
    "\xf0\x8f\xbf\xbf",      //
    "\xed\xa0\x80",          // surrogates
    "\xed\xbf\xbf",          //
    "\xf4\x90\x80\x80",      // beyond U+10FFFF
    "\xf5\x80\x80\x80",      //
    "\xf8\x88\x80\x80\x80",  // five bytes
    "\xfe",                  // never in UTF-8
    "\xff",                  //
    "\xc3\x28",              // a start without its continuation
    "\xe2\x28\xa1",          //
    "\xe2\x82\x28",          //
    "ok \xe2\x82",           // cut off at the end
    "\xf0\x9f\x98",          //
    "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64\x69\x74\x65\x64"};

TEST_F(Rfc6455Utf8, Section81ValidTextIsEchoed) {
  start();
  RawClient client = connect();
  for (const char* text : kValidTexts) EXPECT_EQ(client.echo(text), text);
  const std::string with_zero("a\0b", 3);
  EXPECT_EQ(client.echo(with_zero), with_zero);
}

TEST_F(Rfc6455Utf8, Section81ValidTextAcrossFrameBordersIsEchoed) {
  start();
  RawClient client = connect();
  for (const std::string text : kValidTexts) {
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      client.send(in_two_frames(text, cut));
      EXPECT_EQ(client.message(), (Message{kText, text})) << "cut at " << cut;
    }
  }
}

TEST_F(Rfc6455Utf8, Section81InvalidTextFailsWith1007) {
  start();
  for (const char* text : kInvalidTexts) {
    SCOPED_TRACE(testing::PrintToString(std::string(text)));
    EXPECT_EQ(close_code_for(text_frame(text)), 1007);
  }
}

TEST_F(Rfc6455Utf8, Section81InvalidTextAcrossFrameBordersFailsWith1007) {
  start();
  for (const std::string text :
       {"\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "ok \xe2\x82"}) {
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      SCOPED_TRACE(testing::PrintToString(text) + " cut at " + std::to_string(cut));
      EXPECT_EQ(close_code_for(in_two_frames(text, cut)), 1007);
    }
  }
}

TEST_F(Rfc6455Utf8, Section81InvalidTextInAMessageOfManyBuffersFailsWith1007) {
  start();
  for (const std::size_t at : {0, 127, 128, 4095, 4096, 60000}) {
    std::string text(60001, 'x');
    text[at] = '\xff';
    EXPECT_EQ(close_code_for(text_frame(text)), 1007) << "at byte " << at;
  }
}

TEST_F(Rfc6455Utf8, Section56BinaryNeedNotBeUtf8) {
  start();
  RawClient client = connect();
  for (const char* bytes : kInvalidTexts) {
    client.send(Frame{.opcode = kBinary, .payload = bytes});
    EXPECT_EQ(client.message(), (Message{kBinary, bytes}));
  }
}

TEST_F(Rfc6455Utf8, Section552PingNeedNotBeUtf8) {
  start();
  RawClient client = connect();
  client.send(Frame{.opcode = kPing, .payload = "\xff\xfe"});
  EXPECT_EQ(client.next().frame.payload, "\xff\xfe");
}

}  // namespace
}  // namespace wsfleet
