// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/watch/pod_view.h"

#include <fmt/format.h>

#include "cluster/kubernetes/api/pod_object.h"

namespace wsfleet {

PodView pod_view(const nlohmann::json& object, const std::string& container) {
  const PodObject pod = read_pod(object);
  PodView view;
  view.name = pod.name;
  view.uid = pod.uid;
  view.created = pod.created;
  view.node = pod.node;
  view.ready = pod.ready;
  view.terminating = pod.terminating;
  const PodObject::Container* status = pod.container(container);
  if (status == nullptr) return view;
  view.restarts = status->restarts;
  view.running = status->running;
  const auto& end = status->ended ? status->ended : status->ended_before;
  if (!end) return view;
  view.out_of_memory = end->reason == "OOMKilled";
  view.last_end = fmt::format("{}, exit status {}", end->reason, end->exit_status.value_or(0));
  return view;
}

}  // namespace wsfleet
