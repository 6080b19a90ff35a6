// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/crowd.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "tests/live/testing/http.h"

namespace wsfleet {
namespace {

// So many handshakes are under way at most: the queue of a listening socket is finite.
constexpr std::size_t kHandshakesAtOnce = 200;

bool is_open(const Crowd::Member& member) {
  return member.upgraded && member.closed_at == 0 && !member.ended;
}

}  // namespace

Crowd::Crowd(std::uint16_t port, std::string target)
    : port_(port), request_(upgrade_request(target)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::runtime_error("epoll_create1");
}

Crowd::~Crowd() { close(epoll_); }

bool Crowd::open(std::size_t count, TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  const std::size_t wanted = members_.size() + count;
  members_.reserve(wanted);
  while (members_.size() < wanted) {
    const std::size_t batch = std::min(kHandshakesAtOnce, wanted - members_.size());
    for (std::size_t i = 0; i < batch; ++i) connect_one();
    const auto all_upgraded = [this] { return upgraded_ == members_.size(); };
    if (!run_until(all_upgraded, deadline - monotonic_now())) return false;
  }
  return true;
}

void Crowd::connect_one() {
  members_.push_back({.socket = Socket(port_), .input = {}});
  Member& member = members_.back();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.u64 = members_.size() - 1;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, member.socket.descriptor(), &event);
  member.socket.send(request_);
}

void Crowd::send_each(std::string_view text) {
  const std::string bytes = encode(text_frame(text));
  for (Member& member : members_) {
    if (is_open(member)) member.socket.send(bytes);
  }
}

void Crowd::close_each(int code) {
  const std::string bytes = encode(close_frame(code));
  for (Member& member : members_) {
    if (is_open(member)) member.socket.send(bytes);
  }
}

bool Crowd::run_until(const std::function<bool()>& done, TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  std::array<epoll_event, 512> events;
  while (!done()) {
    if (monotonic_now() >= deadline) return false;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 20);
    for (int i = 0; i < count; ++i) {
      handle(members_[events[static_cast<std::size_t>(i)].data.u64]);
    }
  }
  return true;
}

void Crowd::handle(Member& member) {
  Received what = Received::data;
  while (what == Received::data) what = member.socket.receive(member.input, 0);
  handle_input(member);
  if (what == Received::nothing) return;
  member.ended = true;
  member.socket.close();
}

void Crowd::handle_input(Member& member) {
  if (!member.upgraded) {
    const std::size_t end = member.input.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (!member.input.starts_with("HTTP/1.1 101")) return;
    member.upgraded = true;
    ++upgraded_;
    member.input.erase(0, end + 4);
  }
  while (auto frame = take_frame(member.input)) {
    if (frame->opcode == kPing) {
      member.socket.send(encode({.opcode = kPong, .payload = frame->payload}));
    } else if (frame->opcode == kClose) {
      member.closed_at = monotonic_now();
      member.close_code = close_code(*frame);
      if (answers_closes_)
        member.socket.send(encode({.opcode = kClose, .payload = frame->payload}));
    } else if (frame->opcode != kPong && frame->fin) {
      ++member.messages;
    }
  }
  if (member.input.empty()) std::string().swap(member.input);
}

std::size_t Crowd::still_open() const {
  return static_cast<std::size_t>(std::count_if(members_.begin(), members_.end(), is_open));
}

std::size_t Crowd::ended() const {
  return static_cast<std::size_t>(std::count_if(members_.begin(), members_.end(),
                                                [](const Member& member) { return member.ended; }));
}

std::size_t Crowd::closed_with(int code) const {
  return static_cast<std::size_t>(std::count_if(
      members_.begin(), members_.end(),
      [code](const Member& member) { return member.closed_at > 0 && member.close_code == code; }));
}

std::size_t Crowd::with_messages(int messages) const {
  return static_cast<std::size_t>(
      std::count_if(members_.begin(), members_.end(),
                    [messages](const Member& member) { return member.messages >= messages; }));
}

}  // namespace wsfleet
