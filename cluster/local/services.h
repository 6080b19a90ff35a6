// SPDX-License-Identifier: Apache-2.0
#pragma once
// The programs around a live fleet: Redis with a password and an append-only file, Prometheus with
// file-based discovery, nginx as ingress. Each start waits until the program answers; what does not
// is an error with the end of its log. They end with the object. Not thread-safe; start() and
// restart() belong to the harness' main thread.

#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/ingress/ingress_admin.h"
#include "cluster/ingress/nginx_files.h"
#include "cluster/prometheus/prometheus_files.h"
#include "core/process/process.h"
#include "core/result.h"

namespace wsfleet {

/// Where a service keeps its files and its log.
struct ServicePlace {
  std::string directory;  // its own, made here
  std::string log;
  pid_t group = 0;
};

class RedisService {
 public:
  static Result<std::unique_ptr<RedisService>> start(const std::string& program,
                                                     const ServicePlace& place);
  /// "redis://:PASSWORD@127.0.0.1:PORT/0".
  std::string url() const;
  void kill() { process_->kill(); }
  /// After kill(): the same port, with what its append-only file holds; does not wait.
  Result<void> restart();

 private:
  Result<void> launch();
  bool answers() const;

  std::string program_;
  ServicePlace place_;
  std::string password_;
  std::uint16_t port_ = 0;
  std::optional<Process> process_;
};

class PrometheusService {
 public:
  static Result<std::unique_ptr<PrometheusService>> start(const std::string& program,
                                                          const ServicePlace& place,
                                                          TimeNs scrape_interval,
                                                          TimeNs scrape_timeout);
  std::uint16_t port() const { return port_; }
  Result<void> set_targets(const std::vector<ScrapeTarget>& targets);
  void stop() { process_->signal(SIGSTOP); }
  void go_on() { process_->signal(SIGCONT); }

 private:
  std::string targets_file_;
  std::uint16_t port_ = 0;
  std::optional<Process> process_;
};

class NginxService {
 public:
  /// `settings`: the balancer; directory, ports, token and program are filled in here.
  static Result<std::unique_ptr<NginxService>> start(const std::string& program,
                                                     const ServicePlace& place,
                                                     NginxSettings settings);
  std::uint16_t port() const { return settings_.port; }
  std::uint16_t admin_port() const { return settings_.admin_port; }
  const std::string& admin_token() const { return settings_.admin_token; }

 private:
  NginxSettings settings_;
  std::optional<Process> process_;
};

}  // namespace wsfleet
