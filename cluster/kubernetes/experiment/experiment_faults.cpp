// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/experiment_faults.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "cluster/fault_section.h"
#include "cluster/fault_victims.h"
#include "cluster/kubernetes/fleet/names.h"

namespace wsfleet {
namespace {

using nlohmann::json;

/// No pod has it: the Service then has no endpoints.
constexpr const char* kOutageLabel = "wsfleet.io/outage";

}  // namespace

ExperimentFaults::ExperimentFaults(FaultParts parts) : parts_(std::move(parts)) {}

Result<void> ExperimentFaults::inject(const Fault& fault) {
  const std::string lasts = format_duration_short(fault.duration);
  switch (fault.kind) {
    case FaultKind::pod_kill:
      return kill_pods(fault);
    case FaultKind::prometheus_outage:
      if (parts_.prometheus_service.empty()) {
        return fail(ErrorKind::unsupported,
                    "prometheus_outage: Prometheus is in another namespace, which this run was not "
                    "told to touch");
      }
      return for_a_while("the selector of the Service " + parts_.prometheus_service,
                         fmt::format("/api/v1/namespaces/{}/services/{}", parts_.name_space,
                                     parts_.prometheus_service),
                         "/spec/selector", {{kOutageLabel, "true"}}, fault.duration,
                         fmt::format("Prometheus can't be reached for {}", lasts),
                         "Prometheus can be reached");
    case FaultKind::redis_outage:
      return for_a_while(
          "the replicas of the StatefulSet redis",
          fmt::format("/apis/apps/v1/namespaces/{}/statefulsets/{}", parts_.name_space, kRedisName),
          "/spec/replicas", 0, fault.duration, fmt::format("Redis is taken away for {}", lasts),
          "Redis comes back");
    default:
      break;
  }
  return fail(ErrorKind::unsupported,
              fmt::format("{}: the API of a cluster has no way to do it", fault_name(fault.kind)));
}

// As `kubectl delete pod --force`. Which pods are hit follows the same draws as in simulation.
Result<void> ExperimentFaults::kill_pods(const Fault& fault) {
  event("fault", fmt::format("{} pods are killed", fault.count));
  const std::vector<PodView> serving = parts_.serving();
  Result<void> outcome;
  for (const std::size_t at :
       choose_victims(parts_.seed, fault.index, fault.count, serving.size())) {
    const PodView& pod = serving[at];
    parts_.killing(pod.uid);
    const auto killed = parts_.client.remove(
        fmt::format("/api/v1/namespaces/{}/pods/{}", parts_.name_space, pod.name),
        {{"gracePeriodSeconds", 0}, {"preconditions", {{"uid", pod.uid}}}});
    if (!killed && outcome) outcome = tl::unexpected(killed.error());
  }
  return outcome;
}

Result<void> ExperimentFaults::for_a_while(const std::string& what, const std::string& path,
                                           const std::string& pointer, const json& value,
                                           TimeNs duration, const std::string& begin,
                                           const std::string& end) {
  const TimeNs until = parts_.clock.now() + duration;
  if (auto changed = parts_.changes.replace(what, path, pointer, value); !changed) return changed;
  event("fault", begin);
  parts_.tasks.spawn("end of " + what, [this, path, until, end] {
    parts_.clock.sleep_until(until);
    const auto back = parts_.changes.put_back(path);
    event("fault_over", back ? end : "not over: " + back.error().message);
  });
  return {};
}

void ExperimentFaults::event(const char* kind, std::string detail) {
  parts_.recorder.event({.time = parts_.clock.now(),
                         .kind = kind,
                         .pod = {},
                         .uid = {},
                         .node = {},
                         .detail = std::move(detail)});
}

}  // namespace wsfleet
