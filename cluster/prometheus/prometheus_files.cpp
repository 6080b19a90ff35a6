// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/prometheus_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// Prometheus knows no fractions and nothing below a millisecond.
std::string yaml_duration(TimeNs time) {
  return fmt::format("{}ms", std::max<TimeNs>(1, time / kMillisecond));
}

/// JSON's strings are YAML's, too. Bytes that are no UTF-8 are replaced.
std::string json_text(const OrderedJson& value, int indent = -1) {
  return value.dump(indent, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace

std::string prometheus_config(const PrometheusConfig& config) {
  const TimeNs timeout = std::min(config.scrape_timeout, config.scrape_interval);
  return fmt::format(
      "global:\n"
      "  scrape_interval: {}\n"
      "  scrape_timeout: {}\n"
      "scrape_configs:\n"
      "  - job_name: wsfleet-server\n"
      "    file_sd_configs:\n"
      "      - files: [{}]\n"
      "        refresh_interval: 5s\n",
      yaml_duration(config.scrape_interval), yaml_duration(timeout),
      json_text(OrderedJson(config.targets_file)));
}

std::string prometheus_targets(const std::vector<ScrapeTarget>& targets) {
  OrderedJson groups = OrderedJson::array();
  for (const ScrapeTarget& target : targets) {
    OrderedJson labels = {
        {"uid", target.uid}, {"pod", target.pod}, {"namespace", target.pod_namespace}};
    groups.push_back(
        {{"targets", OrderedJson::array({target.address})}, {"labels", std::move(labels)}});
  }
  return json_text(groups, 1) + "\n";
}

std::vector<std::string> prometheus_command(const PrometheusPlace& place) {
  const bool is_v6 = place.address.find(':') != std::string::npos;
  return {place.program, "--config.file=" + place.config_file,
          fmt::format("--web.listen-address={}:{}",
                      is_v6 ? "[" + place.address + "]" : place.address, place.port),
          "--storage.tsdb.path=" + place.data_directory,
          // A block's length: the least that Prometheus keeps anyway. Queries look back 5 minutes.
          "--storage.tsdb.retention.time=2h", "--log.level=warn"};
}

}  // namespace wsfleet
