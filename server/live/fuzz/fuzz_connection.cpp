// SPDX-License-Identifier: Apache-2.0
// The libFuzzer target: `./dev fuzz [seconds]`.
#include <cstddef>
#include <cstdint>

#include "server/live/fuzz/connection_fuzzer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static wsfleet::ConnectionFuzzer fuzzer;
  fuzzer.feed({reinterpret_cast<const char*>(data), size});
  return 0;
}
