// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs wsfleet-loadgen to its end and reads its JSON. For tests.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace wsfleet {

class ChildProcess;

struct LoadgenRun {
  int status = -1;
  nlohmann::json json;  // discarded when it wrote none
  std::string errors;

  double score(const std::string& name) const;
};

/// Adds `--json` and a file of its own. `descriptors` > 0 limits its file table.
LoadgenRun run_loadgen(std::vector<std::string> words, int descriptors = 0);
/// Scrapes the metrics of a load generator that was started with `--metrics-port 0`, until they
/// have this line or half a minute is over; what was scraped last.
std::string wait_for_metric(ChildProcess& loadgen, const std::string& line);

/// The command line as it is.
std::vector<std::string> loadgen_words(const std::vector<std::string>& words);

}  // namespace wsfleet
