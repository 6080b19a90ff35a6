// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/load/load_job_manifest.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;

LoadJobSettings settings() {
  return {.name_space = "chat",
          .image = "example/loadgen:1",
          .pods = 3,
          .labels = {{"wsfleet.io/run", "r1"}},
          .requests = {{"cpu", "250m"}, {"memory", "128Mi"}},
          .limits = {{"cpu", "2"}},
          .token = "s3cret-s3cret-s3cret",
          .wait = 3 * kMinute,
          .keep = 90 * kSecond};
}

TEST(LoadJobManifest, TheJobIsThis) {
  const json expected = json::parse(R"({
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {
      "name": "websocket-loadgen",
      "namespace": "chat",
      "labels": {
        "app.kubernetes.io/name": "websocket-loadgen",
        "app.kubernetes.io/component": "load-generator",
        "app.kubernetes.io/part-of": "wsfleet",
        "wsfleet.io/run": "r1"
      }
    },
    "spec": {
      "parallelism": 3,
      "completions": 3,
      "backoffLimit": 0,
      "ttlSecondsAfterFinished": 600,
      "template": {
        "metadata": {
          "labels": {
            "app.kubernetes.io/name": "websocket-loadgen",
            "app.kubernetes.io/component": "load-generator",
            "app.kubernetes.io/part-of": "wsfleet",
            "wsfleet.io/run": "r1"
          }
        },
        "spec": {
          "restartPolicy": "Never",
          "automountServiceAccountToken": false,
          "enableServiceLinks": false,
          "terminationGracePeriodSeconds": 15,
          "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "fsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"}
          },
          "containers": [{
            "name": "loadgen",
            "image": "example/loadgen:1",
            "imagePullPolicy": "IfNotPresent",
            "args": ["--port=8090", "--wait=3m", "--keep=1m30s"],
            "env": [
              {"name": "WSFLEET_AGENT_TOKEN",
               "valueFrom": {"secretKeyRef": {"name": "websocket-loadgen-token", "key": "token"}}},
              {"name": "TMPDIR", "value": "/scratch"}
            ],
            "ports": [{"name": "agent", "containerPort": 8090}],
            "resources": {
              "requests": {"cpu": "250m", "memory": "128Mi"},
              "limits": {"cpu": "2"}
            },
            "securityContext": {
              "allowPrivilegeEscalation": false,
              "readOnlyRootFilesystem": true,
              "capabilities": {"drop": ["ALL"]}
            },
            "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}]
          }],
          "volumes": [{"name": "scratch", "emptyDir": {}}]
        }
      }
    }
  })");
  const json made = load_job_manifest(settings());
  EXPECT_EQ(made, expected) << json::diff(expected, made).dump(1);
  EXPECT_EQ(made.dump().find("s3cret"), std::string::npos);
}

TEST(LoadJobManifest, AJobWhoseHarnessIsGoneEndsByItself) {
  LoadJobSettings limited = settings();
  EXPECT_FALSE(load_job_manifest(limited)["spec"].contains("activeDeadlineSeconds"));
  limited.runs = kMinute + 1;
  // 3 min to be started, the run, 90 s for its results.
  EXPECT_EQ(load_job_manifest(limited)["spec"]["activeDeadlineSeconds"], 331);
}

TEST(LoadJobManifest, TheSecretHasTheTokenAndGoesWithTheJob) {
  const json expected = json::parse(R"({
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
      "name": "websocket-loadgen-token",
      "namespace": "chat",
      "labels": {
        "app.kubernetes.io/name": "websocket-loadgen",
        "app.kubernetes.io/component": "load-generator",
        "app.kubernetes.io/part-of": "wsfleet",
        "wsfleet.io/run": "r1"
      }
    },
    "type": "Opaque",
    "stringData": {"token": "s3cret-s3cret-s3cret"}
  })");
  const json made = load_secret_manifest(settings());
  EXPECT_EQ(made, expected) << json::diff(expected, made).dump(1);

  const json patch = load_secret_owner_patch({{"metadata", {{"name", "j"}, {"uid", "u1"}}}});
  const json owner = json::parse(R"({"metadata": {"ownerReferences": [
    {"apiVersion": "batch/v1", "kind": "Job", "name": "j", "uid": "u1"}]}})");
  EXPECT_EQ(patch, owner) << json::diff(owner, patch).dump(1);
}

TEST(LoadJobManifest, ThereMayBeNoLabelsAndNoResources) {
  LoadJobSettings plain = settings();
  plain.labels.clear();
  plain.requests.clear();
  plain.limits.clear();
  plain.name = "other";
  const json job = load_job_manifest(plain);
  EXPECT_EQ(job["metadata"]["labels"].size(), 3U);
  EXPECT_EQ(job["metadata"]["name"], "other");
  const json container = job["spec"]["template"]["spec"]["containers"][0];
  EXPECT_EQ(container["resources"], json::object());
  EXPECT_EQ(container["env"][0]["valueFrom"]["secretKeyRef"]["name"], "other-token");
}

}  // namespace
}  // namespace wsfleet
