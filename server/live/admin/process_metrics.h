// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the kernel says of this process, under the names that every Prometheus client library uses.
// Linux. Thread-safe.

namespace wsfleet {

struct ProcessLevels {
  double cpu_s = 0;  // user and system, since the start
  double resident_bytes = 0;
  double open_descriptors = 0;
  double started_s = 0;  // since 1970
};

/// As of now; what can't be read is 0.
ProcessLevels process_levels();

}  // namespace wsfleet
