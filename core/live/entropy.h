// SPDX-License-Identifier: Apache-2.0
#pragma once
// Chance from the operating system, for what must differ between processes: identifiers, jitter of
// live reconnects to services. Everything that a seed should repeat comes from random.h instead.
// Thread-safe.

#include <cstdint>
#include <string>

namespace wsfleet {

/// 64 bits from the kernel's generator (getrandom).
std::uint64_t entropy_bits();

/// A random UUID (version 4, RFC 9562): "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".
std::string random_uuid();

}  // namespace wsfleet
