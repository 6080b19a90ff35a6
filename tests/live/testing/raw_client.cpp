// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/raw_client.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace wsfleet {

std::string upgrade_problem(const RawResponse& response) {
  if (response.status != 101) {
    return fmt::format("status {} {}", response.status, response.body);
  }
  const std::string upgrade = response.header("Upgrade");
  if (upgrade != "websocket" && upgrade != "WebSocket") return "Upgrade: " + upgrade;
  const std::string connection = response.header("Connection");
  if (connection != "Upgrade" && connection != "upgrade") return "Connection: " + connection;
  const std::string accept = response.header("Sec-WebSocket-Accept");
  if (accept != kExpectedAccept) return "Sec-WebSocket-Accept: " + accept;
  const std::string extensions = response.header("Sec-WebSocket-Extensions");
  if (!extensions.empty()) return "an extension that was not offered: " + extensions;
  return "";
}

RawClient::RawClient(std::uint16_t port, std::string_view target, int receive_buffer)
    : RawClient(Socket(port, receive_buffer), upgrade_request(target)) {
  const std::string problem = upgrade_problem(response_);
  if (!problem.empty()) throw std::runtime_error("not upgraded: " + problem);
}

RawClient::RawClient(Socket socket, std::string_view request) : socket_(std::move(socket)) {
  socket_.send(request);
  response_ = read_response(socket_, input_);
}

RawClient RawClient::with_request(std::uint16_t port, std::string_view request) {
  return {Socket(port), request};
}

bool RawClient::send_byte_by_byte(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!socket_.send(bytes.substr(i, 1))) return false;
  }
  return true;
}

Incoming RawClient::next(TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  while (true) {
    if (auto frame = take_frame(input_)) {
      if (frame->masked) throw std::runtime_error("a server must not mask (RFC 6455, 5.1)");
      return {Received::data, std::move(*frame)};
    }
    const Received what = socket_.receive(input_, deadline - monotonic_now());
    if (what != Received::data) return {what, {}};
  }
}

std::optional<Message> RawClient::message(TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  Message message;
  while (!close_) {
    Incoming incoming = next(deadline - monotonic_now());
    if (incoming.what != Received::data) return std::nullopt;
    Frame& frame = incoming.frame;
    if (frame.opcode == kPing) {
      send({.opcode = kPong, .payload = frame.payload});
    } else if (frame.opcode == kClose) {
      close_ = std::move(frame);
    } else if (frame.opcode != kPong) {
      if (frame.opcode != kContinuation) message.opcode = frame.opcode;
      message.payload += frame.payload;
      if (frame.fin) return message;
    }
  }
  return std::nullopt;
}

std::string RawClient::echo(std::string_view text) {
  if (!send_text(text)) return "(not sent)";
  const auto answer = message();
  return answer ? answer->payload : "(nothing)";
}

Closure RawClient::closure(TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  Closure closure;
  while (!close_) {
    Incoming incoming = next(deadline - monotonic_now());
    if (incoming.what != Received::data) {
      closure.ended = incoming.what != Received::nothing;
      closure.reset = incoming.what == Received::reset;
      return closure;
    }
    Frame& frame = incoming.frame;
    if (frame.opcode == kClose) {
      close_ = std::move(frame);
    } else if (frame.opcode == kPing) {
      ++closure.pings;
      send({.opcode = kPong, .payload = frame.payload});
    } else if (frame.opcode != kPong) {
      closure.messages.push_back({frame.opcode, frame.payload});
    }
  }
  closure.code = close_code(*close_);
  closure.reason = close_reason(*close_);
  if (!close_sent_) send({.opcode = kClose, .payload = close_->payload.substr(0, 2)});
  const Received end = socket_.wait_for_end(deadline - monotonic_now());
  closure.ended = end != Received::nothing;
  closure.reset = end == Received::reset;
  socket_.close();
  return closure;
}

}  // namespace wsfleet
