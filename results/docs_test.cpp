// SPDX-License-Identifier: Apache-2.0
// Every score, series column and JSON key that scripts meet is documented.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "build_paths/source_dir.h"
#include "results/record/files.h"
#include "results/record/series.h"
#include "results/summary/run_summary.h"
#include "results/summary/scores.h"

namespace wsfleet {
namespace {

std::string page(const std::string& name) {
  return read_text_file(std::string(WSFLEET_SOURCE_DIR) + "/docs/" + name).value();
}

bool has_code(const std::string& text, const std::string& word) {
  return text.find("`" + word + "`") != std::string::npos;
}

TEST(Docs, EveryScoreIsInBothPagesWithItsUnitAndDirection) {
  const std::string results = page("formats/results.md");
  const std::string scores = page("scores.md");
  for (const ScoreEntry& entry : score_table()) {
    EXPECT_TRUE(has_code(results, entry.name)) << entry.name << " is not in formats/results.md";
    const std::string better = entry.better == Better::lower    ? "lower"
                               : entry.better == Better::higher ? "higher"
                                                                : "-";
    const std::string row = std::string("| `") + entry.name + "` | " +
                            (*entry.unit == '\0' ? "count" : entry.unit) + " | " + better + " |";
    EXPECT_NE(scores.find(row), std::string::npos) << "scores.md has no row " << row;
  }
}

TEST(Docs, EverySeriesColumnIsThere) {
  const std::string results = page("formats/results.md");
  for (const SeriesColumn& column : series_columns()) {
    EXPECT_TRUE(has_code(results, column.name)) << column.name;
  }
}

TEST(Docs, EveryKeyOfRunJsonIsThere) {
  const std::string results = page("formats/results.md");
  const auto json = nlohmann::ordered_json::parse(run_json_text({}, {}, {}, {}));
  for (const auto& [key, value] : json.items()) EXPECT_TRUE(has_code(results, key)) << key;
  for (const auto& [key, value] : json["figures"].items()) {
    EXPECT_TRUE(has_code(results, key)) << key;
  }
}

}  // namespace
}  // namespace wsfleet
