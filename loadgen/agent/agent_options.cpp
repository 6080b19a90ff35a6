// SPDX-License-Identifier: Apache-2.0
#include "loadgen/agent/agent_options.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "core/log.h"

namespace wsfleet {
namespace {

constexpr const char* kTokenVariable = "WSFLEET_AGENT_TOKEN";
constexpr std::size_t kShortestToken = 16;
constexpr const char* kDescription =
    "wsfleet-loadgen-agent: runs wsfleet-loadgen when it is told to over HTTP; for the pods of a "
    "Job\n";
constexpr const char* kFooter =
    "\nExit status: that of the load generator; 1 nobody started it or fetched its results in "
    "time,\n2 usage, 143 ended by SIGTERM.";

void add_duration(CLI::App& app, const std::string& name, TimeNs& target, const std::string& text) {
  const auto read = [name, &target](const std::string& written) {
    const auto value = parse_duration(written);
    if (!value) throw CLI::ValidationError(name, value.error().message);
    target = *value;
  };
  app.add_option_function<std::string>(name, read, text)->type_name("DURATION");
}

/// Of the file where one is given, else of the environment; a line's end is no part of it.
Result<std::string> read_token(const std::string& file) {
  std::string token;
  if (file.empty()) {
    const char* variable = std::getenv(kTokenVariable);
    token = variable == nullptr ? "" : variable;
  } else {
    std::ifstream stream(file);
    if (!stream) return fail(ErrorKind::usage, fmt::format("--token-file: can't read {}", file));
    std::getline(stream, token);
  }
  if (token.size() >= kShortestToken) return token;
  return fail(ErrorKind::usage,
              fmt::format("a token of {} characters or more must be in {} or in --token-file",
                          kShortestToken, kTokenVariable));
}

std::string program_beside_this() {
  std::error_code error;
  return (std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "wsfleet-loadgen")
      .string();
}

}  // namespace

AgentCommand read_agent_command(int argc, const char* const* argv) {
  AgentCommand command;
  AgentOptions& options = command.options;
  std::string token_file;
  CLI::App app(kDescription, "wsfleet-loadgen-agent");
  app.footer(kFooter);
  app.set_version_flag("--version", fmt::format("wsfleet-loadgen-agent {}", WSFLEET_VERSION));
  app.add_option("--listen", options.listen, "address to listen on (0.0.0.0)");
  app.add_option("--port", options.port, "port (8090); 0: any free one");
  app.add_option("--token-file", token_file,
                 fmt::format("file with the token that requests need (else {})", kTokenVariable));
  add_duration(app, "--wait", options.agent.wait, "ends when nobody starts it for so long (10m)");
  add_duration(app, "--keep", options.agent.keep,
               "ends when nobody is done with its results for so long (5m)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    command.exit_status = app.exit(success);
    return command;
  } catch (const CLI::ParseError& error) {
    log_error(fmt::format("{} (see wsfleet-loadgen-agent --help)", error.what()));
    command.exit_status = exit_status(ErrorKind::usage);
    return command;
  }
  auto token = read_token(token_file);
  if (!token) {
    log_error(token.error().message);
    command.exit_status = exit_status(token.error().kind);
    return command;
  }
  options.agent.token = std::move(*token);
  options.agent.program = program_beside_this();
  command.serve = true;
  return command;
}

}  // namespace wsfleet
