// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/scrape_targets.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

// As Prometheus 2.42 answers, shortened.
constexpr const char* kAnswer = R"({"status": "success", "data": {"activeTargets": [
  {"labels": {"job": "wsfleet-server", "namespace": "fleet", "uid": "1"}, "scrapeInterval": "2s",
   "scrapeTimeout": "1s", "health": "up"},
  {"labels": {"job": "wsfleet-server", "namespace": "other", "uid": "2"}, "scrapeInterval": "15s"},
  {"labels": {"job": "prometheus", "namespace": "fleet"}, "scrapeInterval": "1m30s"}]}})";

TEST(ScrapeTargets, TheServersIntervalIsThatOfTheTargetsWithTheirLabels) {
  EXPECT_EQ(servers_scrape_interval(kAnswer, "fleet"), 2 * kSecond);
  EXPECT_EQ(servers_scrape_interval(kAnswer, "other"), 15 * kSecond);
}

TEST(ScrapeTargets, WhatIsNotSaidIsNotKnown) {
  EXPECT_EQ(servers_scrape_interval(kAnswer, "third"), std::nullopt);
  EXPECT_EQ(servers_scrape_interval("no JSON", "fleet"), std::nullopt);
  EXPECT_EQ(
      servers_scrape_interval(
          R"({"data": {"activeTargets": [{"labels": {"namespace": "n", "uid": "1"}}]}})", "n"),
      std::nullopt);
}

}  // namespace
}  // namespace wsfleet
