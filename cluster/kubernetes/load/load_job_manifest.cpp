// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/load/load_job_manifest.h"

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr const char* kTokenKey = "token";
constexpr const char* kScratch = "/scratch";
constexpr int kUser = 65532;  // "nonroot" of slim images
/// For results that nobody has fetched; the harness removes the Job long before.
constexpr int kRemovedAfterSeconds = 600;
/// SIGTERM makes a load generator close its sockets and write its report.
constexpr int kGraceSeconds = 15;

json labels_of(const LoadJobSettings& settings) {
  json labels = settings.labels;
  if (labels.is_null()) labels = json::object();
  labels["app.kubernetes.io/name"] = kLoadgenName;
  labels["app.kubernetes.io/component"] = "load-generator";
  labels["app.kubernetes.io/part-of"] = "wsfleet";
  return labels;
}

json metadata_of(const LoadJobSettings& settings, const std::string& name) {
  return {{"name", name}, {"namespace", settings.name_space}, {"labels", labels_of(settings)}};
}

json resources_of(const LoadJobSettings& settings) {
  json resources = json::object();
  if (!settings.requests.empty()) resources["requests"] = settings.requests;
  if (!settings.limits.empty()) resources["limits"] = settings.limits;
  return resources;
}

json container_of(const LoadJobSettings& settings) {
  const json token = {
      {"name", "WSFLEET_AGENT_TOKEN"},
      {"valueFrom",
       {{"secretKeyRef", {{"name", load_secret_name(settings.name)}, {"key", kTokenKey}}}}}};
  const json scratch = {{"name", "TMPDIR"}, {"value", kScratch}};
  return {
      {"name", "loadgen"},
      {"image", settings.image},
      {"imagePullPolicy", "IfNotPresent"},
      {"args",
       {"--port=" + std::to_string(kLoadgenAgentPort), "--wait=" + format_duration(settings.wait),
        "--keep=" + format_duration(settings.keep)}},
      {"env", {token, scratch}},
      {"ports", {{{"name", "agent"}, {"containerPort", kLoadgenAgentPort}}}},
      {"resources", resources_of(settings)},
      {"securityContext",
       {{"allowPrivilegeEscalation", false},
        {"readOnlyRootFilesystem", true},
        {"capabilities", {{"drop", {"ALL"}}}}}},
      {"volumeMounts", {{{"name", "scratch"}, {"mountPath", kScratch}}}}};
}

json pod_spec_of(const LoadJobSettings& settings) {
  return {{"restartPolicy", "Never"},
          {"automountServiceAccountToken", false},
          {"enableServiceLinks", false},
          {"terminationGracePeriodSeconds", kGraceSeconds},
          {"securityContext",
           {{"runAsNonRoot", true},
            {"runAsUser", kUser},
            {"runAsGroup", kUser},
            {"fsGroup", kUser},
            {"seccompProfile", {{"type", "RuntimeDefault"}}}}},
          {"containers", json::array({container_of(settings)})},
          {"volumes", {{{"name", "scratch"}, {"emptyDir", json::object()}}}}};
}

}  // namespace

std::string load_secret_name(const std::string& job_name) { return job_name + "-token"; }

json load_secret_manifest(const LoadJobSettings& settings) {
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata", metadata_of(settings, load_secret_name(settings.name))},
          {"type", "Opaque"},
          {"stringData", {{kTokenKey, settings.token}}}};
}

json load_job_manifest(const LoadJobSettings& settings) {
  json spec = {
      {"parallelism", settings.pods},
      {"completions", settings.pods},
      {"backoffLimit", 0},
      {"ttlSecondsAfterFinished", kRemovedAfterSeconds},
      {"template",
       {{"metadata", {{"labels", labels_of(settings)}}}, {"spec", pod_spec_of(settings)}}}};
  if (settings.runs > 0) {
    const TimeNs all = settings.wait + settings.runs + settings.keep;
    spec["activeDeadlineSeconds"] = (all + kSecond - 1) / kSecond;
  }
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", metadata_of(settings, settings.name)},
          {"spec", spec}};
}

json load_secret_owner_patch(const json& job) {
  const json& metadata = job.at("metadata");
  const json owner = {{"apiVersion", "batch/v1"},
                      {"kind", "Job"},
                      {"name", metadata.at("name")},
                      {"uid", metadata.at("uid")}};
  return {{"metadata", {{"ownerReferences", json::array({owner})}}}};
}

}  // namespace wsfleet
