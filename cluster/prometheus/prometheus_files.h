// SPDX-License-Identifier: Apache-2.0
#pragma once
// What starts a Prometheus that scrapes a fleet on one machine: its configuration, the list of
// targets that it watches, its command line. Pure: whoever uses them writes the files, the targets
// under another name and then by rename, so that Prometheus never reads half a list.

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.h"

namespace wsfleet {

struct PrometheusConfig {
  TimeNs scrape_interval = 15 * kSecond;
  TimeNs scrape_timeout = 10 * kSecond;  // longer than the interval: taken as the interval
  std::string targets_file;              // absolute; ends in .json
};
/// prometheus.yml.
std::string prometheus_config(const PrometheusConfig& config);

struct ScrapeTarget {
  std::string address;  // "127.0.0.2:3000"
  std::string uid;
  std::string pod;
  std::string pod_namespace;
};
/// For file_sd: each target with the labels uid, pod and namespace.
std::string prometheus_targets(const std::vector<ScrapeTarget>& targets);

struct PrometheusPlace {
  std::string program = "/usr/bin/prometheus";
  std::string address = "127.0.0.1";
  std::uint16_t port = 9090;
  std::string config_file;
  std::string data_directory;  // made when it is not there
};
/// For Debian's Prometheus 2.42 and later ones of version 2: the program and its arguments.
std::vector<std::string> prometheus_command(const PrometheusPlace& place);

}  // namespace wsfleet
