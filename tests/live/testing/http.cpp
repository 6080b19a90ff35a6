// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

namespace wsfleet {
namespace {

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return lowered;
}

template <class Number>
Number number_or(std::string_view text, Number fallback) {
  Number value = fallback;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

RawResponse simple_request(std::uint16_t port, std::string_view method, std::string_view path,
                           std::string_view fields) {
  return http_exchange(port,
                       fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                                   "Content-Length: 0\r\n{}\r\n",
                                   method, path, fields));
}

}  // namespace

std::string RawResponse::header(std::string_view name) const {
  const std::string wanted = "\r\n" + lower(name) + ":";
  const std::size_t found = lower(head).find(wanted);
  if (found == std::string::npos) return "";
  const std::size_t begin = head.find_first_not_of(' ', found + wanted.size());
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

RawResponse read_response(Socket& socket, std::string& rest, TimeNs patience) {
  const TimeNs deadline = monotonic_now() + patience;
  RawResponse response;
  std::size_t head_end = std::string::npos;
  while ((head_end = rest.find("\r\n\r\n")) == std::string::npos) {
    if (socket.receive(rest, deadline - monotonic_now()) != Received::data) return response;
  }
  response.head = rest.substr(0, head_end + 2);
  rest.erase(0, head_end + 4);
  if (response.head.starts_with("HTTP/1.")) {
    response.status = number_or(std::string_view(response.head).substr(9, 3), 0);
  }
  if (response.status == 101) return response;
  const auto length = number_or<std::size_t>(response.header("Content-Length"), SIZE_MAX);
  while (rest.size() < length &&
         socket.receive(rest, deadline - monotonic_now()) == Received::data) {
  }
  response.body = rest.substr(0, length);
  rest.erase(0, length);
  return response;
}

RawResponse http_exchange(std::uint16_t port, std::string_view request) {
  Socket socket(port);
  socket.send(request);
  std::string rest;
  return read_response(socket, rest);
}

RawResponse http_get(std::uint16_t port, std::string_view path, std::string_view fields) {
  return simple_request(port, "GET", path, fields);
}

RawResponse http_post(std::uint16_t port, std::string_view path, std::string_view fields) {
  return simple_request(port, "POST", path, fields);
}

std::string upgrade_request(std::string_view target, std::string_view fields) {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
      target, fields);
}

std::string replaced(std::string text, std::string_view old_part, std::string_view new_part) {
  const std::size_t at = text.find(old_part);
  if (at == std::string::npos) throw std::runtime_error(fmt::format("no '{}' in it", old_part));
  return text.replace(at, old_part.size(), new_part);
}

}  // namespace wsfleet
