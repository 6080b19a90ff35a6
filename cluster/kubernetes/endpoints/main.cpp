// SPDX-License-Identifier: Apache-2.0
// The executable `wsfleet-endpoints`: watches the pods of a workload, tells an nginx of its own
// which of them take connections, and lists them for Prometheus. On the project's test cluster it
// is what ingress-nginx' controller and Prometheus' Kubernetes discovery are elsewhere.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/api/watched_list.h"
#include "cluster/kubernetes/endpoints/endpoints_options.h"
#include "cluster/kubernetes/endpoints/fleet_endpoints.h"
#include "cluster/kubernetes/endpoints/nginx_ingress.h"
#include "core/live/stop.h"
#include "core/log.h"
#include "core/net/http_client.h"
#include "core/net/http_listener.h"

namespace wsfleet {
namespace {

// A stop is seen within it, and what could not be put is tried again.
constexpr std::chrono::milliseconds kRound{200};

/// Wakes the main thread when the list has changed.
class ChangeFlag {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    changed_ = true;
    condition_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, kRound, [this] { return changed_; });
    changed_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool changed_ = false;
};

Result<ClusterAccess> access_of(const EndpointsOptions& options) {
  if (options.kubeconfig.empty()) return in_cluster_access();
  return kubeconfig_access({.files = {options.kubeconfig}, .context = {}});
}

/// Puts the endpoints into nginx, whenever they differ from what it has.
class IngressUpdates {
 public:
  IngressUpdates(NginxIngress& nginx, int pod_port) : nginx_(nginx), pod_port_(pod_port) {}

  void update(const PodObjects& pods) {
    const auto list = numbers_.endpoints(pods, pod_port_);
    const std::string text = endpoints_json(list);
    if (text != put_) {
      if (auto done = nginx_.put(list); !done) return tell(done.error());
      put_ = text;
      told_ = false;
      log_info(fmt::format("{} endpoints", list.size()));
    }
    for (const EndpointId gone : numbers_.take_gone(pods)) {
      if (auto done = nginx_.forget(gone); !done) tell(done.error());
    }
  }
  bool is_set() const { return !put_.empty(); }

 private:
  void tell(const Error& error) {
    if (!told_) log_warning(error.message);
    told_ = true;
  }

  NginxIngress& nginx_;
  const int pod_port_;
  EndpointNumbers numbers_;
  std::string put_;
  bool told_ = false;
};

HttpPage answer_to(const std::string& path, const WatchedList& pods, bool ready, int pod_port) {
  if (path == "/livez") return {200, "ok\n"};
  if (path != "/readyz" && path != "/targets")
    return {404, "there are /livez, /readyz, /targets\n"};
  if (!ready) return {503, "the pods are not known yet\n"};
  if (path == "/readyz") return {200, "ok\n"};
  return {200, prometheus_targets(scrape_targets(pods.objects(), pod_port)), "application/json"};
}

Result<void> run(const EndpointsOptions& options) {
  auto access = access_of(options);
  if (!access) return tl::unexpected(access.error());
  const std::string name_space =
      options.name_space.empty() ? access->name_space : options.name_space;
  ApiClient client(std::move(*access), {.user_agent = "wsfleet-endpoints"});
  std::unique_ptr<NginxIngress> nginx;
  std::optional<IngressUpdates> updates;
  if (options.ingress == IngressKind::nginx) {
    auto started = NginxIngress::start({.balancer = options.balancer,
                                        .seed = options.seed,
                                        .directory = options.directory,
                                        .address = options.listen_address,
                                        .port = options.port,
                                        .admin_port = options.nginx_admin_port,
                                        .program = options.nginx});
    if (!started) return tl::unexpected(started.error());
    nginx = std::move(*started);
    updates.emplace(*nginx, options.pod_port);
  }
  ChangeFlag changed;
  WatchedList pods(client, fmt::format("/api/v1/namespaces/{}/pods", name_space),
                   "labelSelector=" + percent_encode(options.selector),
                   [&changed](const nlohmann::json&, bool) { changed.set(); });
  std::atomic<bool> ready = false;
  auto server = HttpListener::open(options.listen_address, options.targets_port,
                                   pages_by_path([&](const std::string& path) {
                                     return answer_to(path, pods, ready, options.pod_port);
                                   }));
  if (!server) return tl::unexpected(server.error());
  log_info(fmt::format("pods {} of {}: targets on port {}", options.selector, name_space,
                       (*server)->port()));
  bool told = false;
  while (!stop_requested()) {
    changed.wait();
    if (nginx) {
      if (auto runs = nginx->still_runs(); !runs) return runs;
    }
    const auto error = pods.error();
    if (error && !told) log_warning(error->message);
    told = error.has_value();
    if (!pods.fresh_at()) continue;
    if (updates) updates->update(pods.objects());
    ready = !updates || updates->is_set();
  }
  return {};
}

int endpoints(int argc, char** argv) {
  const EndpointsCommand command = read_endpoints_command(argc, argv);
  if (!command.go_on) return command.exit_status;
  std::signal(SIGPIPE, SIG_IGN);
  install_stop_handlers();
  const auto done = run(command.options);
  if (done || done.error().kind == ErrorKind::stopped) return 0;
  log_error(done.error().message);
  return exit_status(done.error().kind);
}

}  // namespace
}  // namespace wsfleet

int main(int argc, char** argv) { return wsfleet::endpoints(argc, argv); }
