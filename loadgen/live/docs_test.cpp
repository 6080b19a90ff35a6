// SPDX-License-Identifier: Apache-2.0
// docs/formats/loadgen.md against what the program has: options, figures, scores, metrics.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "build_paths/source_dir.h"
#include "loadgen/live/figures/figures.h"
#include "loadgen/live/options/load_options.h"
#include "loadgen/live/outputs/metrics_listener.h"

namespace wsfleet {
namespace {

std::string page() {
  std::ifstream stream(std::string(WSFLEET_SOURCE_DIR) + "/docs/formats/loadgen.md");
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(LoadgenDocs, EveryOptionIsDescribed) {
  const std::string text = page();
  ASSERT_GT(load_option_names().size(), 30U);
  for (const std::string& name : load_option_names()) {
    EXPECT_TRUE(text.find("`" + name + "`") != std::string::npos ||
                text.find("`" + name + " ") != std::string::npos)
        << name;
  }
}

TEST(LoadgenDocs, EveryFigureIsDescribed) {
  const std::string text = page();
  for (const FigureInfo& info : figure_info()) {
    EXPECT_NE(text.find("`" + std::string(info.name) + "`"), std::string::npos) << info.name;
  }
}

TEST(LoadgenDocs, EveryScoreIsDescribed) {
  const std::string text = page();
  for (const std::string& name : load_score_names()) {
    const bool quantile = name.ends_with("_s") && name != "cpu_s";
    // Quantiles are described as a family: `message_latency_*_s`.
    std::string family = name;
    for (const auto& [histogram, member] : load_histograms()) {
      if (quantile && name.starts_with(histogram)) family = std::string(histogram) + "_*_s";
    }
    EXPECT_NE(text.find("`" + family + "`"), std::string::npos) << family;
  }
}

TEST(LoadgenDocs, EveryMetricIsDescribed) {
  const std::string text = page();
  std::istringstream lines(metrics_text({}, 0));
  int metrics = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# TYPE ")) continue;
    const std::string name = line.substr(7, line.find(' ', 7) - 7);
    EXPECT_NE(text.find("`" + name + "`"), std::string::npos) << name;
    ++metrics;
  }
  EXPECT_GT(metrics, 15);
}

}  // namespace
}  // namespace wsfleet
