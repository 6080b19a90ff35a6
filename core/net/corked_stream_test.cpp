// SPDX-License-Identifier: Apache-2.0
// The corked stream over a real pair of sockets on loopback.
#include "core/net/corked_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <memory>
#include <optional>
#include <string>

#include "core/net/socket.h"

namespace wsfleet {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::beast::error_code;

class CorkedStreamOnSockets : public testing::Test {
 protected:
  CorkedStreamOnSockets() : peer_(io_) {
    tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    peer_.connect(acceptor.local_endpoint());
    stream_ = std::make_unique<CorkedStream<PlainSocket>>(acceptor.accept(io_.get_executor()));
    stream_->next_layer().non_blocking(true);
    peer_.non_blocking(true);
  }

  void write(std::string_view text) {
    error_code error;
    EXPECT_EQ(stream_->write_some(asio::const_buffer(text.data(), text.size()), error),
              text.size());
    EXPECT_FALSE(error) << error.message();
  }
  /// What has reached the peer by now.
  std::string arrived() {
    std::string text(1 << 20, '\0');
    error_code error;
    text.resize(peer_.read_some(asio::buffer(text), error));
    return text;
  }

  asio::io_context io_{1};
  PlainSocket peer_;
  std::unique_ptr<CorkedStream<PlainSocket>> stream_;
  std::array<char, 64> in_{};
};

TEST_F(CorkedStreamOnSockets, WritesWaitForTheNextReadAndGoOutTogether) {
  write("one ");
  stream_->append("two ");
  write("three");
  EXPECT_EQ(stream_->queued_bytes(), 13U);
  EXPECT_EQ(arrived(), "");
  stream_->async_read_some(asio::buffer(in_), [](error_code, std::size_t) {});
  EXPECT_EQ(stream_->queued_bytes(), 0U);
  EXPECT_EQ(arrived(), "one two three");
}

TEST_F(CorkedStreamOnSockets, WhatWasReadAheadIsReadFirst) {
  stream_->prefetched("");
  stream_->prefetched("ahead");
  peer_.write_some(asio::buffer("later", 5));
  std::string read;
  for (int i = 0; i < 2; ++i) {
    stream_->async_read_some(asio::buffer(in_), [&](error_code error, std::size_t size) {
      EXPECT_FALSE(error);
      read += std::string(in_.data(), size) + "|";
    });
    EXPECT_LE(read.size(), 6U);  // never from within the call
    io_.restart();
    io_.run();
  }
  EXPECT_EQ(read, "ahead|later|");
}

TEST_F(CorkedStreamOnSockets, AFullSocketKeepsTheRestInOrderUntilThereIsRoom) {
  std::string sent;
  for (int i = 0; sent.size() < 16U << 20U; ++i) {
    const std::string piece(100'000, static_cast<char>('a' + i % 26));
    write(piece);
    sent += piece;
    stream_->flush();
  }
  EXPECT_GT(stream_->queued_bytes(), 0U);
  bool told = false;
  stream_->when_flushed([&told] { told = true; });
  EXPECT_FALSE(told);
  std::string received;
  while (received.size() < sent.size()) {
    received += arrived();
    io_.restart();
    io_.poll();
  }
  EXPECT_EQ(received, sent);
  EXPECT_TRUE(told);
  EXPECT_EQ(stream_->queued_bytes(), 0U);
}

TEST_F(CorkedStreamOnSockets, AnAsynchronousWriteIsSentAtOnceAndEndsLater) {
  std::optional<std::size_t> written;
  stream_->append("before ");
  stream_->async_write_some(asio::const_buffer("pong", 4),
                            [&](error_code, std::size_t size) { written = size; });
  EXPECT_EQ(arrived(), "before pong");
  EXPECT_FALSE(written);
  io_.poll();
  EXPECT_EQ(written, 4U);
}

TEST_F(CorkedStreamOnSockets, AfterALostPeerWritesAreSwallowedAndNothingIsKept) {
  peer_.set_option(asio::socket_base::linger(true, 0));
  peer_.close();  // a reset
  std::size_t rounds = 0;
  while (!stream_->write_error() && rounds++ < 1000) {
    error_code ignored;
    stream_->write_some(asio::const_buffer("x", 1), ignored);
    stream_->flush();
  }
  ASSERT_TRUE(stream_->write_error());
  stream_->append("more");
  EXPECT_EQ(stream_->queued_bytes(), 0U);
  error_code error;
  EXPECT_EQ(stream_->write_some(asio::const_buffer("x", 1), error), 0U);
  EXPECT_TRUE(error);
  bool told = false;
  stream_->when_flushed([&told] { told = true; });
  EXPECT_TRUE(told);
}

TEST_F(CorkedStreamOnSockets, MayBeDestroyedWhileItWaitsForRoom) {
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 16; ++i) write(piece);
  stream_->flush();
  ASSERT_GT(stream_->queued_bytes(), 0U);
  stream_.reset();
  io_.poll();
}

TEST_F(CorkedStreamOnSockets, TellsOnceThatTheEndHasBegun) {
  int told = 0;
  stream_->on_teardown([](void* count) { ++*static_cast<int*>(count); }, &told);
  stream_->teardown_began();
  stream_->teardown_began();
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace wsfleet
