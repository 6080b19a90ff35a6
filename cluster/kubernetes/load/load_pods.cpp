// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/load/load_pods.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cluster/kubernetes/api/pod_object.h"

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestQuote = 300;
constexpr std::array kFineStatuses = {0, 99, 105};

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, std::min(text.find('\n'), kLongestQuote)));
}

/// Reasons that no time changes.
bool never_starts(const std::string& reason) {
  return reason == "ErrImageNeverPull" || reason == "InvalidImageName";
}

void read_container(const PodObject::Container& container, LoadPod& pod) {
  if (container.waiting) {
    pod.running = false;
    pod.hopeless = pod.hopeless || never_starts(container.waiting->reason);
    if (pod.trouble.empty()) pod.trouble = container.waiting->text();
  } else if (container.ended) {
    pod.running = false;
    const std::string why = container.ended->text();
    pod.trouble =
        fmt::format("its container ended with status {}{}{}",
                    container.ended->exit_status.value_or(-1), why.empty() ? "" : ", ", why);
  }
}

}  // namespace

LoadPod read_load_pod(const json& object) {
  const PodObject read = read_pod(object);
  LoadPod pod;
  pod.name = read.name;
  pod.uid = read.uid;
  pod.phase = read.phase;
  pod.running = pod.phase == "Running";
  for (const PodObject::Container& container : read.containers) read_container(container, pod);
  if (!pod.running && pod.trouble.empty() && read.unscheduled) {
    pod.trouble = read.unscheduled->text();
  }
  if (pod.phase == "Failed" || pod.phase == "Succeeded") {
    pod.running = false;
    pod.hopeless = true;
    const std::string why = read.cause.text();  // "Evicted: ..."
    if (!why.empty()) pod.trouble = why;
  }
  if (read.terminating) {
    pod.running = false;
    pod.hopeless = true;
    if (pod.trouble.empty()) pod.trouble = "it is being deleted";
  }
  return pod;
}

bool belongs_to_job(const json& pod, const std::string& job_uid) {
  const PodObject read = read_pod(pod);
  return std::any_of(read.owners.begin(), read.owners.end(),
                     [&](const PodObject::Owner& owner) { return owner.uid == job_uid; });
}

Result<std::string> read_agent_answer(int http_status, std::string body) {
  if (http_status == 200) return body;
  const json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (object.is_object() && text_at(object, "/kind") == "Status") {
    const std::string words = text_at(object, "/message");
    if (http_status == 404) return fail(ErrorKind::not_found, words);
    const bool ours = http_status / 100 == 4 && http_status != 429;
    return fail(ours ? ErrorKind::failed : ErrorKind::unavailable, words);
  }
  const std::string words = fmt::format("answered {}: {}", http_status, first_line(body));
  if (http_status == 409) return fail(ErrorKind::conflict, words);
  const bool proxy =
      http_status == 429 || http_status == 502 || http_status == 503 || http_status == 504;
  return fail(proxy ? ErrorKind::unavailable : ErrorKind::failed, words);
}

Result<AgentStatus> read_agent_status(std::string_view body) {
  const auto odd = [&] { return fail("it is no status of an agent: " + first_line(body)); };
  const json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return odd();
  AgentStatus status;
  const std::string state = text_at(object, "/state");
  if (state == "running") {
    status.state = AgentState::running;
  } else if (state == "ended") {
    status.state = AgentState::ended;
  } else if (state != "waiting") {
    return odd();
  }
  status.shard = text_at(object, "/shard");
  const json exit_status = object.value("exit_status", json());
  if (exit_status.is_number_integer()) status.exit_status = exit_status.get<int>();
  const json bytes = object.value("report_bytes", json());
  if (bytes.is_number_unsigned()) status.report_bytes = bytes.get<std::uint64_t>();
  status.log_tail = text_at(object, "/log_tail");
  return status;
}

bool LoadPodSeen::over() const {
  return (agent && agent->state == AgentState::ended) || pod.hopeless;
}

std::string LoadPodSeen::failure() const {
  if (agent && agent->state == AgentState::ended) {
    const int status = agent->exit_status.value_or(-1);
    if (std::find(kFineStatuses.begin(), kFineStatuses.end(), status) == kFineStatuses.end()) {
      return fmt::format("the load generator in pod {} ended with status {}", pod.name, status);
    }
  }
  if (!pod.hopeless) return "";
  if (pod.phase == "Gone") return fmt::format("the load pod {} is gone", pod.name);
  return fmt::format("the load pod {} does not run any more: {}", pod.name,
                     pod.trouble.empty() ? pod.phase : pod.trouble);
}

std::string not_running(const std::vector<LoadPod>& pods, int expected) {
  std::string which;
  int running = 0;
  for (const LoadPod& pod : pods) {
    if (pod.running) {
      ++running;
      continue;
    }
    which += fmt::format("{}{}: {}{}", which.empty() ? "" : "; ", pod.name, pod.phase,
                         pod.trouble.empty() ? "" : fmt::format(" ({})", pod.trouble));
  }
  if (running >= expected) return "";
  if (which.empty()) which = fmt::format("there are {}", pods.size());
  return fmt::format("{} of {} load pods do not run: {}", expected - running, expected, which);
}

}  // namespace wsfleet
