// SPDX-License-Identifier: Apache-2.0
// The executable `wsfleet-scaler`: brings the service together with Kubernetes, Prometheus and the
// readers of the tables that it shares with scenarios.
#include <fmt/format.h>

#include <fstream>
#include <utility>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/fleet/event_recorder.h"
#include "cluster/kubernetes/fleet/kubernetes_cluster.h"
#include "cluster/kubernetes/fleet/pod_metrics.h"
#include "cluster/kubernetes/lease/elector.h"
#include "cluster/kubernetes/lease/leader_election.h"
#include "cluster/prometheus/prometheus_metrics.h"
#include "core/log.h"
#include "results/objective/objective_section.h"
#include "scaler/live/scaler_service.h"
#include "server/server_section.h"

namespace wsfleet {
namespace {

/// Leadership by a Lease.
class LeaseLeadership : public Leadership {
 public:
  LeaseLeadership(ClusterAccess access, const ElectionSettings& settings,
                  const std::function<void(const std::string&)>& on_change)
      : client_(std::move(access), {.user_agent = "wsfleet-scaler/leader-election"}),
        store_(kubernetes_lease(client_, settings)),
        elector_(settings, *store_),
        election_(elector_, [on_change](bool, const std::string& trouble) { on_change(trouble); }) {
  }

  bool leading() override { return elector_.leading(); }
  int term() override { return elector_.term(); }
  HandOver handed_over() override {
    Elector::Annotations annotations = elector_.annotations();
    return {annotations[kEpochAnnotation], annotations[kPolicyStateAnnotation]};
  }
  Result<void> hand_over(const HandOver& state) override {
    return elector_.annotate(
        {{kEpochAnnotation, state.epoch}, {kPolicyStateAnnotation, state.policy_state}});
  }
  std::string holder() override { return elector_.holder(); }
  int transitions() override { return elector_.transitions(); }
  TimeNs silence() override { return elector_.silence(); }
  TimeNs time_left() override { return elector_.time_left(); }

 private:
  ApiClient client_;
  std::unique_ptr<LeaseStore> store_;
  Elector elector_;
  LeaderElection election_;
};

/// A dry run takes part in no election: it would keep the one that acts from acting.
class NoElection : public Leadership {
 public:
  bool leading() override { return true; }
  int term() override { return 1; }
  HandOver handed_over() override { return {}; }
  Result<void> hand_over(const HandOver&) override { return {}; }
  std::string holder() override { return {}; }
  int transitions() override { return 0; }
  TimeNs silence() override { return kNever; }
  TimeNs time_left() override { return 0; }  // it writes nothing
};

/// The first line of the file, which a Secret's mount may change.
Result<std::string> read_token(const std::string& path, bool must_be) {
  std::ifstream file(path);
  std::string token;
  std::getline(file, token);
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back())) != 0) {
    token.pop_back();
  }
  if (!token.empty()) return token;
  const std::string why = fmt::format("no token for the pods' admin ports in '{}'", path);
  return fail(must_be ? ErrorKind::failed : ErrorKind::unsupported, why);
}

KubernetesClusterSettings cluster_settings(const ScalerConfig& config, TimeNs epoch,
                                           Leadership& leadership) {
  const KubernetesSection& section = config.kubernetes;
  KubernetesClusterSettings settings;
  settings.name_space = section.name_space;
  settings.kind = section.is_deployment ? WorkloadKind::deployment : WorkloadKind::statefulset;
  settings.name = section.name;
  settings.selector = section.selector;
  settings.container = section.container;
  settings.admin_port = section.admin_port;
  settings.admin_token = [path = section.admin_token_file, must_be = section.admin_token_given] {
    return read_token(path, must_be);
  };
  settings.epoch = epoch;
  // No write outlasts leadership.
  settings.guard = [&leadership]() -> Result<TimeNs> {
    const TimeNs left = leadership.time_left();
    if (left > 0) return left;
    return fail(ErrorKind::unavailable, "this scaler does not lead");
  };
  return settings;
}

