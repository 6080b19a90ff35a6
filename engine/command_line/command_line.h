// SPDX-License-Identifier: Apache-2.0
#pragma once
// The `wsfleet` command: reads its arguments and runs one verb (docs/formats/command-line.md).

namespace wsfleet {

/// Returns the exit status: 0 fine, 1 it failed, 2 usage, 99 condition or baseline missed, 104
/// invalid configuration, 105 stopped by the user.
int command_line(int argc, const char* const* argv);

}  // namespace wsfleet
