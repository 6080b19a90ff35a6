// SPDX-License-Identifier: Apache-2.0
#include "engine/command_line/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/live/stop.h"
#include "core/log.h"
#include "core/toml/diagnostics.h"
#include "engine/command_line/verb_options.h"
#include "engine/version.h"

namespace wsfleet {
namespace {

constexpr int kExitUsage = 2;

constexpr const char* kDescription =
    "wsfleet: an autoscaling laboratory for fleets of WebSocket servers";
constexpr const char* kFooter =
    "\nExamples:\n"
    "  wsfleet compare flash-crowd --policies original,hpa,oracle --seeds 10\n"
    "  wsfleet run my-fleet.toml --policy hpa\n"
    "\n`wsfleet VERB --help` explains a verb. Exit status: 0 fine, 1 it failed, 2 usage, 99 a\n"
    "condition or baseline was missed, 104 invalid configuration, 105 stopped by the user.";

int usage_error(const std::string& message, const std::string& where) {
  log_error(fmt::format("{} (see {} --help)", message, where));
  return kExitUsage;
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const auto near = closest_match(word, candidates);
  return near ? fmt::format("; did you mean '{}'?", *near) : "";
}

/// What CLI11 did not know what to do with, with the closest thing that it would have known.
int tell_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto parsed = app.get_subcommands();
  const CLI::App& verb = parsed.empty() ? app : *parsed.front();
  const std::string where = parsed.empty() ? "wsfleet" : "wsfleet " + verb.get_name();
  const std::vector<std::string> left = app.remaining(true);
  const bool extras = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
  if (!extras || left.empty()) return usage_error(error.what(), where);
  const std::string word = left.front().substr(0, left.front().find('='));
  if (!word.starts_with('-')) {
    return usage_error(fmt::format("'{}' is one argument too many", left.front()), where);
  }
  return usage_error(
      fmt::format("unknown option '{}'{}", word, suggestion(word, option_names(verb))), where);
}

/// "wsfleet help run" is "wsfleet run --help".
std::vector<std::string> arguments(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    words.push_back("--help");
  }
  return words;
}

Terminal terminal_for(const Parsed& parsed) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  const bool plain = parsed.no_color || dumb || (no_color != nullptr && *no_color != '\0');
  return {.quiet = parsed.quiet,
          .color = !plain && isatty(STDOUT_FILENO) != 0,
          .progress = !parsed.quiet && !dumb && isatty(STDERR_FILENO) != 0};
}

/// A full disk or a closed pipe shows when stdout is flushed: what was printed is not whole then.
int flush(int status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  log_error("stdout can't be written");
  return status == 0 ? 1 : status;
}

}  // namespace

int command_line(int argc, const char* const* argv) {
  CLI::App app(kDescription, "wsfleet");
  Parsed parsed;
  app.footer(kFooter);
  app.set_version_flag("--version", fmt::format("wsfleet {}", kVersion));
  app.require_subcommand(0, 1);
  add_verbs(app, parsed);

  const std::vector<std::string> words = arguments(argc, argv);
  if (words.empty()) {
    std::fputs(app.help().c_str(), stderr);
    return kExitUsage;
  }
  const std::vector<std::string> verbs = verb_names(app);
  const std::string& first = words.front();
  if (!first.starts_with('-') && std::find(verbs.begin(), verbs.end(), first) == verbs.end()) {
    return usage_error(fmt::format("unknown verb '{}'{}", first, suggestion(first, verbs)),
                       "wsfleet");
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // from the back
  } catch (const CLI::Success& success) {                               // --help, --version
    return flush(app.exit(success));
  } catch (const CLI::ParseError& error) {
    return tell_parse_error(app, error);
  }
  if (!parsed.run) return usage_error("a verb is missing", "wsfleet");
  set_log_level(parsed.quiet ? LogLevel::error : LogLevel::info);
  install_stop_handlers();
  return flush(parsed.run(terminal_for(parsed)));
}

}  // namespace wsfleet
