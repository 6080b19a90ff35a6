// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a child of parallel_runs.h sends its parent through a pipe: bytes that only the same program
// reads, on the same machine. Pure.

#include <string>
#include <string_view>

#include "engine/experiment/parallel_runs.h"

namespace wsfleet {

std::string encode(const Result<FinishedRun>& outcome);
/// An Error when the message is cut short.
Result<FinishedRun> decode(std::string_view message);

}  // namespace wsfleet
