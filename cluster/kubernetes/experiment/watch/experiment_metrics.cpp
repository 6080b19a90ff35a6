// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/watch/experiment_metrics.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "cluster/kubernetes/experiment/watch/history_seconds.h"
#include "cluster/prometheus/fleet_history.h"
#include "cluster/prometheus/instant_query.h"
#include "cluster/prometheus/scrape_targets.h"
#include "core/net/http_client.h"

namespace wsfleet {
namespace {

constexpr auto kQueryEvery = std::chrono::seconds(2);

/// "[namespace/]service:port", taken apart.
struct ServiceName {
  std::string name_space;
  std::string name;
  std::string port;
};

ServiceName parsed(const std::string& name_space, const std::string& service) {
  const std::size_t slash = service.find('/');
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  const std::size_t colon = service.find(':', begin);
  return {.name_space = slash == std::string::npos ? name_space : service.substr(0, slash),
          .name = service.substr(begin, colon == std::string::npos ? colon : colon - begin),
          .port = colon == std::string::npos ? "9090" : service.substr(colon + 1)};
}

}  // namespace

struct ExperimentMetrics::Impl {
  Impl(ApiClient& api, std::string ns, const std::string& named)
      : client(api), name_space(std::move(ns)), service(parsed(name_space, named)) {}

  Result<HttpResponse> fetch(const std::string& target) {
    const auto answer =
        client.exchange("GET",
                        fmt::format("/api/v1/namespaces/{}/services/{}:{}/proxy{}",
                                    service.name_space, service.name, service.port, target),
                        "", "");
    if (!answer) return tl::unexpected(answer.error());
    return HttpResponse{answer->status, answer->body};
  }

  Result<double> ask(const std::string& query) {
    const auto answer = fetch("/api/v1/query?query=" + percent_encode(query));
    if (!answer) return tl::unexpected(answer.error());
    const auto samples = parse_instant_query(answer->status, answer->body);
    if (!samples) return tl::unexpected(samples.error());
    return samples->empty() ? 0.0 : samples->front().value;
  }

  void keep_asking(const std::stop_token& stop) {
    const std::string where = fmt::format("{{namespace=\"{}\"}}", name_space);
    while (!stop.stop_requested()) {
      const auto connections = ask("sum(wsfleet_connections" + where + ")");
      const auto refused = ask("sum(wsfleet_connections_refused_total" + where + ")");
      std::unique_lock lock(mutex);
      if (connections) latest.connections = static_cast<std::int64_t>(*connections);
      if (refused) latest.refused = static_cast<std::int64_t>(*refused);
      again.wait_for(lock, stop, kQueryEvery, [] { return false; });
    }
  }

  ApiClient& client;
  const std::string name_space;
  const ServiceName service;
  std::mutex mutex;
  std::condition_variable_any again;
  Latest latest;
  std::jthread asking;
};

ExperimentMetrics::ExperimentMetrics(ApiClient& client, std::string name_space,
                                     const std::string& service)
    : impl_(std::make_unique<Impl>(client, std::move(name_space), service)) {}

ExperimentMetrics::~ExperimentMetrics() = default;

Result<void> ExperimentMetrics::check() {
  const auto answer = impl_->ask("vector(1)");
  if (answer) return {};
  return fail(
      answer.error().kind,
      fmt::format("Prometheus (the Service {} in the namespace {}, port {}) can't be asked: "
                  "{}; --prometheus says where it is",
                  impl_->service.name, impl_->service.name_space, impl_->service.port,
                  answer.error().message));
}

Result<std::optional<TimeNs>> ExperimentMetrics::scrape_interval() {
  const auto answer = impl_->fetch("/api/v1/targets?state=active");
  if (!answer) return tl::unexpected(answer.error());
  return servers_scrape_interval(answer->body, impl_->name_space);
}

std::string ExperimentMetrics::service_in_namespace() const {
  return impl_->service.name_space == impl_->name_space ? impl_->service.name : std::string();
}

ExperimentMetrics::Latest ExperimentMetrics::latest() {
  const std::lock_guard lock(impl_->mutex);
  if (!impl_->asking.joinable()) {
    impl_->asking = std::jthread(
        [impl = impl_.get()](const std::stop_token& stop) { impl->keep_asking(stop); });
  }
  return impl_->latest;
}

Result<void> ExperimentMetrics::complete(std::vector<FleetSecond>& seconds, TimeNs epoch,
                                         TimeNs scrape_interval,
                                         const std::vector<FleetLog::ScaledDown>& scaled_down) {
  FleetHistoryRequest request;
  request.matchers = fmt::format("namespace=\"{}\"", impl_->name_space);
  request.start = epoch;
  request.end = epoch + static_cast<TimeNs>(seconds.size()) * kSecond;
  request.scrape_interval = scrape_interval;
  const auto history = read_fleet_history(
      [this](const std::string& target) { return impl_->fetch(target); }, request);
  if (!history) return tl::unexpected(history.error());
  add_history(*history, scaled_down, seconds);
  return {};
}

}  // namespace wsfleet
