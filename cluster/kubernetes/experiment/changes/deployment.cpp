// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/changes/deployment.h"

#include <fmt/format.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "cluster/balancers/balancer.h"
#include "cluster/kubernetes/api/pod_object.h"
#include "cluster/kubernetes/experiment/changes/adapt_workload.h"
#include "cluster/kubernetes/experiment/watch/pod_view.h"
#include "cluster/kubernetes/fleet/names.h"
#include "core/live/live_clock.h"
#include "core/live/stop.h"
#include "core/net/http_client.h"
#include "core/process/waiting.h"

namespace wsfleet {
namespace {

using nlohmann::json;

// A kubelet may take half a minute to tell of a pod that has ended.
constexpr TimeNs kScalerGoneWithin = 2 * kMinute;
constexpr TimeNs kScalerReadyWithin = 40 * kSecond;
constexpr TimeNs kIngressReadyWithin = 2 * kMinute;
constexpr const char* kIngressBalancer =
    "/metadata/annotations/nginx.ingress.kubernetes.io~1load-balance";
constexpr TimeNs kServersReadyWithin = 5 * kMinute;
constexpr TimeNs kAskEvery = 300 * kMillisecond;

/// Asks until `done` says true; what it asked in vain is the error of the deadline.
Result<void> wait_until(const std::string& what, TimeNs patience,
                        const std::function<Result<bool>()>& done) {
  const TimeNs until = monotonic_now() + patience;
  std::string trouble;
  while (monotonic_now() < until) {
    if (stop_requested()) return fail(ErrorKind::stopped, "stopped by the user");
    const auto is_done = done();
    if (is_done && *is_done) return {};
    trouble = is_done ? "" : "; last error: " + is_done.error().message;
    rest(kAskEvery);
  }
  return fail(fmt::format("{} within {}{}", what, format_duration_short(patience), trouble));
}

std::string selector_query(const char* selector) {
  return "labelSelector=" + percent_encode(selector);
}

bool all_are_new(const json& workload, int replicas) {
  return number_at(workload, "/status/observedGeneration") >=
             number_at(workload, "/metadata/generation") &&
         number_at(workload, "/status/replicas") == replicas &&
         number_at(workload, "/status/updatedReplicas") == replicas &&
         number_at(workload, "/status/readyReplicas") == replicas;
}

}  // namespace

Deployment::Deployment(ApiClient& client, ClusterChanges& changes, std::string name_space)
    : client_(client), changes_(changes), name_space_(std::move(name_space)) {}

std::string Deployment::apps_path(const char* kind, const char* name) const {
  return fmt::format("/apis/apps/v1/namespaces/{}/{}/{}", name_space_, kind, name);
}

std::string Deployment::core_path(const char* kind, const char* name) const {
  return fmt::format("/api/v1/namespaces/{}/{}/{}", name_space_, kind, name);
}

Result<void> Deployment::check_servers(const LiveSettings& settings) {
  const auto workload = client_.get(apps_path("statefulsets", kWorkloadName));
  if (!workload) {
    return fail(workload.error().kind,
                fmt::format("the namespace {} has no servers that could be used: {}; apply the "
                            "manifests first (docs/how-to/minikube.md)",
                            name_space_, workload.error().message));
  }
  return check_workload(*workload, settings);
}

Result<void> Deployment::stop_scaler() {
  const std::string path = apps_path("deployments", kScalerName);
  const auto deployment = client_.get(path);
  if (!deployment) {
    return fail(deployment.error().kind,
                fmt::format("the namespace {} has no scaler that could be used: {}; apply the "
                            "manifests first (docs/how-to/minikube.md)",
                            name_space_, deployment.error().message));
  }
  scalers_ = std::max(1, number_at(*deployment, "/spec/replicas"));
  if (auto stopped = changes_.replace("the replicas of the Deployment websocket-scaler", path,
                                      "/spec/replicas", 0);
      !stopped) {
    return stopped;
  }
  if (auto gone = wait_until("the scaler's pods did not end", kScalerGoneWithin,
                             [this]() -> Result<bool> {
                               const auto pods = client_.list(
                                   fmt::format("/api/v1/namespaces/{}/pods", name_space_),
                                   selector_query(kScalerSelector));
                               if (!pods) return tl::unexpected(pods.error());
                               return pods->items.empty();
                             });
      !gone) {
    return gone;
  }
  const auto removed = client_.remove(
      fmt::format("/apis/coordination.k8s.io/v1/namespaces/{}/leases/{}", name_space_, kScalerName),
      json::object());
  if (!removed && removed.error().kind != ErrorKind::not_found) {
    return tl::unexpected(removed.error());
  }
  return {};
}

Result<void> Deployment::adapt_servers(const LiveSettings& settings) {
  const std::string path = apps_path("statefulsets", kWorkloadName);
  const auto workload = client_.get(path);
  if (!workload) return tl::unexpected(workload.error());
  auto adapted = adapted_template(workload->at("spec").at("template"), settings);
  if (!adapted) return tl::unexpected(adapted.error());
  // Its pods are new ones, whatever they were before: with counters at 0 and nobody connected.
  (*adapted)["metadata"]["annotations"]["wsfleet.io/experiment"] = format_utc(wall_now());
  if (auto changed = changes_.replace(
          "the StatefulSet websocket", path,
          {{.pointer = "/spec/template", .value = *adapted},
           {.pointer = "/spec/replicas", .value = settings.initial_replicas, .moves = true}});
      !changed) {
    return changed;
  }
  return wait_servers(settings.initial_replicas);
}

Result<void> Deployment::wait_servers(int replicas) {
  return wait_until(fmt::format("not all of {} server pods were ready", replicas),
                    kServersReadyWithin, [this, replicas]() -> Result<bool> {
                      const auto workload = client_.get(apps_path("statefulsets", kWorkloadName));
                      if (!workload) return tl::unexpected(workload.error());
                      return all_are_new(*workload, replicas);
                    });
}

Result<bool> Deployment::adapt_ingress(BalancerKind balancer) {
  const std::string path = apps_path("deployments", kIngressService);
  const auto ingress = client_.get(path);
  if (!ingress) {
    if (ingress.error().kind == ErrorKind::not_found) return annotate_ingress(balancer);
    return tl::unexpected(ingress.error());
  }
  const std::string pointer = "/spec/template/spec/containers/0/args";
  const json present = ingress->value(json::json_pointer(pointer), json::array());
  const json wanted = with_balancer(present, balancer_name(balancer));
  if (wanted == present) return true;
  if (auto changed = changes_.replace("the Deployment ingress", path, pointer, wanted); !changed) {
    return tl::unexpected(changed.error());
  }
  if (auto ready = wait_until("the ingress was not ready with its balancer", kIngressReadyWithin,
                              [this, &path]() -> Result<bool> {
                                const auto now = client_.get(path);
                                if (!now) return tl::unexpected(now.error());
                                return all_are_new(*now, number_at(*now, "/spec/replicas"));
                              });
      !ready) {
    return tl::unexpected(ready.error());
  }
  return true;
}

// ingress-nginx takes it from an annotation of the Ingress, at once.
Result<bool> Deployment::annotate_ingress(BalancerKind balancer) {
  if (balancer != BalancerKind::ewma && balancer != BalancerKind::round_robin) return false;
  const std::string path = fmt::format("/apis/networking.k8s.io/v1/namespaces/{}/ingresses/{}",
                                       name_space_, kWorkloadName);
  const auto ingress = client_.get(path);
  if (!ingress || text_at(*ingress, kIngressBalancer).empty()) return false;
  if (auto changed = changes_.replace("the Ingress websocket", path, kIngressBalancer,
                                      balancer_name(balancer));
      !changed) {
    return tl::unexpected(changed.error());
  }
  return true;
}

Result<void> Deployment::start_scaler(const std::string& scenario_text, TimeNs epoch_since_1970) {
  const std::string config = core_path("configmaps", kScalerName);
  const auto present = client_.get(config);
  if (!present) return tl::unexpected(present.error());
  const std::string text = scaler_config(
      scenario_text, text_at(*present, fmt::format("/data/{}", kScalerConfigKey).c_str()),
      epoch_since_1970);
  if (auto told = changes_.replace("the ConfigMap websocket-scaler", config, "/data",
                                   {{kScalerConfigKey, text}});
      !told) {
    return told;
  }
  if (auto started =
          changes_.replace("the replicas of the Deployment websocket-scaler",
                           apps_path("deployments", kScalerName), "/spec/replicas", scalers_);
      !started) {
    return started;
  }
  return wait_scaler(scalers_);
}

Result<void> Deployment::wait_scaler(int replicas) {
  return wait_until(
      "the scaler's pods were not ready with one of them leading", kScalerReadyWithin,
      [this, replicas]() -> Result<bool> {
        const auto deployment = client_.get(apps_path("deployments", kScalerName));
        if (!deployment) return tl::unexpected(deployment.error());
        if (!all_are_new(*deployment, replicas)) return false;
        const auto lease = client_.get(fmt::format(
            "/apis/coordination.k8s.io/v1/namespaces/{}/leases/{}", name_space_, kScalerName));
        if (!lease) return tl::unexpected(lease.error());
        return !text_at(*lease, "/spec/holderIdentity").empty();
      });
}

// Not the Service: it keeps each client address at one pod, and load generators have few.
Result<Entrance> Deployment::entrance() {
  const auto ingress = client_.get(fmt::format(
      "/apis/networking.k8s.io/v1/namespaces/{}/ingresses/{}", name_space_, kWorkloadName));
  const std::string address =
      ingress ? text_at(*ingress, "/status/loadBalancer/ingress/0/ip") : std::string();
  if (!address.empty()) {
    return Entrance{fmt::format("ws://{}/ws/", address), text_at(*ingress, "/spec/rules/0/host")};
  }
  return fail(
      fmt::format("the Ingress {} has no address yet; say with --url where clients are to "
                  "connect",
                  kWorkloadName));
}

Result<void> Deployment::keep_logs(const std::string& directory) {
  const auto pods = client_.list(fmt::format("/api/v1/namespaces/{}/pods", name_space_),
                                 selector_query(kServerSelector));
  if (!pods) return tl::unexpected(pods.error());
  Result<void> outcome;
  for (const json& pod : pods->items) {
    const PodView view = pod_view(pod, kServerContainer);
    const auto log = client_.exchange("GET",
                                      fmt::format("/api/v1/namespaces/{}/pods/{}/log?container={}",
                                                  name_space_, view.name, kServerContainer),
                                      "", "");
    if (!log || log->status != 200) {
      if (outcome) outcome = fail(log ? log->body : log.error().message);
      continue;
    }
    std::ofstream(fmt::format("{}/{}-{}.log", directory, view.name, view.uid)) << log->body;
  }
  return outcome;
}

}  // namespace wsfleet
