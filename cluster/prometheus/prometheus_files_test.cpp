// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/prometheus_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(PrometheusConfig, HasIntervalTimeoutAndTargets) {
  const std::string text = prometheus_config({.scrape_interval = 2500 * kMillisecond,
                                              .scrape_timeout = 1 * kSecond,
                                              .targets_file = "/run/a \"b\"/targets.json"});
  EXPECT_THAT(text, HasSubstr("  scrape_interval: 2500ms\n  scrape_timeout: 1000ms\n"));
  EXPECT_THAT(text, HasSubstr(R"(- files: ["/run/a \"b\"/targets.json"])"));
}

TEST(PrometheusConfig, TheTimeoutIsNotLongerThanTheInterval) {
  EXPECT_THAT(prometheus_config({.scrape_interval = kSecond, .targets_file = "/t.json"}),
              HasSubstr("scrape_interval: 1000ms\n  scrape_timeout: 1000ms\n"));
  EXPECT_THAT(prometheus_config({.scrape_interval = 1, .targets_file = "/t.json"}),
              HasSubstr("scrape_interval: 1ms\n  scrape_timeout: 1ms\n"));
}

TEST(PrometheusTargets, AreAListWithLabels) {
  const auto groups = nlohmann::json::parse(
      prometheus_targets({{"127.0.0.2:3000", "uid-1", "chat-0", "wsfleet"},
                          {"127.0.0.3:3001", "uid-\"2\"", "chat-\xFF", "wsfleet"}}));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0]["targets"], nlohmann::json::array({"127.0.0.2:3000"}));
  EXPECT_EQ(groups[0]["labels"],
            nlohmann::json({{"uid", "uid-1"}, {"pod", "chat-0"}, {"namespace", "wsfleet"}}));
  EXPECT_EQ(groups[1]["labels"]["uid"], "uid-\"2\"");
  EXPECT_EQ(prometheus_targets({}), "[]\n");
}

TEST(PrometheusCommand, ListensWhereItIsTold) {
  PrometheusPlace place{.port = 19090, .config_file = "/c.yml", .data_directory = "/d"};
  const auto command = prometheus_command(place);
  EXPECT_EQ(command.front(), "/usr/bin/prometheus");
  EXPECT_THAT(command, Contains("--web.listen-address=127.0.0.1:19090"));
  EXPECT_THAT(command, Contains("--config.file=/c.yml"));
  EXPECT_THAT(command, Contains("--storage.tsdb.path=/d"));
  place.address = "::1";
  EXPECT_THAT(prometheus_command(place), Contains("--web.listen-address=[::1]:19090"));
}

}  // namespace
}  // namespace wsfleet
