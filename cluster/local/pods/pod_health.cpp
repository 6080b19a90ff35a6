// SPDX-License-Identifier: Apache-2.0
// What others see of a pod: the kubelet's readiness probe, the lists of endpoints and of scrape
// targets, and once a second its own figures.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cluster/local/pods/fleet.h"
#include "core/live/live_clock.h"
#include "core/process/files.h"

namespace wsfleet {
namespace {

constexpr TimeNs kIngressWithin = 5 * kSecond;
constexpr TimeNs kPublishAgain = kSecond;
constexpr TimeNs kScrapeWithin = 5 * kSecond;

/// The sum of a metric's series whose labels hold `label`.
std::int64_t metric(std::string_view text, std::string_view name, std::string_view label = "") {
  double sum = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(name)) continue;
    const std::string_view rest = line.substr(name.size());
    if (!rest.starts_with(' ') && !rest.starts_with('{')) continue;
    if (rest.find(label) == std::string_view::npos) continue;
    sum += std::strtod(std::string(rest.substr(rest.rfind(' ') + 1)).c_str(), nullptr);
  }
  return static_cast<std::int64_t>(sum);
}

HttpRequest get(const LocalPod& pod, std::string target) {
  HttpRequest request;
  request.address = pod.address;
  request.port = pod.port;
  request.target = std::move(target);
  return request;
}

}  // namespace

void LocalFleet::probe(LocalPod& pod) {
  const ProbeSettings& settings = parts_.settings.cluster.readiness;
  // Before t = 0 the initial pods are asked often: the run waits for them.
  const TimeNs period = epoch_ ? settings.period : 50 * kMillisecond;
  while (pod.next_probe <= monotonic_now()) pod.next_probe += period;
  if (pod.probe_under_way) return;
  if (pod.stage != LocalStage::serving) {
    if (epoch_) probed(pod.uid, pod.restarts, false);
    return;
  }
  pod.probe_under_way = true;
  http_exchange(parts_.io, get(pod, "/readyz"), settings.timeout,
                [this, uid = pod.uid, restarts = pod.restarts](const Result<HttpResponse>& answer) {
                  probed(uid, restarts, answer && answer->status >= 200 && answer->status < 400);
                });
}

void LocalFleet::probed(const std::string& uid, int restarts, bool success) {
  LocalPod* pod = find(uid);
  if (pod == nullptr) return;
  pod->probe_under_way = false;
  const TimeNs now = monotonic_now();
  if (pod->restarts != restarts || !record_probe(*pod, success, now)) return;
  ReadinessEvent changed = readiness_event(*pod, now);
  event(changed.kind, *pod, std::move(changed.detail));
  dirty_ = endpoints_changed_ = true;
}

