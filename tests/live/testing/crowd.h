// SPDX-License-Identifier: Apache-2.0
#pragma once
// Many WebSocket clients on one thread (epoll), which count what happens to them: messages, close
// frames with their time and code, ends. They answer pings and, if they are to, close frames.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/live/testing/frame.h"
#include "tests/live/testing/socket.h"

namespace wsfleet {

class Crowd {
 public:
  struct Member {
    Socket socket;
    std::string input;
    bool upgraded = false;
    int messages = 0;
    int close_code = kNoCloseFrame;
    TimeNs closed_at = 0;  // when the close frame came; 0: it did not
    bool ended = false;    // by the server, in either way
  };

  explicit Crowd(std::uint16_t port, std::string target = "/ws/");
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Opens `count` more; false when not all were upgraded in time.
  bool open(std::size_t count, TimeNs patience = kPatience);
  /// Sends the text on each open connection.
  void send_each(std::string_view text);
  /// Sends a close frame on each open connection.
  void close_each(int code);
  /// Handles what comes until `done()`; false when time runs out.
  bool run_until(const std::function<bool()>& done, TimeNs patience = kPatience);

  void answer_closes(bool answer) { answers_closes_ = answer; }
  std::size_t size() const { return members_.size(); }
  const std::vector<Member>& members() const { return members_; }
  /// Upgraded, without a close frame or an end so far.
  std::size_t still_open() const;
  std::size_t ended() const;
  std::size_t closed_with(int code) const;
  /// Connections that got at least `messages`.
  std::size_t with_messages(int messages) const;

 private:
  void connect_one();
  void handle(Member& member);
  void handle_input(Member& member);

  std::uint16_t port_;
  std::string request_;
  int epoll_ = -1;
  std::vector<Member> members_;
  std::size_t upgraded_ = 0;
  bool answers_closes_ = true;
};

}  // namespace wsfleet
