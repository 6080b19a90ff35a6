// SPDX-License-Identifier: Apache-2.0
#pragma once
// A readiness probe's counters, as the kubelet keeps them (pkg/kubelet/prober/worker.go). Pure.

#include "cluster/settings.h"

namespace wsfleet {

class ReadinessProbe {
 public:
  explicit ReadinessProbe(const ProbeSettings& settings) : settings_(settings) {}
  /// Takes a probe's outcome; true when readiness changed by it. Starts as not ready.
  bool record(bool success);
  bool ready() const { return ready_; }
  /// A new container: not ready. The run of equal outcomes goes on, as the kubelet lets it.
  void reset();

 private:
  ProbeSettings settings_;
  bool ready_ = false;
  int in_a_row_ = 0;
  bool last_ = false;
};

/// A crashed container's restart delay: none the first time, then `initial`, doubling up to 5
/// minutes (kubelet's CrashLoopBackOff). `crashes` counts those before this one; a container that
/// ran for kRestartBackoffReset starts over at 0 (the caller's part).
/// Sources: pkg/kubelet/kuberuntime (doBackOff), client-go/util/flowcontrol/backoff.go.
inline constexpr TimeNs kRestartBackoffReset = 10 * kMinute;
TimeNs restart_delay(TimeNs initial, int crashes);

}  // namespace wsfleet
