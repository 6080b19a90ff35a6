// SPDX-License-Identifier: Apache-2.0
#include "loadgen/workload_section.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "build_paths/source_dir.h"
#include "loadgen/arrivals/arrivals_section.h"

namespace wsfleet {
namespace {

struct Reading {
  WorkloadSettings workload;
  std::string errors;
};

Reading read(std::string_view text) {
  TomlDocument document = TomlDocument::parse(text, "s.toml");
  Reading reading;
  reading.workload = read_workload(document.root().table("workload"), "");
  reading.errors = render(document.diagnostics());
  return reading;
}

WorkloadSettings valid(std::string_view text) {
  const Reading reading = read(text);
  EXPECT_EQ(reading.errors, "") << text;
  return reading.workload;
}

std::string errors(std::string_view text) { return read(text).errors; }

TEST(WorkloadSection, WithoutTheSectionTheDefaultsHold) {
  const WorkloadSettings workload = valid("format = 1\n");
  EXPECT_EQ(workload.source_addresses, 0);
  EXPECT_EQ(workload.arrivals.shape, ArrivalShape::constant);
  EXPECT_EQ(workload.arrivals.rate, 1);
  EXPECT_EQ(workload.length.distribution, LengthDistribution::exponential);
  EXPECT_EQ(workload.length.mean, 10 * kMinute);
  EXPECT_EQ(workload.messages_per_second, 0);
  EXPECT_EQ(workload.message_bytes, 100);
  EXPECT_EQ(workload.rooms, 0);
  EXPECT_EQ(workload.reconnect.kind, ReconnectKind::full_jitter);
  EXPECT_EQ(workload.reconnect.base, kSecond);
  EXPECT_EQ(workload.reconnect.cap, 30 * kSecond);
  EXPECT_EQ(workload.reconnect.max_attempts, 20);
  EXPECT_EQ(workload.reconnect.connect_timeout, 10 * kSecond);
}

TEST(WorkloadSection, ReadsTheSourceAddresses) {
  EXPECT_EQ(valid("[workload]\nsource_addresses = 2000\n").source_addresses, 2000);
}

TEST(WorkloadSection, ReadsASession) {
  const WorkloadSettings workload = valid(
      "[workload.session]\n"
      "length = { distribution = \"lognormal\", mean = \"20m\", sigma = 1.5 }\n"
      "messages_per_second = 0.2\n"
      "message_bytes = \"2KiB\"\n"
      "rooms = 40\n");
  EXPECT_EQ(workload.length.distribution, LengthDistribution::lognormal);
  EXPECT_EQ(workload.length.mean, 20 * kMinute);
  EXPECT_EQ(workload.length.sigma, 1.5);
  EXPECT_EQ(workload.messages_per_second, 0.2);
  EXPECT_EQ(workload.message_bytes, 2048);
  EXPECT_EQ(workload.rooms, 40);
}

TEST(WorkloadSection, ReadsEveryDistribution) {
  const auto length = [](const std::string& text) {
    return valid("[workload.session]\nlength = { distribution = " + text + " }\n").length;
  };
  EXPECT_EQ(length("\"exponential\"").distribution, LengthDistribution::exponential);
  EXPECT_EQ(length("\"fixed\", mean = \"5s\"").distribution, LengthDistribution::fixed);
  EXPECT_EQ(length("\"fixed\", mean = \"5s\"").mean, 5 * kSecond);
  EXPECT_EQ(length("\"pareto\", alpha = 1.1").distribution, LengthDistribution::pareto);
  EXPECT_EQ(length("\"pareto\", alpha = 1.1").alpha, 1.1);
}

TEST(WorkloadSection, ReadsAReconnectPolicy) {
  const ReconnectSettings reconnect = valid(
                                          "[workload.reconnect]\n"
                                          "policy = \"exponential\"\nbase = \"2s\"\ncap = \"20s\"\n"
                                          "max_attempts = 6\nconnect_timeout = \"3s\"\n")
                                          .reconnect;
  EXPECT_EQ(reconnect.kind, ReconnectKind::exponential);
  EXPECT_EQ(reconnect.base, 2 * kSecond);
  EXPECT_EQ(reconnect.cap, 20 * kSecond);
  EXPECT_EQ(reconnect.max_attempts, 6);
  EXPECT_EQ(reconnect.connect_timeout, 3 * kSecond);
}

TEST(WorkloadSection, EveryReconnectPolicyStandsBesideEveryKey) {
  const auto kind = [](const std::string& policy) {
    return valid("[workload.reconnect]\npolicy = \"" + policy +
                 "\"\nbase = \"2s\"\ncap = \"20s\"\nmax_attempts = 6\n")
        .reconnect.kind;
  };
  EXPECT_EQ(kind("none"), ReconnectKind::none);
  EXPECT_EQ(kind("fixed"), ReconnectKind::fixed);
  EXPECT_EQ(kind("exponential"), ReconnectKind::exponential);
  EXPECT_EQ(kind("full_jitter"), ReconnectKind::full_jitter);
}

TEST(WorkloadSection, ACapBelowTheBaseIsWrongWhereThereIsBackOff) {
  EXPECT_EQ(errors("[workload.reconnect]\nbase = \"5s\"\ncap = \"1s\"\n"),
            "s.toml:3:7: error: 'workload.reconnect.cap' (1s) is below 'workload.reconnect.base' "
            "(5s)\n"
            "   3 | cap = \"1s\"\n"
            "     |       ^");
  EXPECT_EQ(errors("[workload.reconnect]\nbase = \"1m\"\n"),
            "s.toml:2:8: error: 'workload.reconnect.cap' (30s, the default) is below "
            "'workload.reconnect.base' (1m)\n"
            "   2 | base = \"1m\"\n"
            "     |        ^");
  valid("[workload.reconnect]\npolicy = \"fixed\"\nbase = \"1m\"\n");
}

TEST(WorkloadSection, ReconnectErrorsAreAllShownAtOnce) {
  EXPECT_EQ(errors("[workload.reconnect]\n"
                   "policy = \"full-jitter\"\n"
                   "base = \"0s\"\n"
                   "cap = 30\n"
                   "max_attempts = 0\n"
                   "connect_timeout = \"soon\"\n"
                   "retries = 5\n"),
            "s.toml:2:10: error: 'workload.reconnect.policy' must be one of exponential, fixed, "
            "full_jitter, none, not 'full-jitter'\n"
            "   2 | policy = \"full-jitter\"\n"
            "     |          ^ did you mean 'full_jitter'?\n"
            "s.toml:3:8: error: 'workload.reconnect.base' must be over 0s, not 0s\n"
            "   3 | base = \"0s\"\n"
            "     |        ^\n"
            "s.toml:4:7: error: 'workload.reconnect.cap' must be a duration in quotes like "
            "\"15s\", not an integer\n"
            "   4 | cap = 30\n"
            "     |       ^ did you mean \"30s\"?\n"
            "s.toml:5:16: error: 'workload.reconnect.max_attempts' must be at least 1, not 0\n"
            "   5 | max_attempts = 0\n"
            "     |                ^\n"
            "s.toml:6:19: error: 'workload.reconnect.connect_timeout': 'soon' is not a duration; "
            "write it as \"250ms\", \"15s\" or \"1h30m\" (units: ns, us, ms, s, m, h, d)\n"
            "   6 | connect_timeout = \"soon\"\n"
            "     |                   ^\n"
            "s.toml:7:1: error: unknown key 'retries' in [workload.reconnect]\n"
            "   7 | retries = 5\n"
            "     | ^");
}

TEST(WorkloadSection, ImpossibleSessions) {
  EXPECT_EQ(errors("[workload.session]\n"
                   "length = { distribution = \"pareto\", mean = \"0s\", alpha = 1.0 }\n"
                   "messages_per_second = -0.5\n"
                   "message_bytes = -1\n"),
            "s.toml:2:44: error: 'workload.session.length.mean' must be at least 1ms, not 0s\n"
            "   2 | length = { distribution = \"pareto\", mean = \"0s\", alpha = 1.0 }\n"
            "     |                                            ^\n"
            "s.toml:2:58: error: 'workload.session.length.alpha' must be over 1, not 1\n"
            "   2 | length = { distribution = \"pareto\", mean = \"0s\", alpha = 1.0 }\n"
            "     |                                                          ^\n"
            "s.toml:3:23: error: 'workload.session.messages_per_second' must be at least 0, not "
            "-0.5\n"
            "   3 | messages_per_second = -0.5\n"
            "     |                       ^\n"
            "s.toml:4:17: error: 'workload.session.message_bytes' must be at least 0, not -1\n"
            "   4 | message_bytes = -1\n"
            "     |                 ^");
}

TEST(WorkloadSection, KeysOfAnotherDistribution) {
  EXPECT_EQ(errors("[workload.session.length]\n"
                   "distribution = \"lognormal\"\n"
                   "sigma = -1\n"
                   "alpha = 2\n"),
            "s.toml:3:9: error: 'workload.session.length.sigma' must be over 0, not -1\n"
            "   3 | sigma = -1\n"
            "     |         ^\n"
            "s.toml:4:9: error: key 'alpha' does not apply to distribution 'lognormal'\n"
            "   4 | alpha = 2\n"
            "     |         ^ it belongs to distribution 'pareto'");
  EXPECT_EQ(errors("[workload.session.length]\nsigma = 1\n"),
            "s.toml:2:9: error: key 'sigma' does not apply to distribution 'exponential'\n"
            "   2 | sigma = 1\n"
            "     |         ^ it belongs to distribution 'lognormal'");
}

TEST(WorkloadSection, AnUnknownDistributionIsOneMistake) {
  EXPECT_EQ(errors("[workload.session]\n"
                   "length = { distribution = \"log-normal\", sigma = 1, alpha = 2 }\n"),
            "s.toml:2:27: error: 'workload.session.length.distribution' must be one of "
            "exponential, fixed, lognormal, pareto, not 'log-normal'\n"
            "   2 | length = { distribution = \"log-normal\", sigma = 1, alpha = 2 }\n"
            "     |                           ^ did you mean 'lognormal'?");
}

TEST(WorkloadSection, UnknownKeysAndWrongTypesOfTheSectionItself) {
  EXPECT_EQ(errors("[workload]\nsource_address = 5\nsource_addresses = -1\nsession = 5\n"),
            "s.toml:2:1: error: unknown key 'source_address' in [workload]\n"
            "   2 | source_address = 5\n"
            "     | ^ did you mean 'source_addresses'?\n"
            "s.toml:3:20: error: 'workload.source_addresses' must be at least 0, not -1\n"
            "   3 | source_addresses = -1\n"
            "     |                    ^\n"
            "s.toml:4:11: error: 'workload.session' must be a table, not an integer\n"
            "   4 | session = 5\n"
            "     |           ^");
}

/// What the page must describe: the keys that reading a file of each shape and distribution asks
/// for.
std::set<std::string> known_keys() {
  std::set<std::string> keys;
  for (const std::string& shape : arrival_shape_names()) {
    for (const std::string distribution : {"lognormal", "pareto"}) {
      TomlDocument document = TomlDocument::parse(
          "[workload]\narrivals = { shape = \"" + shape + "\", spikes = [{}], steps = [{}] }\n" +
              "session = { length = { distribution = \"" + distribution + "\" } }\n",
          "s.toml");
      read_workload(document.root().table("workload"), "");
      keys.merge(document.known_keys());
    }
  }
  return keys;
}

std::string page() {
  std::ifstream file(std::string(WSFLEET_SOURCE_DIR) + "/docs/formats/scenario-workload.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(WorkloadSection, EveryKeyIsDescribed) {
  const std::string text = page();
  const std::set<std::string> keys = known_keys();
  EXPECT_EQ(keys.count("workload.arrivals.spikes[].decay"), 1U);
  EXPECT_GT(keys.size(), 35U);
  for (const std::string& key : keys) {
    const std::string name = key.substr(key.rfind('.') + 1);
    EXPECT_NE(text.find("`" + name + "`"), std::string::npos) << key;
  }
}

TEST(WorkloadSection, EveryShapeIsDescribed) {
  const std::string text = page();
  for (const std::string& shape : arrival_shape_names()) {
    EXPECT_NE(text.find("### Shape `" + shape + "`"), std::string::npos) << shape;
  }
}

}  // namespace
}  // namespace wsfleet
