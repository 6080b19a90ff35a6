// SPDX-License-Identifier: Apache-2.0
#pragma once
// TCP connections on this machine from many source addresses. Thread-safe.

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/result.h"

namespace wsfleet::bench {

/// What a system call failed with just now (errno).
Error system_error(const std::string& what);

/// A blocking socket from 127.0.0.<source> to 127.0.0.1:port. Its port is picked at the connect, so
/// that each source address has all of them for each target.
Result<int> connect_from(std::size_t source, std::uint16_t port);

}  // namespace wsfleet::bench
