// SPDX-License-Identifier: Apache-2.0
#include "core/live/entropy.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cstddef>
#include <cstdlib>

namespace wsfleet {
namespace {

// Asking the kernel for a block and handing it out is cheaper than a system call for each value.
class Pool {
 public:
  std::uint64_t next() {
    if (used_ == words_.size()) refill();
    return words_[used_++];
  }

 private:
  void refill() {
    // Up to 256 bytes come whole or not at all, and never fail once the kernel's pool is ready.
    if (getrandom(words_.data(), sizeof words_, 0) != sizeof words_) std::abort();
    used_ = 0;
  }

  std::array<std::uint64_t, 32> words_{};
  std::size_t used_ = words_.size();
};

}  // namespace

std::uint64_t entropy_bits() {
  thread_local Pool pool;
  return pool.next();
}

std::string random_uuid() {
  const std::uint64_t high = (entropy_bits() & ~0xF000ULL) | 0x4000ULL;
  const std::uint64_t low = (entropy_bits() & ~(0xC0ULL << 56U)) | (0x80ULL << 56U);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xFFFFU,
                     high & 0xFFFFU, low >> 48U, low & 0xFFFFFFFFFFFFULL);
}

}  // namespace wsfleet