// To nginx by its admin API, to the clients by a file: whoever picks the pods.
void LocalFleet::publish_endpoints() {
  if (!endpoints_changed_ || endpoints_under_way_ || monotonic_now() < publish_again_at_) return;
  endpoints_changed_ = false;
  std::vector<IngressEndpoint> endpoints;
  for (const auto& pod : pods_) {
    if (!pod->ready || pod->terminating || pod->port == 0) continue;
    endpoints.push_back({pod->endpoint, pod->uid, pod->address, pod->port});
  }
  std::sort(endpoints.begin(), endpoints.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  if (parts_.nginx == nullptr) {
    nlohmann::json list = nlohmann::json::array();
    for (const IngressEndpoint& one : endpoints) {
      list.push_back({{"id", one.id},
                      {"uid", one.uid},
                      {"url", fmt::format("ws://{}:{}/ws/", one.address, one.port)}});
    }
    const auto written =
        replace_file(targets_file_, nlohmann::json{{"endpoints", list}}.dump() + "\n");
    if (!written) broken_ = written.error();
    endpoints_known_ = !endpoints.empty();
    return;
  }
  endpoints_under_way_ = true;
  const bool any = !endpoints.empty();
  const TimeNs began = monotonic_now();
  send_to_ingress("PUT", "/endpoints", endpoints_json(endpoints), [this, any, began](bool taken) {
    endpoints_under_way_ = false;
    if (taken) {
      endpoints_taken_.record(monotonic_now() - began);
      endpoints_known_ = any;
      forget_endpoints();
    } else {
      publish_again();
    }
  });
}

void LocalFleet::forget_endpoints() {
  for (const EndpointId endpoint : to_forget_.take()) {
    send_to_ingress("POST", "/forget", forget_json(endpoint), [this, endpoint](bool forgotten) {
      to_forget_.answered(endpoint, forgotten);
      if (!forgotten) publish_again();
    });
  }
}

void LocalFleet::publish_again() {
  endpoints_changed_ = true;
  publish_again_at_ = monotonic_now() + kPublishAgain;
}

void LocalFleet::send_to_ingress(const std::string& method, const std::string& target,
                                 std::string body, std::function<void(bool)> done) {
  HttpRequest request;
  request.method = method;
  request.port = parts_.nginx->admin_port();
  request.target = target;
  request.headers = {{"Authorization", "Bearer " + parts_.nginx->admin_token()}};
  request.body = std::move(body);
  http_exchange(
      parts_.io, request, kIngressWithin, [this, target, done](const Result<HttpResponse>& answer) {
        const bool taken = answer && answer->status / 100 == 2;
        if (!taken) {
          fleet_event("ingress_error", fmt::format("{}: {}", target,
                                                   answer ? fmt::format("status {}", answer->status)
                                                          : answer.error().message));
        }
        done(taken);
      });
}

void LocalFleet::publish_targets() {
  if (!targets_changed_) return;
  targets_changed_ = false;
  std::vector<ScrapeTarget> targets;
  for (const auto& pod : pods_) {
    if (pod->stage != LocalStage::serving) continue;
    targets.push_back(
        {fmt::format("{}:{}", pod->address, pod->port), pod->uid, pod->name, pod->node_name});
  }
  if (auto written = parts_.prometheus.set_targets(targets); !written) broken_ = written.error();
}

// What counters of a pod that can't answer have come to stays, but is not known to be so now.
void LocalFleet::scrape(LocalPod& pod) {
  if (pod.scrape_under_way || pod.stage != LocalStage::serving) return;
  pod.scrape_under_way = true;
  http_exchange(
      parts_.io, get(pod, "/metrics"), kScrapeWithin,
      [this, uid = pod.uid, restarts = pod.restarts](const Result<HttpResponse>& answer) {
        LocalPod* scraped = find(uid);
        if (scraped == nullptr) return;
        scraped->scrape_under_way = false;
        if (scraped->restarts != restarts) return;
        scraped->counters.known = answer && answer->status == 200;
        if (!scraped->counters.known) return;
        const std::string& text = answer->body;
        ServerCounters counters{.known = true};
        counters.connections = metric(text, "wsfleet_connections");
        counters.refused = metric(text, "wsfleet_connections_refused_total");
        counters.refused_draining =
            metric(text, "wsfleet_connections_refused_total", "reason=\"draining\"");
        counters.closed_by_shed =
            metric(text, "wsfleet_connections_closed_total", "cause=\"shed\"");
        second_.refused += counters.refused - scraped->counters.refused;
        *second_.refused_draining += counters.refused_draining - scraped->counters.refused_draining;
        *second_.closed_by_shed += counters.closed_by_shed - scraped->counters.closed_by_shed;
        scraped->counters = counters;
      });
}

void LocalFleet::begin(TimeNs epoch) {
  epoch_ = epoch;
  pod_time_.begin(epoch);
  for (const auto& pod : pods_) {
    if (pod->process) pod->cpu_s = pod->process->cpu_s();
  }
}

FleetSecond LocalFleet::end_second() {
  second_.pod_seconds = pod_time_.take(monotonic_now());
  second_.spec_replicas = replicas_;
  for (const auto& pod : pods_) {
    if (pod->process) {
      const double used = pod->process->cpu_s();
      *second_.cpu_cores += std::max(0.0, used - pod->cpu_s);
      pod->cpu_s = used;
    }
    const ServerCounters& counters = pod->counters;
    PodStanding standing{.ready = pod->ready,
                         .started = pod->was_ready,
                         .running = pod->stage == LocalStage::serving,
                         .terminating = pod->terminating};
    if (counters.known) standing.sockets = counters.connections;
    second_.levels.add(standing);
    second_.connections += counters.connections;
    scrape(*pod);
  }
  return std::exchange(second_, FleetSecond::of_counters());
}

}  // namespace wsfleet
