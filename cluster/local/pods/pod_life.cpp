// SPDX-License-Identifier: Apache-2.0
// A pod's life as the kubelet leads it: container start, the server's process, SIGTERM, grace,
// SIGKILL, and restarts after a crash.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "cluster/live/server_options.h"
#include "cluster/local/pods/fleet.h"
#include "core/live/live_clock.h"
#include "core/process/files.h"

namespace wsfleet {
namespace {

constexpr EndpointId kPodsPerNet = 250;

/// 127.0.1.1, 127.0.1.2, ...: each pod has a loopback address of its own.
std::string address_of(EndpointId endpoint) {
  return fmt::format("127.0.{}.{}", 1 + endpoint / kPodsPerNet, 1 + endpoint % kPodsPerNet);
}

/// The number behind the last ':' of what follows `words`; 0 when it is not there.
std::uint16_t port_after(const std::string& text, std::string_view words) {
  const std::size_t begin = text.find(words);
  if (begin == std::string::npos) return 0;
  const std::size_t end = text.find_first_of(",\n", begin);
  const std::size_t colon = text.rfind(':', end);
  if (end == std::string::npos || colon == std::string::npos || colon < begin) return 0;
  return static_cast<std::uint16_t>(std::strtoul(text.c_str() + colon + 1, nullptr, 10));
}

}  // namespace

LocalPod& LocalFleet::create_pod(int ordinal) {
  const EndpointId endpoint = free_endpoint();
  const TimeNs now = monotonic_now();
  pod_time_.change(+1, now);
  auto owned = std::make_unique<LocalPod>(parts_.settings.cluster.readiness);
  LocalPod& pod = *owned;
  pods_.push_back(std::move(owned));
  pod.serial = serials_++;
  pod.node_name = "local";
  identify(pod, parts_.settings.cluster.controller, ordinal, now);
  pod.endpoint = endpoint;
  pod.address = address_of(endpoint);
  start_container(pod);
  return pod;
}

/// The lowest number that no pod has and that nobody is still to be told to forget.
EndpointId LocalFleet::free_endpoint() const {
  for (EndpointId candidate = 0;; ++candidate) {
    const bool taken = std::any_of(pods_.begin(), pods_.end(), [candidate](const auto& pod) {
      return pod->endpoint == candidate;
    });
    if (!taken && !to_forget_.holds(candidate)) return candidate;
  }
}

void LocalFleet::start_container(LocalPod& pod) {
  const ClusterSettings& cluster = parts_.settings.cluster;
  const TimeNs now = monotonic_now();
  pod.stage = LocalStage::starting;
  container_started(pod, now);
  pod.launch_at = now + static_cast<TimeNs>(static_cast<double>(cluster.pod.start) * start_factor_);
  pod.next_probe = now + cluster.readiness.initial_delay;
  pod.draining = false;
  pod.process.reset();
  pod.port = pod.admin_port = 0;
  pod.counters = {};
  pod.cpu_s = 0;
}

void LocalFleet::step_pod(LocalPod& pod) {
  const TimeNs now = monotonic_now();
  if (pod.process) {
    if (const auto end = pod.process->poll()) return on_exit(pod, *end);
  }
  if (pod.stage == LocalStage::starting && !pod.process && now >= pod.launch_at) {
    if (auto launched = launch(pod); !launched) broken_ = launched.error();
  }
  if (pod.stage == LocalStage::starting && pod.process) look_for_ports(pod);
  if (pod.process && now >= pod.sigterm_at) {
    pod.sigterm_at = kNever;
    pod.process->signal(SIGTERM);
  }
  if (pod.process && now >= pod.sigkill_at) {
    pod.sigkill_at = kNever;
    pod.grace_ended = true;
    pod.process->signal(SIGKILL);
  }
  if (now >= pod.next_probe && pod.stage != LocalStage::waiting) probe(pod);
}

Result<void> LocalFleet::launch(LocalPod& pod) {
  pod.output = fmt::format("{}/{}-{}.out", parts_.scratch, pod.uid, pod.restarts);
  ProcessOptions options;
  options.command = server_command(pod);
  options.environment = {{"WSFLEET_ADMIN_TOKEN", admin_token_}};
  for (const auto& [option, value] : server_options(parts_.settings.server)) {
    options.environment.emplace_back(server_variable(option), value);
  }
  if (parts_.redis != nullptr)
    options.environment.emplace_back("WSFLEET_REDIS", parts_.redis->url());
  options.output = pod.output;
  options.errors = fmt::format("{}/{}-{}.log", parts_.logs, pod.name, pod.uid);
  options.group = parts_.group;
  auto process = Process::start(options);
  if (!process) return tl::unexpected(process.error());
  pod.process = std::move(*process);
  if (parts_.groups == nullptr) return {};
  const auto confined =
      parts_.groups->confine(pod.uid, pod.process->pid(), parts_.settings.cluster.pod);
  if (!confined) {
    parts_.groups = nullptr;
    notices_.push_back("pods run without CPU and memory limits: " + confined.error().message);
  }
  return {};
}

std::vector<std::string> LocalFleet::server_command(const LocalPod& pod) const {
  return {parts_.programs.server,
          "--listen",
          pod.address,
          "--port",
          "0",
          "--admin-listen",
          pod.address,
          "--admin-port",
          "0",
          "--pod-name",
          pod.name,
          "--log-level",
          "info"};
}

void LocalFleet::look_for_ports(LocalPod& pod) {
  const std::string said = text_of(pod.output);
  if (said.find('\n') == std::string::npos) return;
  pod.port = port_after(said, "listening on ");
  pod.admin_port = port_after(said, "admin on ");
  if (pod.port == 0) {
    broken_ = Error{ErrorKind::failed, "wsfleet-server did not say where it listens: " + said};
    return;
  }
  pod.stage = LocalStage::serving;
  targets_changed_ = true;
}

void LocalFleet::terminate(LocalPod& pod, const char* why) {
  if (pod.terminating) return;
  pod.terminating = true;
  event("pod_terminating", pod, fmt::format("{}; {} sockets open", why, pod.counters.connections));
  endpoints_changed_ = true;
  if (!pod.process) return remove(pod.uid, "had no running container");
  const TimeNs now = monotonic_now();
  pod.sigterm_at = now + parts_.settings.server.pre_stop;
  pod.sigkill_at = now + parts_.settings.server.termination_grace;
}

void LocalFleet::on_exit(LocalPod& pod, const ProcessEnd& end) {
  if (parts_.groups != nullptr) parts_.groups->remove(pod.uid);
  const std::int64_t sockets = pod.counters.connections;
  if (pod.killed_by_fault) {
    return remove(pod.uid, fmt::format("killed by a fault; {} sockets cut", sockets));
  }
  if (pod.terminating) {
    *second_.cut_by_grace += sockets;
    return remove(pod.uid, pod.grace_ended
                               ? fmt::format("killed as its grace ended; {} sockets cut", sockets)
                               : fmt::format("drained and gone ({})", describe(end)));
  }
  restart_after_crash(pod, end);
}

void LocalFleet::restart_after_crash(LocalPod& pod, const ProcessEnd& end) {
  const TimeNs now = monotonic_now();
  if (end.by_signal && end.status == SIGKILL) {
    event("pod_out_of_memory", pod, "killed by the kernel or by another hand");
  }
  const TimeNs delay = crashed(pod, parts_.settings.cluster.control_plane.restart_backoff, now);
  event("pod_restart", pod,
        fmt::format("its server ended ({}); in {}", describe(end), format_duration_short(delay)));
  pod.stage = LocalStage::waiting;
  pod.process.reset();
  pod.counters = {};
  pod.port = pod.admin_port = 0;
  if (pod.ready) event("pod_unready", pod, "its container has ended");
  pod.ready = false;
  pod.probe.reset();
  dirty_ = endpoints_changed_ = targets_changed_ = true;
  at(now + delay, [this, uid = pod.uid, restarts = pod.restarts] {
    LocalPod* waiting = find(uid);
    if (waiting != nullptr && waiting->restarts == restarts) start_container(*waiting);
  });
}

void LocalFleet::remove(const std::string& uid, std::string detail) {
  pod_time_.change(-1, monotonic_now());
  const auto gone =
      std::find_if(pods_.begin(), pods_.end(), [&uid](const auto& pod) { return pod->uid == uid; });
  event("pod_gone", **gone, std::move(detail));
  if (parts_.nginx != nullptr) to_forget_.add((*gone)->endpoint);
  pods_.erase(gone);
  dirty_ = endpoints_changed_ = targets_changed_ = true;
}

}  // namespace wsfleet