class KubernetesFleet : public ScalerFleet {
 public:
  KubernetesFleet(ClusterAccess access, const ScalerConfig& config, TimeNs epoch,
                  Leadership& leadership, const std::string& identity)
      : client_(std::move(access),
                {.deadline = 5 * kSecond, .user_agent = "wsfleet-scaler/" + identity}),
        cluster_(client_, cluster_settings(config, epoch, leadership)),
        events_(client_, {.name_space = config.kubernetes.name_space,
                          .kind = config.kubernetes.is_deployment ? "Deployment" : "StatefulSet",
                          .name = config.kubernetes.name,
                          .uid = [this] { return cluster_.workload_uid(); },
                          .instance = identity}) {
    const KubernetesSection& section = config.kubernetes;
    if (section.from_prometheus) {
      metrics_ = std::make_unique<PrometheusMetrics>(
          PrometheusSettings{.address = section.prometheus_host,
                             .port = section.prometheus_port,
                             .selector = section.prometheus_selector,
                             .uid_label = section.uid_label});
    } else {
      metrics_ =
          std::make_unique<PodMetrics>(PodMetricsSettings{}, [this] { return cluster_.pods(); });
    }
  }

  Cluster& cluster() override { return cluster_; }
  Metrics& metrics() override { return *metrics_; }
  void tell(const std::string& reason, const std::string& message, bool warning) override {
    events_.record(reason, message, warning);
  }

 private:
  ApiClient client_;
  KubernetesCluster cluster_;
  EventRecorder events_;
  std::unique_ptr<Metrics> metrics_;
};

Result<ClusterAccess> access_of(const ScalerOptions& options) {
  if (!options.use_kubeconfig) return in_cluster_access();
  KubeconfigChoice choice;
  if (!options.kubeconfig.empty()) choice.files = {options.kubeconfig};
  choice.context = options.context;
  return kubeconfig_access(choice);
}

/// With the namespace that the file, or else the access, says.
ScalerConfig completed(const ScalerConfig& config, const ClusterAccess& access) {
  ScalerConfig complete = config;
  if (complete.kubernetes.name_space.empty()) complete.kubernetes.name_space = access.name_space;
  return complete;
}

ScalerParts kubernetes_parts(const ScalerOptions& options) {
  ScalerParts parts;
  parts.leadership = [&options](const ScalerConfig& config,
                                std::function<void(const std::string&)> on_change)
      -> Result<std::unique_ptr<Leadership>> {
    if (config.kubernetes.dry_run) return std::make_unique<NoElection>();
    const auto access = access_of(options);
    if (!access) return tl::unexpected(access.error());
    const KubernetesSection section = completed(config, *access).kubernetes;
    const ElectionSettings settings{.name_space = section.name_space,
                                    .lease_name = section.lease_name,
                                    .identity = options.identity,
                                    .lease_duration = section.lease_duration,
                                    .renew_deadline = section.renew_deadline,
                                    .retry_period = section.retry_period};
    return std::make_unique<LeaseLeadership>(*access, settings, on_change);
  };
  parts.fleet = [&options](const ScalerConfig& config, TimeNs epoch,
                           Leadership& leadership) -> Result<std::unique_ptr<ScalerFleet>> {
    const auto access = access_of(options);
    if (!access) return tl::unexpected(access.error());
    return std::make_unique<KubernetesFleet>(*access, completed(config, *access), epoch, leadership,
                                             options.identity);
  };
  return parts;
}

ForeignSections foreign_sections() {
  ForeignSections sections;
  sections.max_connections = [](TomlTable server) {
    return static_cast<std::int64_t>(read_server(std::move(server)).max_connections);
  };
  sections.connections_per_pod = [](TomlTable objective, std::int64_t max_connections,
                                    int min_replicas) {
    return read_objective(std::move(objective),
                          {.max_connections = max_connections, .min_replicas = min_replicas})
        .connections_per_pod;
  };
  return sections;
}

}  // namespace
}  // namespace wsfleet

int main(int argc, char** argv) {
  const wsfleet::ScalerCommand command = wsfleet::read_scaler_command(argc, argv);
  if (!command.run) return command.exit_status;
  wsfleet::set_log_level(command.options.log_level);
  return wsfleet::run_scaler(command.options, wsfleet::foreign_sections(),
                             wsfleet::kubernetes_parts(command.options));
}
