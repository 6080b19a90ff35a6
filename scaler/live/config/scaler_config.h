// SPDX-License-Identifier: Apache-2.0
#pragma once
// The scaler's file: a scenario (format 1), of which it reads what a policy is made from, and a
// table of its own, `[kubernetes]` (docs/formats/scaler.md). Every mistake becomes a Diagnostic
// with its place. Reads files and the environment's variables, nothing else.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/toml/diagnostics.h"
#include "core/toml/toml_reader.h"
#include "scaler/policies/policies.h"
#include "scaler/policies/policy.h"
#include "scaler/settings.h"

namespace wsfleet {

struct KubernetesSection {
  std::string name_space;  // "": that of the pod, or of the kubeconfig
  bool is_deployment = false;
  std::string name = "websocket";
  std::string selector = "app.kubernetes.io/name=websocket";
  std::string container = "server";
  std::uint16_t admin_port = 3001;
  std::string admin_token_file = "/etc/wsfleet-admin/token";
  bool admin_token_given = false;  // a missing file is an error then

  bool from_prometheus = false;  // else from the pods
  std::string prometheus_host;
  std::uint16_t prometheus_port = 0;
  std::string prometheus_selector = "wsfleet_connections";
  std::string uid_label = "uid";

  std::optional<TimeNs> epoch;  // t = 0, since 1970
  std::string lease_name = "websocket-scaler";
  TimeNs lease_duration = 15 * kSecond;
  TimeNs renew_deadline = 10 * kSecond;
  TimeNs retry_period = 2 * kSecond;

  bool dry_run = false;
  std::string listen = "0.0.0.0";
  std::uint16_t port = 8080;
};

struct ScalerConfig {
  ScalerSettings scaler;
  PolicyContext context;
  const PolicyEntry* policy = nullptr;
  TimeNs interval = 0;  // over 0
  RunBy run_by = default_run_by(/*live=*/true);
  KubernetesSection kubernetes;
  std::string settings_hash;  // of all that the policy is made from
  TomlDocument document;

  std::unique_ptr<Policy> make_policy() const;
};

/// The readers of tables that belong to other folders.
struct ForeignSections {
  std::function<std::int64_t(TomlTable server)> max_connections;
  std::function<int(TomlTable objective, std::int64_t max_connections, int min_replicas)>
      connections_per_pod;
};

struct ScalerConfigLoad {
  ScalerConfig config;  // not to be used when there are diagnostics
  std::vector<Diagnostic> diagnostics;
};

/// `variable` looks up the environment: null where there is none of the name.
using Variables = std::function<const char*(const std::string& name)>;

/// The diagnostics of a file that can't be read are load_scaler_config()'s alone.
ScalerConfigLoad load_scaler_config(const std::string& path, const ForeignSections& foreign,
                                    const Variables& variable);
ScalerConfigLoad read_scaler_config(TomlDocument document, const ForeignSections& foreign,
                                    const Variables& variable);

}  // namespace wsfleet
