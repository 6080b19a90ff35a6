// SPDX-License-Identifier: Apache-2.0
#pragma once
// A blocking WebSocket client that can do everything wrong: it sends frames, or bytes, as given and
// tells what came back, frame by frame. Waits have deadlines. It pays no attention to the rules by
// itself, but message() and closure() answer pings on the way. One thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/live/testing/frame.h"
#include "tests/live/testing/http.h"
#include "tests/live/testing/socket.h"

namespace wsfleet {

/// A frame, or why there is none.
struct Incoming {
  Received what = Received::nothing;
  Frame frame;  // with Received::data
};

struct Message {
  int opcode = 0;
  std::string payload;
  bool operator==(const Message&) const = default;
};

/// How a connection ended.
struct Closure {
  int code = kNoCloseFrame;
  std::string reason;
  bool ended = false;             // TCP ended, too, after the close was answered
  bool reset = false;             // by a reset, which can take a close frame back
  std::vector<Message> messages;  // that came before
  int pings = 0;                  // that came before
};

class RawClient {
 public:
  /// Connects and upgrades; anything but a correct 101 is a std::runtime_error.
  explicit RawClient(std::uint16_t port, std::string_view target = "/ws/", int receive_buffer = 0);
  /// Connects and sends `request`; response() tells what came of it.
  static RawClient with_request(std::uint16_t port, std::string_view request);

  const RawResponse& response() const { return response_; }
  Socket& socket() { return socket_; }

  bool send(const Frame& frame) {
    close_sent_ = close_sent_ || frame.opcode == kClose;
    return socket_.send(encode(frame));
  }
  bool send(std::string_view bytes) { return socket_.send(bytes); }
  bool send_text(std::string_view text) { return send(text_frame(text)); }
  /// Each byte in a segment of its own.
  bool send_byte_by_byte(std::string_view bytes);

  Incoming next(TimeNs patience = kPatience);
  /// The next message, put together from its frames; nothing when the connection ends or closes.
  std::optional<Message> message(TimeNs patience = kPatience);
  /// Sends a text and returns what comes back; "(nothing)" when nothing does.
  std::string echo(std::string_view text);
  /// Waits for the server's close frame, answers it unless a close was sent before, and waits for
  /// the end; the client is of no use then.
  Closure closure(TimeNs patience = kPatience);

 private:
  RawClient(Socket socket, std::string_view request);

  Socket socket_;
  std::string input_;
  RawResponse response_;
  std::optional<Frame> close_;  // seen by message(), for closure()
  bool close_sent_ = false;
};

/// Whether the response is the one to upgrade_request() (RFC 6455, 4.2.2), else what is wrong.
std::string upgrade_problem(const RawResponse& response);

}  // namespace wsfleet
