// SPDX-License-Identifier: Apache-2.0
#include "scaler/scaler_section.h"

#include <gtest/gtest.h>

namespace wsfleet {
namespace {

ScalerSettings read_ok(const std::string& text) {
  TomlDocument document = TomlDocument::parse(text, "test.toml");
  const ScalerSettings settings = read_scaler(document.root().table("scaler"));
  EXPECT_EQ(render(document.diagnostics()), "");
  return settings;
}

std::string mistakes(const std::string& text) {
  TomlDocument document = TomlDocument::parse(text, "test.toml");
  read_scaler(document.root().table("scaler"));
  return render(document.diagnostics());
}

TEST(ScalerSection, DefaultsHoldWithoutTheSection) {
  const ScalerSettings settings = read_ok("format = 1");
  EXPECT_EQ(settings.min_replicas, 1);
  EXPECT_EQ(settings.max_replicas, 10);
  EXPECT_EQ(settings.initial(), 1);
  EXPECT_EQ(settings.policy, "hpa");
  EXPECT_EQ(settings.interval, 0);
  EXPECT_EQ(settings.run_by, std::nullopt);
}

TEST(ScalerSection, ReadsEveryKey) {
  const ScalerSettings settings = read_ok(R"(
[scaler]
min_replicas = 2
max_replicas = 50
initial_replicas = 20
policy = "original"
interval = "7s"
run_by = "wsfleet-scaler"
)");
  EXPECT_EQ(settings.min_replicas, 2);
  EXPECT_EQ(settings.max_replicas, 50);
  EXPECT_EQ(settings.initial(), 20);
  EXPECT_EQ(settings.policy, "original");
  EXPECT_EQ(settings.interval, 7 * kSecond);
  EXPECT_EQ(settings.run_by, RunBy::wsfleet_scaler);
  EXPECT_EQ(read_ok("[scaler]\nrun_by = \"autoscaler\"\n").run_by, RunBy::autoscaler);
}

TEST(ScalerSection, UnsaidTheWorldSaysWhoRunsThePolicy) {
  EXPECT_EQ(default_run_by(/*live=*/false), RunBy::autoscaler);
  EXPECT_EQ(default_run_by(/*live=*/true), RunBy::wsfleet_scaler);
}

TEST(ScalerSection, SomebodyElseCanNotRunThePolicy) {
  const std::string text = mistakes("[scaler]\nrun_by = \"wsfleet-scalar\"\n");
  EXPECT_NE(text.find("must be one of autoscaler, wsfleet-scaler"), std::string::npos) << text;
  EXPECT_NE(text.find("did you mean 'wsfleet-scaler'?"), std::string::npos) << text;
}

TEST(ScalerSection, InitialReplicasDefaultToTheMinimum) {
  EXPECT_EQ(read_ok("[scaler]\nmin_replicas = 4\n").initial(), 4);
}

TEST(ScalerSection, MinimumOverMaximumIsAMistakeAtItsLine) {
  const std::string text = mistakes("[scaler]\nmin_replicas = 5\nmax_replicas = 3\n");
  EXPECT_NE(text.find("test.toml:3:"), std::string::npos) << text;
  EXPECT_NE(text.find("'scaler.max_replicas' (3) is below 'scaler.min_replicas' (5)"),
            std::string::npos);
}

TEST(ScalerSection, MinimumOverTheDefaultMaximumIsAMistake) {
  const std::string text = mistakes("[scaler]\nmin_replicas = 20\n");
  EXPECT_NE(text.find("test.toml:2:"), std::string::npos) << text;
  EXPECT_NE(text.find("(10, the default)"), std::string::npos);
  EXPECT_NE(text.find("set max_replicas too"), std::string::npos);
}

TEST(ScalerSection, InitialReplicasOutsideTheBoundsAreAMistake) {
  EXPECT_NE(mistakes("[scaler]\ninitial_replicas = 11\n").find("is outside 1 to 10"),
            std::string::npos);
  EXPECT_NE(mistakes("[scaler]\nmin_replicas = 3\ninitial_replicas = 2\n").find("outside 3 to 10"),
            std::string::npos);
}

TEST(ScalerSection, UnknownPolicyGetsASuggestion) {
  const std::string text = mistakes("[scaler]\npolicy = \"orignal\"\n");
  EXPECT_NE(text.find("must be one of fixed, hpa, oracle, original"), std::string::npos) << text;
  EXPECT_NE(text.find("did you mean 'original'?"), std::string::npos) << text;
}

TEST(ScalerSection, AllMistakesAreToldAtOnce) {
  TomlDocument document = TomlDocument::parse(
      "[scaler]\nmin_replicas = 0\nmax_replicas = \"ten\"\ninterval = 15\npolicies = \"hpa\"\n",
      "test.toml");
  read_scaler(document.root().table("scaler"));
  EXPECT_EQ(document.diagnostics().size(), 4u) << render(document.diagnostics());
}

TEST(ScalerSection, IntervalOfZeroIsAMistake) {
  EXPECT_NE(mistakes("[scaler]\ninterval = \"0s\"\n").find("must be at least 1ms"),
            std::string::npos);
}

}  // namespace
}  // namespace wsfleet
