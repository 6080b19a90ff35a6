// SPDX-License-Identifier: Apache-2.0
#include "server/live/options/server_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string_view>

#include "core/toml/diagnostics.h"
#include "core/toml/toml_reader.h"
#include "server/live/options/server_config.h"

namespace wsfleet {
namespace {

constexpr const char* kDescription =
    "wsfleet-server: a WebSocket server that can be scaled: it admits, refuses, drains and sheds "
    "by\n"
    "the rules that the simulator uses";
constexpr const char* kFooter =
    "\nEach option is also an environment variable: --max-connections is WSFLEET_MAX_CONNECTIONS.\n"
    "The command line goes before the environment, the environment before the file of --config.\n"
    "Exit status: 0 drained and gone, 1 it failed, 2 usage, 104 invalid configuration.";

/// "--max-connections" to "WSFLEET_MAX_CONNECTIONS".
std::string variable_of(const std::string& option) {
  std::string name = "WSFLEET_";
  for (const char c : option.substr(2, option.find(',') - 2)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

/// Adds options that write into `options` when they are given, each with its variable.
class OptionWriter {
 public:
  explicit OptionWriter(CLI::App& app) : app_(&app) {}

  template <class T>
  CLI::Option* value(const std::string& name, T& target, const std::string& text) {
    return app_->add_option(name, target, text)->envname(variable_of(name));
  }
  void flag(const std::string& name, bool& target, const std::string& text) {
    app_->add_flag(fmt::format("{0},!--no-{1}", name, name.substr(2)), target, text)
        ->envname(variable_of(name));
  }
  template <class T>
  void choice(const std::string& name, T& target, const std::map<std::string, T>& words,
              const std::string& text) {
    app_->add_option(name, target, text)
        ->transform(CLI::CheckedTransformer(words).description(""))
        ->type_name(joined(words))
        ->envname(variable_of(name));
  }
  void duration(const std::string& name, TimeNs& target, const std::string& text) {
    parsed(name, target, text, "DURATION", parse_duration);
  }
  void bytes(const std::string& name, std::int64_t& target, const std::string& text) {
    parsed(name, target, text, "BYTES", parse_bytes);
  }

 private:
  template <class T, class Parse>
  void parsed(const std::string& name, T& target, const std::string& text, const char* type,
              Parse parse) {
    const auto read = [name, &target, parse](const std::string& written) {
      const auto value = parse(written);
      if (!value) throw CLI::ValidationError(name, value.error().message);
      target = *value;
    };
    app_->add_option_function<std::string>(name, read, text)
        ->type_name(type)
        ->envname(variable_of(name));
  }
  template <class T>
  static std::string joined(const std::map<std::string, T>& words) {
    std::string text;
    for (const auto& [word, value] : words) text += (text.empty() ? "" : "|") + word;
    return text;
  }

  CLI::App* app_;
};

void add_network_options(OptionWriter& add, ServerOptions& options) {
  add.value("--listen", options.listen_address, "address to listen on (0.0.0.0)");
  add.value("--port", options.port, "port (3000); 0: any free one");
  add.value("--admin-listen", options.admin_address, "address of the admin listener (127.0.0.1)");
  add.value("--admin-port", options.admin_port, "its port (3001); 0: any free one");
  add.value("--threads", options.threads, "event loops, each on its own thread (1)")
      ->check(CLI::Range(1, 256));
  add.value("--tls-certificate", options.tls_certificate,
            "PEM file with the certificate chain; read again when it changes");
  add.value("--tls-key", options.tls_key, "PEM file with its private key");
  add.value("--allowed-origin", options.allowed_origins,
            "Origin that browsers may come from; repeat it for more; none: any");
}

void add_rule_options(OptionWriter& add, ServerOptions& options) {
  ServerSettings& rules = options.rules;
  add.value("--max-connections", rules.max_connections, "open connections at most (1000)")
      ->check(CLI::Range(std::int64_t{1}, INT64_MAX));
  add.choice("--refuse-with", options.refuse_with,
             std::map<std::string, RefusalForm>{{"http", RefusalForm::http},
                                                {"close", RefusalForm::close}},
             "how: 503, or upgrade and close 1013 (http)");
  add.duration("--retry-after", options.retry_after, "Retry-After of a 503 (5s)");
  add.value("--max-connection-rate", rules.max_connection_rate,
            "handshakes accepted per second; 0: no limit (0)")
      ->check(CLI::NonNegativeNumber);
  add.duration("--handshake-timeout", options.handshake_timeout,
               "from connect to upgrade at most (10s)");
  add.duration("--ping-interval", rules.ping_interval,
               "each client is pinged so often; who missed one is terminated; 0s: never (10s)");
  add.flag("--ready-when-full", rules.ready_when_full, "a full server is ready (the default)");
  add.choice("--drain-mode", rules.drain.mode,
             std::map<std::string, DrainMode>{{"none", DrainMode::none},
                                              {"immediate", DrainMode::immediate},
                                              {"paced", DrainMode::paced}},
             "how connections are closed on SIGTERM (paced)");
  add.duration("--drain-over", rules.drain.over, "a paced drain closes them within (30s)");
  add.value("--drain-close-code", rules.drain.close_code, "close code of a drain (1012)");
  add.duration("--termination-grace", rules.termination_grace,
               "from SIGTERM to the end, whatever is still open (60s)");
}

void add_message_options(OptionWriter& add, ServerOptions& options) {
  add.choice("--mode", options.mode,
             std::map<std::string, MessageMode>{{"echo", MessageMode::echo},
                                                {"broadcast", MessageMode::broadcast}},
             "messages go back to their sender, or to the room (echo)");
  add.bytes("--max-message-bytes", options.max_message_bytes,
            "longest message, and so longest frame; beyond: close 1009 (64KiB)");
  add.bytes("--send-queue-bytes", options.send_queue_bytes,
            "waiting for one client at most; beyond: close 1008 (256KiB)");
  add.duration("--close-timeout", options.close_timeout,
               "for a client's answer to a close frame (5s)");
}

void add_service_options(OptionWriter& add, ServerOptions& options) {
  add.value("--redis", options.redis_url,
            "redis://[user[:password]@]host[:port][/database]: sessions and rooms across pods");
  add.duration("--session-ttl", options.session_ttl, "life of a session's key unrefreshed (60s)");
  add.value("--pod-name", options.pod_name, "written into sessions and logs (the host's name)");
  add.choice("--log-level", options.log_level,
             std::map<std::string, LogLevel>{{"debug", LogLevel::debug},
                                             {"info", LogLevel::info},
                                             {"warning", LogLevel::warning},
                                             {"error", LogLevel::error}},
             "(info)");
  add.choice("--log-format", options.log_format,
             std::map<std::string, LogFormat>{{"text", LogFormat::text}, {"json", LogFormat::json}},
             "(text)");
}

/// The names that the original's server reads stand for this one's where those are not set.
void take_over_original_variables() {
  constexpr std::array<std::array<const char*, 2>, 2> kNames = {
      {{"MAX_CONNECTIONS", "WSFLEET_MAX_CONNECTIONS"}, {"POD_NAME", "WSFLEET_POD_NAME"}}};
  for (const auto& [theirs, ours] : kNames) {
    const char* value = std::getenv(theirs);
    if (value != nullptr && *value != '\0') setenv(ours, value, 0);
  }
}

/// The file of --config has to be read before everything that goes over it.
std::string config_path(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--config" && i + 1 < argc) return argv[i + 1];
    if (word.starts_with("--config=")) return std::string(word.substr(9));
  }
  const char* variable = std::getenv("WSFLEET_CONFIG");
  return variable == nullptr ? "" : variable;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// The token comes by the environment or a file, never by the command line, which others can read.
std::string read_token(const std::string& path, std::string& problem) {
  if (path.empty()) {
    const char* variable = std::getenv("WSFLEET_ADMIN_TOKEN");
    return variable == nullptr ? "" : variable;
  }
  std::ifstream file(path);
  std::string token;
  std::getline(file, token);
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back())) != 0) {
    token.pop_back();
  }
  if (token.empty()) problem = fmt::format("no token can be read from '{}'", path);
  return token;
}

ServerCommand mistake(int status, const std::string& message) {
  log_error(message);
  ServerCommand command;
  command.exit_status = status;
  return command;
}

}  // namespace

