// SPDX-License-Identifier: Apache-2.0
#include "core/live/stop.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>

namespace wsfleet {
namespace {

volatile std::sig_atomic_t g_stop = 0;
volatile std::sig_atomic_t g_hurry = 0;
std::atomic<const char*> g_finish_first = nullptr;
static_assert(std::atomic<const char*>::is_always_lock_free);

void on_signal(int number) {
  if (g_stop != 0) {
    const char* notice = g_finish_first;
    if (notice == nullptr) _exit(128 + number);
    if (g_hurry == 0) static_cast<void>(!write(STDERR_FILENO, notice, strlen(notice)));
    g_hurry = 1;
  }
  g_stop = 1;
}

void install(int number) {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

}  // namespace

void install_stop_handlers() {
  install(SIGINT);
  install(SIGTERM);
  struct sigaction present = {};
  sigaction(SIGHUP, nullptr, &present);
  if (present.sa_handler != SIG_IGN) install(SIGHUP);
}

bool stop_requested() { return g_stop != 0; }

void request_stop() { g_stop = 1; }

FinishFirst::FinishFirst(const char* notice) { g_finish_first = notice; }

FinishFirst::~FinishFirst() { g_finish_first = nullptr; }

bool hurry_requested() { return g_hurry != 0; }

}  // namespace wsfleet
