// SPDX-License-Identifier: Apache-2.0
#pragma once
// Debian's Prometheus as a child of the test: a free port of 127.0.0.1, a temporary directory, a
// scrape every second; gone when the object is, or when the test dies. The constructor returns when
// it is ready (else std::runtime_error with what it said). One thread.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cluster/prometheus/prometheus_files.h"
#include "core/process/testing/child_process.h"
#include "core/time.h"

namespace wsfleet {

class PrometheusServer {
 public:
  explicit PrometheusServer(TimeNs scrape_interval = kSecond);
  ~PrometheusServer();
  PrometheusServer(const PrometheusServer&) = delete;
  PrometheusServer& operator=(const PrometheusServer&) = delete;

  std::uint16_t port() const { return port_; }
  ChildProcess& process() { return *process_; }
  /// Replaces the list of targets, by rename.
  void set_targets(const std::vector<ScrapeTarget>& targets);

 private:
  bool launch();

  std::string directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace wsfleet
