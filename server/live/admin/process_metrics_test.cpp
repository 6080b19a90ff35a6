// SPDX-License-Identifier: Apache-2.0
#include "server/live/admin/process_metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <vector>

#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

TEST(ProcessMetrics, CpuSecondsGrowWithWork) {
  const double before = process_levels().cpu_s;
  double sum = 0;
  const TimeNs until = monotonic_now() + 60 * kSecond;
  while (process_levels().cpu_s < before + 0.05 && monotonic_now() < until) {
    for (int i = 0; i < 100'000; ++i) sum += std::sqrt(static_cast<double>(i));
  }
  EXPECT_GE(process_levels().cpu_s, before + 0.05) << sum;
}

TEST(ProcessMetrics, ResidentBytesGrowWithMemory) {
  constexpr std::size_t kBytes = 64 * 1024 * 1024;
  const double before = process_levels().resident_bytes;
  EXPECT_GT(before, 0);
  const std::vector<char> used(kBytes, 'x');
  EXPECT_GT(process_levels().resident_bytes, before + kBytes / 2.0) << used.back();
}

TEST(ProcessMetrics, OpenDescriptorsAreThoseThatAreOpen) {
  const double before = process_levels().open_descriptors;
  EXPECT_GE(before, 1);
  const int file = open("/dev/null", O_RDONLY);
  EXPECT_EQ(process_levels().open_descriptors, before + 1);
  close(file);
  EXPECT_EQ(process_levels().open_descriptors, before);
}

TEST(ProcessMetrics, TheStartIsATimeBeforeNow) {
  const double started = process_levels().started_s;
  const double now = to_seconds(wall_now());
  // btime is whole seconds, and clocks are set while machines run.
  EXPECT_LT(started, now + 5);
  EXPECT_GT(started, now - 24 * 3600);
  EXPECT_EQ(process_levels().started_s, started);
}

}  // namespace
}  // namespace wsfleet
