// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/clients/message_flow.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace wsfleet {
namespace {

constexpr std::size_t kSerialBytes = 8;
constexpr std::size_t kHeaderBytes = 16;
static_assert(std::endian::native == std::endian::little, "the header is copied as it is");

}  // namespace

void TimeRing::grow() {
  std::vector<TimeNs> larger(std::max<std::size_t>(4, 2 * times_.size()));
  for (std::size_t i = 0; i < size_; ++i) larger[i] = times_[(first_ + i) & (times_.size() - 1)];
  times_ = std::move(larger);
  first_ = 0;
}

void MessageFlow::opened(const MessageSettings& settings, TimeNs now, double phase) {
  period_ = settings.period;
  think_time_ = settings.think_time;
  expects_replies_ = settings.replies != Replies::none;
  stopped_ = false;
  sent_ = 0;
  replied_ = 0;
  due_ = {};
  in_flight_ = {};
  if (period_ > 0) {
    next_ = now + static_cast<TimeNs>(phase * static_cast<double>(period_));
  } else {
    for (int i = 0; i < settings.in_flight; ++i) due_.push(now);
  }
}

Payload::Payload(std::int64_t bytes) : buffer_(static_cast<std::size_t>(bytes), '\0') {
  for (std::size_t i = kHeaderBytes; i < buffer_.size(); ++i) {
    buffer_[i] = static_cast<char>('a' + i % 23);
  }
}

std::string_view Payload::of(std::uint64_t serial, std::uint64_t number) {
  std::array<char, kHeaderBytes> header;
  std::memcpy(header.data(), &serial, kSerialBytes);
  std::memcpy(header.data() + kSerialBytes, &number, kHeaderBytes - kSerialBytes);
  std::memcpy(buffer_.data(), header.data(), std::min(buffer_.size(), header.size()));
  return buffer_;
}

std::optional<std::uint64_t> Payload::serial_of(std::string_view received) {
  if (received.size() < kSerialBytes) return std::nullopt;
  std::uint64_t serial = 0;
  std::memcpy(&serial, received.data(), kSerialBytes);
  return serial;
}

}  // namespace wsfleet
