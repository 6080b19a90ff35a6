// SPDX-License-Identifier: Apache-2.0
#include "core/live/stop.h"

#include <unistd.h>

#include <csignal>

namespace wsfleet {
namespace {

volatile std::sig_atomic_t g_stop = 0;

void on_signal(int number) {
  if (g_stop != 0) _exit(128 + number);
  g_stop = 1;
}

}  // namespace

void install_stop_handlers() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() { return g_stop != 0; }

void request_stop() { g_stop = 1; }

}  // namespace wsfleet
