// SPDX-License-Identifier: Apache-2.0
// 15,000 connections on one server process: each echoes, all stay open, all are closed cleanly and
// nothing stays behind. Needs 15,100 open files per process (ulimit -n).
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>

#include "tests/live/testing/crowd.h"
#include "tests/live/testing/server_process.h"

namespace wsfleet {
namespace {

constexpr std::size_t kConnections = 15'000;

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

TEST(ManyConnections, FifteenThousandEchoStayOpenAndCloseCleanly) {
  ASSERT_GE(raise_descriptor_limit(), kConnections + 100) << "raise the hard limit of open files";
  ServerProcess server({"--max-connections", "20000", "--log-level", "warning"});
  const std::size_t baseline = server.process().open_descriptors();
  const std::size_t idle_bytes = server.process().resident_bytes();
  {
    Crowd crowd(server.port());
    ASSERT_TRUE(crowd.open(kConnections, 60 * kSecond));
    const std::size_t open_bytes = server.process().resident_bytes();
    crowd.send_each("hello");
    EXPECT_TRUE(crowd.run_until([&] { return crowd.with_messages(1) == kConnections; }));
    EXPECT_EQ(crowd.still_open(), kConnections);
    EXPECT_EQ(server.count("wsfleet_connections"), kConnections);
    EXPECT_EQ(server.sum("wsfleet_connections_refused_total"), 0);

    const double per_connection =
        static_cast<double>(open_bytes - idle_bytes) / static_cast<double>(kConnections);
    std::printf("resident: %.1f MiB idle, %.2f KiB for each open connection\n",
                static_cast<double>(idle_bytes) / 1048576, per_connection / 1024);
    EXPECT_LT(per_connection, 16 * 1024) << "of the size of a thread, not of a connection";

    crowd.close_each(1000);
    EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == kConnections; }));
    EXPECT_EQ(crowd.closed_with(1000), kConnections);
  }
  EXPECT_TRUE(eventually([&] { return server.process().open_descriptors() <= baseline; }))
      << server.process().open_descriptors() << " descriptors, " << baseline << " before";
  EXPECT_EQ(server.count("wsfleet_connections"), 0);
  server.process().signal(SIGTERM);
  EXPECT_EQ(server.process().wait(), 0);
}

}  // namespace
}  // namespace wsfleet
