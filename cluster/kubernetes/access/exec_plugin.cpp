// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/access/exec_plugin.h"

#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "cluster/kubernetes/access/token_source.h"
#include "core/live/live_clock.h"
#include "core/live/utc.h"
#include "core/process/process.h"

namespace wsfleet {
namespace {

using nlohmann::json;

// A token that is about to expire would do so on its way.
constexpr TimeNs kExpiryMargin = 10 * kSecond;

/// Without a terminal; the environment is ours, and what the kubeconfig says over it.
Result<ProgramOutput> output_of(const ExecPlugin& plugin) {
  const auto wrong = [&](const std::string& why) {
    const std::string hint = plugin.install_hint.empty() ? "" : "\n" + trimmed(plugin.install_hint);
    return fail(ErrorKind::configuration,
                fmt::format("the exec plugin does not start: {}{}", why, hint));
  };
  const std::string program = find_program(plugin.command);
  if (program.empty()) return wrong(fmt::format("there is no {} in PATH", plugin.command));
  ProcessOptions options;
  options.command = {program};
  options.command.insert(options.command.end(), plugin.arguments.begin(), plugin.arguments.end());
  options.environment = plugin.environment;
  const json info = {{"apiVersion", plugin.api_version},
                     {"kind", "ExecCredential"},
                     {"spec", {{"interactive", false}}}};
  options.environment.emplace_back("KUBERNETES_EXEC_INFO", info.dump());
  options.without = {};
  options.group = std::nullopt;
  auto said = run_program(std::move(options), plugin.within);
  return said ? said : wrong(said.error().message);
}

std::string tail(const std::string& text) {
  constexpr std::size_t kEnough = 500;
  return trimmed(text.size() > kEnough ? text.substr(text.size() - kEnough) : text);
}

std::string string_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<ExecCredential> parse_credential(const ExecPlugin& plugin, const std::string& text) {
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorKind::configuration,
                fmt::format("the exec plugin {} {}", plugin.command, what));
  };
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object() || string_at(object, "kind") != "ExecCredential") {
    return wrong("printed no ExecCredential");
  }
  if (const std::string version = string_at(object, "apiVersion"); version != plugin.api_version) {
    return wrong(fmt::format("printed the version '{}', not {}", version, plugin.api_version));
  }
  const json status = object.value("status", json::object());
  ExecCredential credential{string_at(status, "token"), string_at(status, "clientCertificateData"),
                            string_at(status, "clientKeyData"),
                            string_at(status, "expirationTimestamp")};
  if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return wrong("gave a certificate without its key, or the key alone");
  }
  if (credential.token.empty() && credential.certificate_pem.empty()) {
    return wrong("gave neither a token nor a certificate");
  }
  if (!credential.expires.empty() && !parse_utc(credential.expires)) {
    return wrong(fmt::format("gave the expirationTimestamp '{}'", credential.expires));
  }
  return credential;
}

bool has_expired(const ExecCredential& credential) {
  if (credential.expires.empty()) return false;
  const auto at = parse_utc(credential.expires);
  return !at || *at <= wall_now() + kExpiryMargin;
}

}  // namespace

Result<ExecCredential> run_exec_plugin(const ExecPlugin& plugin) {
  const auto said = output_of(plugin);
  if (!said) return tl::unexpected(said.error());
  if (!said->end) {
    return fail(ErrorKind::unavailable,
                fmt::format("the exec plugin {} did not end within {}", plugin.command,
                            format_duration_short(plugin.within)));
  }
  if (said->end->by_signal || said->end->status != 0) {
    return fail(ErrorKind::configuration,
                fmt::format("the exec plugin {} failed: {}", plugin.command, tail(said->errors)));
  }
  return parse_credential(plugin, said->output);
}

std::function<Result<ExecCredential>()> renewed_credential(ExecPlugin plugin,
                                                           ExecCredential first) {
  struct Kept {
    std::mutex mutex;
    ExecPlugin plugin;
    ExecCredential credential;
  };
  auto kept = std::make_shared<Kept>();
  kept->plugin = std::move(plugin);
  kept->credential = std::move(first);
  return [kept]() -> Result<ExecCredential> {
    const std::lock_guard lock(kept->mutex);
    if (has_expired(kept->credential)) {
      auto renewed = run_exec_plugin(kept->plugin);
      if (!renewed) return fail(ErrorKind::unavailable, renewed.error().message);
      kept->credential = std::move(*renewed);
    }
    return kept->credential;
  };
}

}  // namespace wsfleet
