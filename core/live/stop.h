// SPDX-License-Identifier: Apache-2.0
#pragma once
// The user's wish to stop (Ctrl-C, SIGTERM): one flag per process, set from a signal handler and
// read by worlds and verbs. Async-signal-safe.

namespace wsfleet {

/// Installs handlers for SIGINT and SIGTERM that set the flag; a second signal ends the process at
/// once. Call it again after a library (SimGrid) has put its own handlers there.
void install_stop_handlers();
bool stop_requested();
/// For tests and for children of a stopped comparison.
void request_stop();

}  // namespace wsfleet
