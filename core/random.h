// SPDX-License-Identifier: Apache-2.0
#pragma once
// Counter-based random numbers: value = f(seed, stream, key, draw), by Random123's Philox 4x32-10.
// A stream is named by its purpose ("loadgen.length"), the key is the session's or pod's serial,
// so that a change of policy leaves every other draw as it was. Values only, thread-safe.

#include <cstdint>
#include <string_view>

namespace wsfleet {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);

  std::uint64_t bits(std::uint64_t key, std::uint32_t draw = 0) const;
  /// [0, 1), 53 bits.
  double uniform(std::uint64_t key, std::uint32_t draw = 0) const;
  /// (0, 1]: safe to take the logarithm of.
  double uniform_positive(std::uint64_t key, std::uint32_t draw = 0) const;
  /// Mean 1.
  double exponential(std::uint64_t key, std::uint32_t draw = 0) const;
  /// Mean 0, variance 1 (Box and Muller; takes the draws 2 * draw and 2 * draw + 1).
  double normal(std::uint64_t key, std::uint32_t draw = 0) const;
  /// 0 .. bound - 1 without bias that matters (multiply-shift on 64 bits); bound > 0.
  std::uint64_t below(std::uint64_t bound, std::uint64_t key, std::uint32_t draw = 0) const;

 private:
  std::uint32_t seed_word_;
  std::uint32_t stream_word_;
  std::uint32_t high_word_;
};

class RandomStreams {
 public:
  explicit RandomStreams(std::uint64_t seed) : seed_(seed) {}
  RandomStream stream(std::string_view name) const { return RandomStream(seed_, name); }
  std::uint64_t seed() const { return seed_; }

 private:
  std::uint64_t seed_;
};

}  // namespace wsfleet
