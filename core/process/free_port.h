// SPDX-License-Identifier: Apache-2.0
#pragma once
// A port for a program that takes its own: those that are started on loopback, by the harness and
// by tests. Somebody else may take it before that program does: whoever starts it tries again with
// another one.

#include <cstdint>

#include "core/result.h"

namespace wsfleet {

/// A port of 127.0.0.1 on which nobody listens at this moment.
Result<std::uint16_t> free_port();

}  // namespace wsfleet
