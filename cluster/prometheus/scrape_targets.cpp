// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/scrape_targets.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace wsfleet {

std::optional<TimeNs> servers_scrape_interval(const std::string& answer,
                                              const std::string& name_space) {
  using nlohmann::json;
  const json parsed = json::parse(answer, nullptr, false);
  std::optional<TimeNs> longest;
  try {
    for (const json& target : parsed.at("data").at("activeTargets")) {
      const json& labels = target.at("labels");
      if (!labels.contains("uid") || labels.value("namespace", "") != name_space) continue;
      const auto interval = parse_duration(target.value("scrapeInterval", ""));
      if (interval) longest = std::max(longest.value_or(0), *interval);
    }
  } catch (const json::exception&) {
    return std::nullopt;
  }
  return longest;
}

}  // namespace wsfleet
