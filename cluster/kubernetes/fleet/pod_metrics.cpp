// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/fleet/pod_metrics.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "cluster/kubernetes/fleet/names.h"
#include "core/live/live_clock.h"
#include "core/net/http_client.h"

namespace wsfleet {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

/// What follows the name, and labels where there are any, on a line of the gauge; nothing on
/// others.
std::optional<std::string_view> value_on(std::string_view line, std::string_view name) {
  if (!line.starts_with(name)) return std::nullopt;
  line.remove_prefix(name.size());
  if (line.starts_with('{')) {
    const std::size_t end = line.rfind('}');
    if (end == std::string_view::npos) return std::nullopt;
    line.remove_prefix(end + 1);
  } else if (!line.starts_with(' ') && !line.starts_with('\t')) {
    return std::nullopt;  // a longer name
  }
  return trimmed(line);
}

std::optional<double> answer_of(const Result<HttpResponse>& response, const std::string& gauge,
                                std::string& trouble) {
  if (!response) {
    trouble = response.error().message;
    return std::nullopt;
  }
  if (response->status != 200) {
    trouble = fmt::format("/metrics was answered with {}", response->status);
    return std::nullopt;
  }
  const auto value = gauge_in(response->body, gauge);
  if (!value) trouble = fmt::format("/metrics has no {}", gauge);
  return value;
}

}  // namespace

std::optional<double> gauge_in(std::string_view text, std::string_view name) {
  std::optional<double> sum;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto written = value_on(line, name);
    if (!written) continue;
    double value = 0;
    const auto [rest, error] =
        std::from_chars(written->data(), written->data() + written->size(), value);
    const bool whole = rest == written->data() + written->size() || *rest == ' ' ||
                       *rest == '\r';  // a time may follow
    if (error != std::errc{} || !whole || !std::isfinite(value) || value < 0) return std::nullopt;
    sum = sum.value_or(0) + value;
  }
  return sum;
}

PodMetrics::PodMetrics(PodMetricsSettings settings, std::function<std::vector<FleetPod>()> pods)
    : settings_(std::move(settings)), pods_(std::move(pods)) {}

Result<std::unordered_map<std::string, MetricSample>> PodMetrics::connections() {
  std::vector<HttpRequest> requests;
  std::vector<std::string> uids;
  for (const FleetPod& pod : pods_()) {
    if (pod.observation.phase != PodPhase::running || pod.address.empty()) continue;
    HttpRequest request;
    request.address = pod.address;
    request.port = pod.http_port != 0 ? pod.http_port : static_cast<std::uint16_t>(kServerPort);
    request.target = "/metrics";
    requests.push_back(std::move(request));
    uids.push_back(pod.observation.uid);
  }
  const TimeNs asked = monotonic_now();
  const auto responses = http_exchange_all(requests, settings_.deadline);
  const TimeNs age = monotonic_now() - asked;
  std::string trouble;
  std::unordered_map<std::string, MetricSample> samples;
  for (std::size_t i = 0; i < responses.size(); ++i) {
    const auto value = answer_of(responses[i], settings_.gauge, trouble);
    if (value) samples[uids[i]] = {*value, age};
  }
  if (samples.empty() && !responses.empty()) {
    return fail(ErrorKind::unavailable, fmt::format("none of {} running pods gave its metrics: {}",
                                                    requests.size(), trouble));
  }
  return samples;
}

}  // namespace wsfleet
