// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/prometheus_server.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "core/net/http_client.h"
#include "tests/live/testing/socket.h"

namespace wsfleet {
namespace {

std::string new_directory() {
  std::string path = std::filesystem::temp_directory_path() / "wsfleet-prometheus-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary directory");
  return path;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("can't write " + path);
}

}  // namespace

PrometheusServer::PrometheusServer(TimeNs scrape_interval) : directory_(new_directory()) {
  write(directory_ + "/prometheus.yml",
        prometheus_config({.scrape_interval = scrape_interval,
                           .scrape_timeout = scrape_interval,
                           .targets_file = directory_ + "/targets.json"}));
  set_targets({});
  // Somebody else may take the port between the look and the start.
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = TakenPort().port();
    if (launch()) return;
  }
  throw std::runtime_error("prometheus does not start:\n" + process_->errors());
}

PrometheusServer::~PrometheusServer() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

bool PrometheusServer::launch() {
  process_ = std::make_unique<ChildProcess>(
      prometheus_command({.port = port_,
                          .config_file = directory_ + "/prometheus.yml",
                          .data_directory = directory_ + "/data"}));
  HttpRequest ready;
  ready.port = port_;
  ready.target = "/-/ready";
  bool is_ready = false;
  eventually(
      [&] {
        const auto answer = http_exchange(ready, kSecond);
        const bool ended = !process_->running();
        is_ready = !ended && answer && answer->status == 200;
        return is_ready || ended;
      },
      2 * kPatience);
  return is_ready;
}

void PrometheusServer::set_targets(const std::vector<ScrapeTarget>& targets) {
  write(directory_ + "/targets.new", prometheus_targets(targets));
  std::filesystem::rename(directory_ + "/targets.new", directory_ + "/targets.json");
}

}  // namespace wsfleet
