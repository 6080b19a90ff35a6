// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which sessions there were, as one number: a sum over them of a strong mix of serial, intended
// start and length. The order does not matter, and parts add, so that shards, threads and a
// simulation of the same scenario and seed come to the same digest. Pure values.

#include <cstdint>

#include "core/time.h"

namespace wsfleet {

class SessionDigest {
 public:
  SessionDigest() = default;
  /// As it was stored.
  SessionDigest(std::uint64_t value, std::int64_t sessions) : value_(value), sessions_(sessions) {}

  /// `start`: intended, 0 for sessions of start = "steady"; `length`: of connected time.
  void add(std::uint64_t serial, TimeNs start, TimeNs length) {
    std::uint64_t mixed = scatter(serial + 0x9e3779b97f4a7c15ULL);
    mixed = scatter(mixed ^ static_cast<std::uint64_t>(start));
    mixed = scatter((mixed + 0x9e3779b97f4a7c15ULL) ^ static_cast<std::uint64_t>(length));
    value_ += mixed;
    ++sessions_;
  }
  void merge(const SessionDigest& other) {
    value_ += other.value_;
    sessions_ += other.sessions_;
  }

  std::uint64_t value() const { return value_; }
  std::int64_t sessions() const { return sessions_; }
  bool operator==(const SessionDigest&) const = default;

 private:
  // The finaliser of splitmix64: each bit of the input moves half of the output's.
  static std::uint64_t scatter(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
    return bits ^ (bits >> 31);
  }

  std::uint64_t value_ = 0;
  std::int64_t sessions_ = 0;
};

}  // namespace wsfleet
