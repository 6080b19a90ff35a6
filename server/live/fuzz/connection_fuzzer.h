// SPDX-License-Identifier: Apache-2.0
#pragma once
// Feeds bytes to the server as a client would, over a socket pair, and checks what must hold
// whatever they are: the connection ends, nothing stays open, every accepted connection is counted
// as closed. Used by the libFuzzer target and by the test that replays the corpus. One thread.

#include <cstdint>
#include <memory>
#include <string_view>

#include "server/settings.h"

namespace wsfleet {

class ConnectionFuzzer {
 public:
  ConnectionFuzzer();
  ~ConnectionFuzzer();

  /// The first byte chooses: its low bit broadcast instead of echo, the next one whether a valid
  /// upgrade goes before the bytes, the rest how many pieces they come in. Ends the process when
  /// something that must hold does not.
  void feed(std::string_view input);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
