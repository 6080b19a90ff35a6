// SPDX-License-Identifier: Apache-2.0
#pragma once
// A kubeconfig's exec plugin (client.authentication.k8s.io/v1 and v1beta1): a program that prints
// a token or a client certificate, and is run again when that expires. Thread-safe.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

struct ExecPlugin {
  std::string api_version;
  std::string command;  // as execvp takes it
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // over our own
  std::string install_hint;                                      // "" for none
  TimeNs within = kMinute;                                       // then it is killed
};

/// What a plugin said: a token, a client certificate with its key, or both.
struct ExecCredential {
  std::string token;
  std::string certificate_pem;
  std::string key_pem;
  std::string expires;  // RFC 3339, "" for never
};

/// Runs it once, without a terminal. An error (configuration; unavailable when it does not end)
/// names it and has the end of what it said on stderr.
Result<ExecCredential> run_exec_plugin(const ExecPlugin& plugin);

/// `first`, until it has expired or is about to; then what the plugin says. An error of a renewal
/// is `unavailable`: the next call tries again.
std::function<Result<ExecCredential>()> renewed_credential(ExecPlugin plugin, ExecCredential first);

}  // namespace wsfleet
