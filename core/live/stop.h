// SPDX-License-Identifier: Apache-2.0
#pragma once
// The user's wish to stop (Ctrl-C, SIGTERM, a terminal that is gone): one flag per process, set
// from a signal handler and read by worlds and verbs. Async-signal-safe.

namespace wsfleet {

/// Installs handlers for SIGINT, SIGTERM and SIGHUP that set the flag; a second signal ends the
/// process at once. A SIGHUP that is ignored (nohup) stays ignored. Call it again after a library
/// (SimGrid) has put its own handlers there.
void install_stop_handlers();
bool stop_requested();
/// For tests and for children of a stopped comparison.
void request_stop();

/// While one is there, further signals do not end the process: they only tell it to hurry with what
/// must be done before it ends. SIGQUIT (Ctrl-\) and SIGKILL still do.
class FinishFirst {
 public:
  /// `notice` is written to stderr at a second signal; it outlives the process' signals.
  explicit FinishFirst(const char* notice);
  ~FinishFirst();
  FinishFirst(const FinishFirst&) = delete;
  FinishFirst& operator=(const FinishFirst&) = delete;
};
/// Such a further signal has come: wait for nothing that can be left out.
bool hurry_requested();

}  // namespace wsfleet
