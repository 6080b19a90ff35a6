// SPDX-License-Identifier: Apache-2.0
#pragma once
// The cluster on one machine: a controller, a kubelet and an endpoints controller for pods that are
// server processes. step() is its reconciliation loop, called every few milliseconds on the
// harness' main thread; what comes from other threads is posted there (fleet_cluster.h). Files:
// fleet.cpp (controller, seam), pod_life.cpp (start, end, restart), pod_health.cpp (probes,
// endpoints, the second's figures), fleet_faults.cpp.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/controllers/controller.h"
#include "cluster/live/fleet_second.h"
#include "cluster/local/local.h"
#include "cluster/local/pods/control_groups.h"
#include "cluster/local/pods/forgotten_endpoints.h"
#include "cluster/local/pods/local_pod.h"
#include "cluster/local/programs.h"
#include "cluster/local/services.h"
#include "core/histogram.h"
#include "core/net/http_client.h"
#include "core/seam/seam.h"

namespace wsfleet {

/// What a fleet works with; everything outlives it.
struct FleetParts {
  const LiveSettings& settings;
  const Programs& programs;
  boost::asio::io_context& io;
  Recorder& recorder;
  RedisService* redis = nullptr;  // with server.redis
  PrometheusService& prometheus;
  NginxService* nginx = nullptr;  // with ingress = "nginx"
  ControlGroups* groups = nullptr;
  pid_t group = 0;      // process group
  std::string scratch;  // directory
  std::string logs;     // directory
};

class LocalFleet {
 public:
  explicit LocalFleet(FleetParts parts);

  /// Creates the initial pods; they are ready at t = 0, so their probes are asked at once.
  void start(int replicas);
  /// All pods that are wanted are ready and clients can reach them.
  bool ready() const;
  /// From now on events are recorded; t = 0 is at this time of the monotonic clock.
  void begin(TimeNs epoch);
  void step();
  FleetSecond end_second();
  /// What can't be done here, in words.
  const std::optional<Error>& broken() const { return broken_; }
  const std::vector<std::string>& notices() const { return notices_; }
  const std::string& targets_file() const { return targets_file_; }
  /// How long the ingress took to know of a change; NaN when it was not told of any.
  double endpoints_known_p50_s() const { return endpoints_taken_.quantile(0.5) / kSecond; }

  // The seam's side.
  ClusterState state() const;
  void set_replicas(int replicas);
  struct AdminAddress {
    std::string address;
    std::uint16_t port = 0;
  };
  Result<AdminAddress> admin_address(const std::string& uid, const std::string& verb) const;
  const std::string& admin_token() const { return admin_token_; }
  void asked(const std::string& uid, const char* event_kind, std::string detail);
  Result<void> set_deletion_cost(const std::string& uid, int cost);
  Result<void> inject(const Fault& fault);

 private:
  TimeNs run_time(TimeNs monotonic) const { return monotonic - epoch_.value_or(monotonic); }
  void event(const char* kind, const LocalPod& pod, std::string detail);
  void fleet_event(const char* kind, std::string detail);
  void reconcile_pods();
  LocalPod* find(const std::string& uid);
  const LocalPod* find(const std::string& uid) const;
  void at(TimeNs time, std::function<void()> action);

  // pod_life.cpp
  LocalPod& create_pod(int ordinal);
  EndpointId free_endpoint() const;
  void start_container(LocalPod& pod);
  void step_pod(LocalPod& pod);
  Result<void> launch(LocalPod& pod);
  std::vector<std::string> server_command(const LocalPod& pod) const;
  void look_for_ports(LocalPod& pod);
  void terminate(LocalPod& pod, const char* why);
  void on_exit(LocalPod& pod, const ProcessEnd& end);
  void restart_after_crash(LocalPod& pod, const ProcessEnd& end);
  void remove(const std::string& uid, std::string detail);

  // pod_health.cpp
  void probe(LocalPod& pod);
  void probed(const std::string& uid, int restarts, bool success);
  void publish_endpoints();
  void forget_endpoints();
  void publish_again();
  void publish_targets();
  void send_to_ingress(const std::string& method, const std::string& target, std::string body,
                       std::function<void(bool)> done);
  void scrape(LocalPod& pod);

  // fleet_faults.cpp
  std::vector<LocalPod*> choose_pods(const Fault& fault);
  void kill_pods(const Fault& fault);
  void cut_off_pods(const Fault& fault);
  void take_redis_down(TimeNs duration);

  FleetParts parts_;
  std::string admin_token_;
  std::string targets_file_;
  std::optional<TimeNs> epoch_;
  std::vector<std::unique_ptr<LocalPod>> pods_;  // in order of creation
  ForgottenEndpoints to_forget_;
  std::multimap<TimeNs, std::function<void()>> agenda_;
  std::uint64_t serials_ = 0;
  int replicas_ = 0;
  double start_factor_ = 1.0;
  bool dirty_ = true;              // the controller has something to look at
  bool endpoints_changed_ = true;  // the ingress or the clients are to be told
  bool endpoints_under_way_ = false;
  bool endpoints_known_ = false;  // as they are, or nothing changed since
  Histogram endpoints_taken_;
  bool targets_changed_ = true;
  TimeNs publish_again_at_ = 0;
  std::optional<Error> broken_;
  std::vector<std::string> notices_;
  FleetSecond second_ = FleetSecond::of_counters();
  PodTime pod_time_;
};

}  // namespace wsfleet
