// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/prometheus_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cluster/prometheus/instant_query.h"
#include "core/log.h"
#include "core/net/http_client.h"

namespace wsfleet {
namespace {

/// Prometheus gives up when nobody waits any more.
std::string query_target(const PrometheusSettings& settings) {
  const TimeNs milliseconds = std::max<TimeNs>(1, settings.deadline / kMillisecond);
  return fmt::format("/api/v1/query?timeout={}ms&query={}", milliseconds,
                     percent_encode(connections_query(settings.selector)));
}

}  // namespace

PrometheusMetrics::PrometheusMetrics(PrometheusSettings settings)
    : settings_(std::move(settings)), target_(query_target(settings_)) {}

Result<std::unordered_map<std::string, MetricSample>> PrometheusMetrics::connections() {
  const auto told = [this](const Error& error) {
    return fail(error.kind, fmt::format("Prometheus at {}:{}: {}", settings_.address,
                                        settings_.port, error.message));
  };
  HttpRequest request;
  request.address = settings_.address;
  request.port = settings_.port;
  request.target = target_;
  const auto response = http_exchange(request, settings_.deadline);
  if (!response) {
    return fail(response.error().kind, "Prometheus: " + response.error().message);
  }
  const auto answer = parse_instant_query(response->status, response->body);
  if (!answer) return told(answer.error());
  PodSamples pods = samples_by_pod(*answer, settings_.uid_label, settings_.lookback);
  if (pods.left_out != left_out_) {
    left_out_ = std::move(pods.left_out);
    for (const std::string& series : left_out_) {
      log_warning("Prometheus: a series of connections is not used: " + series);
    }
  }
  return std::move(pods.by_uid);
}

}  // namespace wsfleet
