// SPDX-License-Identifier: Apache-2.0
#include "cluster/offered_load.h"

#include <algorithm>

#include "server/rules.h"

namespace wsfleet {
namespace {

constexpr std::int64_t kHandshakeWindow = 10;  // seconds

}  // namespace

OfferedLoad::OfferedLoad(TimeNs duration, const WorkloadSettings& workload,
                         const ServerSettings& server)
    : arrivals_(static_cast<std::size_t>((duration + kSecond - 1) / kSecond)),
      change_(arrivals_.size()),
      handshake_s_(to_seconds(handshake_work(server))),
      cores_per_session_(workload.messages_per_second * to_seconds(server.costs.message_cpu) +
                         ping_load(server, 1)) {}

void OfferedLoad::session(TimeNs start, TimeNs length) {
  const auto second = static_cast<std::size_t>(start / kSecond);
  if (second >= arrivals_.size()) return;
  ++arrivals_[second];
  ++change_[second];
  end_at(start + std::min(length, kNever - start));
}

void OfferedLoad::initial_session(TimeNs length) {
  if (change_.empty()) return;
  ++change_[0];
  end_at(length);
}

void OfferedLoad::end_at(TimeNs time) {
  const auto second = static_cast<std::size_t>(time / kSecond);
  if (second < change_.size()) --change_[second];
}

OfferedSecond OfferedLoad::take(std::int64_t second) {
  const auto index = static_cast<std::size_t>(second);
  OfferedSecond answer;
  answer.arrivals = arrivals_[index];
  sessions_ += change_[index];
  recent_arrivals_ += arrivals_[index];
  if (second >= kHandshakeWindow) {
    recent_arrivals_ -= arrivals_[static_cast<std::size_t>(second - kHandshakeWindow)];
  }
  const std::int64_t window = std::min(second + 1, kHandshakeWindow);
  answer.sessions = sessions_;
  answer.cpu_cores =
      static_cast<double>(recent_arrivals_) / static_cast<double>(window) * handshake_s_ +
      static_cast<double>(sessions_) * cores_per_session_;
  return answer;
}

}  // namespace wsfleet
