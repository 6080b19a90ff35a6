// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/config/scaler_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <cctype>
#include <cstdlib>
#include <map>

#include "core/log.h"

namespace wsfleet {
namespace {

constexpr const char* kDescription =
    "wsfleet-scaler: the control loop in a Kubernetes cluster: reads the fleet, lets a policy\n"
    "decide, scales; several replicas elect the one that acts";
constexpr const char* kFooter =
    "\nEach option is also an environment variable: --log-level is WSFLEET_LOG_LEVEL. The command\n"
    "line goes before the environment, the environment before the file of --config.\n"
    "Exit status: 0 ended in order, 1 it failed, 2 usage, 104 invalid configuration.";

/// "--log-level" to "WSFLEET_LOG_LEVEL".
std::string variable_of(const std::string& option) {
  std::string name = "WSFLEET_";
  for (const char c : option.substr(2, option.find(',') - 2)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

template <class T>
CLI::Option* add_value(CLI::App& app, const std::string& name, T& target, const std::string& text) {
  return app.add_option(name, target, text)->envname(variable_of(name));
}

template <class T>
void add_choice(CLI::App& app, const std::string& name, T& target,
                const std::map<std::string, T>& words, const std::string& text) {
  std::string type;
  for (const auto& [word, value] : words) type += (type.empty() ? "" : "|") + word;
  add_value(app, name, target, text)
      ->transform(CLI::CheckedTransformer(words).description(""))
      ->type_name(type);
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// What counts only when it was given.
struct Given {
  CLI::Option* kubeconfig = nullptr;
  CLI::Option* dry_run = nullptr;
  bool dry_run_value = false;
};

void add_options(CLI::App& app, ScalerOptions& options, Given& given) {
  add_value(app, "--config", options.config,
            "the scaler's TOML file (/etc/wsfleet/scaler.toml; docs/formats/scaler.md)");
  given.kubeconfig =
      add_value(app, "--kubeconfig", options.kubeconfig,
                "kubeconfig file; without it and --context: in the cluster, by the pod's "
                "ServiceAccount");
  add_value(app, "--context", options.context, "context of the kubeconfig (its current one)");
  add_value(app, "--namespace", options.name_space,
            "namespace of the fleet, over the file's (the pod's, the context's)");
  given.dry_run =
      app.add_flag("--dry-run,!--no-dry-run", given.dry_run_value,
                   "decide and report, change nothing, not even the Lease; over the file's")
          ->envname("WSFLEET_DRY_RUN");
  add_value(app, "--listen", options.listen,
            "address of /metrics, /livez, /readyz, over the file's (0.0.0.0)");
  add_value(app, "--port", options.port, "its port, over the file's (8080); 0: any free one");
  add_value(app, "--identity", options.identity,
            "name of this replica in the election, of which no two may have the same (POD_NAME, "
            "else the host's name)");
  add_choice(app, "--log-level", options.log_level,
             std::map<std::string, LogLevel>{{"debug", LogLevel::debug},
                                             {"info", LogLevel::info},
                                             {"warning", LogLevel::warning},
                                             {"error", LogLevel::error}},
             "(info)");
  add_choice(app, "--log-format", options.log_format,
             std::map<std::string, LogFormat>{{"text", LogFormat::text}, {"json", LogFormat::json}},
             "(text)");
  app.add_flag("--check", options.check, "read the file, tell all mistakes, and end");
}

}  // namespace

ScalerCommand read_scaler_command(int argc, const char* const* argv) {
  ScalerCommand command;
  ScalerOptions& options = command.options;
  CLI::App app(kDescription, "wsfleet-scaler");
  app.footer(kFooter);
  app.set_version_flag("--version", fmt::format("wsfleet-scaler {}", WSFLEET_VERSION));
  Given given;
  add_options(app, options, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    command.exit_status = app.exit(success);
    return command;
  } catch (const CLI::ParseError& error) {
    log_error(fmt::format("{} (see wsfleet-scaler --help)", error.what()));
    command.exit_status = exit_status(ErrorKind::usage);
    return command;
  }
  if (given.dry_run->count() > 0) options.dry_run = given.dry_run_value;
  options.use_kubeconfig = given.kubeconfig->count() > 0 || !options.context.empty();
  if (options.identity.empty()) {
    const char* pod = std::getenv("POD_NAME");
    options.identity = pod != nullptr && *pod != '\0' ? pod : host_name();
  }
  command.run = true;
  return command;
}

void apply_options(const ScalerOptions& options, ScalerConfig& config) {
  KubernetesSection& section = config.kubernetes;
  if (!options.name_space.empty()) section.name_space = options.name_space;
  if (!options.listen.empty()) section.listen = options.listen;
  if (options.port) section.port = *options.port;
  if (options.dry_run) section.dry_run = *options.dry_run;
}

}  // namespace wsfleet
