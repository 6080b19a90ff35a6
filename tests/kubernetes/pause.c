// SPDX-License-Identifier: Apache-2.0
// The process that holds the namespaces of a pod, and of the whole test cluster (as its pid 1): it
// sleeps, reaps orphans, and ends on SIGTERM or SIGINT.
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signal_number) {
  (void)signal_number;
  _exit(0);
}

static void reap(int signal_number) {
  (void)signal_number;
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

int main(void) {
  signal(SIGINT, end);
  signal(SIGTERM, end);
  signal(SIGCHLD, reap);
  for (;;) pause();
}
