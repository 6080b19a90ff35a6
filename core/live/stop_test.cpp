// SPDX-License-Identifier: Apache-2.0
// Each in a process of its own: signals are for whole processes.
#include "core/live/stop.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace wsfleet {
namespace {

using testing::ExitedWithCode;

[[noreturn]] void signalled(std::initializer_list<int> numbers) {
  install_stop_handlers();
  for (const int number : numbers) raise(number);
  std::exit(stop_requested() ? 7 : 8);
}

[[noreturn]] void signalled_while_it_finishes() {
  install_stop_handlers();
  const FinishFirst finish_first("putting things back first\n");
  raise(SIGINT);
  if (hurry_requested()) std::exit(1);
  raise(SIGINT);
  raise(SIGTERM);
  std::exit(hurry_requested() ? 9 : 2);
}

TEST(Stop, TheFirstSignalOnlyAsks) {
  EXPECT_EXIT(signalled({SIGINT}), ExitedWithCode(7), "");
  EXPECT_EXIT(signalled({SIGTERM}), ExitedWithCode(7), "");
  EXPECT_EXIT(signalled({}), ExitedWithCode(8), "");
}

TEST(Stop, ATerminalThatIsGoneAsksToo) { EXPECT_EXIT(signalled({SIGHUP}), ExitedWithCode(7), ""); }

TEST(Stop, UnderNohupATerminalThatIsGoneIsNoWish) {
  EXPECT_EXIT(
      {
        std::signal(SIGHUP, SIG_IGN);
        signalled({SIGHUP});
      },
      ExitedWithCode(8), "");
}

TEST(Stop, TheSecondSignalEndsIt) {
  EXPECT_EXIT(signalled({SIGINT, SIGINT}), ExitedWithCode(128 + SIGINT), "");
}

TEST(Stop, WhatHasToBeFinishedIsFinishedFirst) {
  EXPECT_EXIT(signalled_while_it_finishes(), ExitedWithCode(9), "putting things back first");
}

}  // namespace
}  // namespace wsfleet