ServerCommand read_server_command(int argc, const char* const* argv) {
  ServerCommand command;
  ServerOptions& options = command.options;
  std::string token_file;
  if (const std::string path = config_path(argc, argv); !path.empty()) {
    const auto diagnostics = read_server_config(path, options, token_file);
    if (!diagnostics.empty()) {
      std::fprintf(stderr, "%s\n", render(diagnostics).c_str());
      command.exit_status = exit_status(ErrorKind::configuration);
      return command;
    }
  }
  take_over_original_variables();

  CLI::App app(kDescription, "wsfleet-server");
  app.footer(kFooter);
  app.set_version_flag("--version", fmt::format("wsfleet-server {}", WSFLEET_VERSION));
  OptionWriter add(app);
  std::string config;
  add.value("--config", config, "TOML file (docs/formats/server.md)");
  add_network_options(add, options);
  add_rule_options(add, options);
  add_message_options(add, options);
  add_service_options(add, options);
  add.value("--admin-token-file", token_file,
            "file whose first line is the admin listener's token; or the variable "
            "WSFLEET_ADMIN_TOKEN; none: no admin listener");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    command.exit_status = app.exit(success);
    return command;
  } catch (const CLI::ParseError& error) {
    return mistake(2, fmt::format("{} (see wsfleet-server --help)", error.what()));
  }

  std::string problem;
  options.admin_token = read_token(token_file, problem);
  if (!problem.empty()) return mistake(1, problem);
  if (options.pod_name.empty()) options.pod_name = host_name();
  if (const auto sound = check_server_options(options); !sound) {
    return mistake(exit_status(sound.error().kind), sound.error().message);
  }
  command.serve = true;
  return command;
}

}  // namespace wsfleet
