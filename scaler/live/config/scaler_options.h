// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `wsfleet-scaler` can be told on the command line and by environment variables; the rest is
// in its file (scaler_config.h), which they go over. docs/formats/scaler.md describes every option.

#include <cstdint>
#include <optional>
#include <string>

#include "core/live/event_log.h"
#include "scaler/live/config/scaler_config.h"

namespace wsfleet {

struct ScalerOptions {
  std::string config = "/etc/wsfleet/scaler.toml";
  bool use_kubeconfig = false;  // else in-cluster
  std::string kubeconfig;       // "": KUBECONFIG or ~/.kube/config
  std::string context;          // "": the current one
  std::string name_space;       // "": the file's
  std::optional<bool> dry_run;
  std::string listen;  // "": the file's
  std::optional<std::uint16_t> port;
  std::string identity;  // POD_NAME; the host's name where that is not set
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;
  bool check = false;
};

struct ScalerCommand {
  ScalerOptions options;
  bool run = false;  // else: end with the status (help, a mistake that was told on stderr)
  int exit_status = 0;
};

ScalerCommand read_scaler_command(int argc, const char* const* argv);

/// Options over the file's values.
void apply_options(const ScalerOptions& options, ScalerConfig& config);

}  // namespace wsfleet
