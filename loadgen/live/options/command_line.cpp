// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <map>

#include "core/log.h"
#include "core/toml/diagnostics.h"
#include "loadgen/live/options/read_options.h"

namespace wsfleet {
namespace {

constexpr const char* kDescription =
    "wsfleet-loadgen: WebSocket sessions by the thousand, from a scenario or from flags\n\n"
    "  wsfleet-loadgen URL... [OPTIONS]\n"
    "  wsfleet-loadgen --targets-file FILE [OPTIONS]\n"
    "  wsfleet-loadgen merge FILE... [--json FILE] [--csv FILE] [--threshold CONDITION]";
constexpr const char* kFooter =
    "\nExamples:\n"
    "  wsfleet-loadgen ws://127.0.0.1:3000/ws/ --connections 1000 --ramp 10s --message-rate 0.2\n"
    "  wsfleet-loadgen ws://127.0.0.1:3000/ws/ --scenario flash-crowd.toml --json out.json\n"
    "  wsfleet-loadgen merge shard-0.json shard-1.json\n"
    "\nExit status: 0 fine, 1 it failed, 2 usage, 99 a threshold was missed, 104 invalid "
    "scenario,\n"
    "105 stopped by the user.";

std::vector<std::string> known_names() {
  std::vector<std::string> names = {"--help", "--version"};
  for (const OptionInfo& option : load_option_table()) names.emplace_back(option.name);
  return names;
}

/// Adds the table's options, each of which fills its list in `given`.
void add_options(CLI::App& app, std::map<std::string, std::vector<std::string>>& given,
                 std::map<std::string, bool>& flags) {
  for (const OptionInfo& option : load_option_table()) {
    std::string name = option.name;
    if (name == "--quiet") name = "-q,--quiet";
    CLI::Option* added = nullptr;
    if (*option.value == '\0') {
      added = app.add_flag(name, flags[option.name], option.help);
    } else {
      added = app.add_option(name, given[option.name], option.help)
                  ->type_name(option.value)
                  ->allow_extra_args(false);
    }
    added->group(option.group);
  }
}

OptionWords words_of(const std::map<std::string, std::vector<std::string>>& given,
                     const std::map<std::string, bool>& flags) {
  OptionWords words;
  for (const auto& [name, values] : given) {
    if (!values.empty()) words.words[name] = values;
  }
  for (const auto& [name, set] : flags) {
    if (set) words.words[name] = {""};
  }
  return words;
}

/// Words that begin with '-' and mean nothing here; the others are targets.
void find_unknown(const std::vector<std::string>& extras, OptionWords& words,
                  std::vector<std::string>& arguments) {
  for (const std::string& extra : extras) {
    if (!extra.starts_with('-')) {
      arguments.push_back(extra);
      continue;
    }
    const auto meant = closest_match(extra.substr(0, extra.find('=')), known_names());
    words.mistake(fmt::format("unknown option '{}'{}", extra,
                              meant ? fmt::format("; did you mean '{}'?", *meant) : ""));
  }
}

/// True when there were none.
bool tell(const std::vector<std::string>& mistakes) {
  for (const std::string& mistake : mistakes) log_error(mistake);
  if (!mistakes.empty()) log_error("see wsfleet-loadgen --help");
  return mistakes.empty();
}

LoadCommand read_merge(OptionWords& words, std::vector<std::string> arguments) {
  LoadCommand command;
  static const std::vector<std::string> kForMerge = {"--json", "--csv", "--threshold", "--quiet",
                                                     "--no-color"};
  for (const auto& [name, values] : words.words) {
    if (std::find(kForMerge.begin(), kForMerge.end(), name) == kForMerge.end()) {
      words.mistake(fmt::format("{} means nothing to merge", name));
    }
  }
  arguments.erase(arguments.begin());
  if (arguments.empty()) words.mistake("merge needs the JSON files of the shards");
  read_outputs(words, command.options);
  command.merge_files = std::move(arguments);
  command.kind = LoadCommand::Kind::merge;
  return command;
}

}  // namespace

std::vector<std::string> load_option_names() {
  std::vector<std::string> names;
  for (const OptionInfo& option : load_option_table()) names.emplace_back(option.name);
  return names;
}

LoadCommand read_load_command(int argc, const char* const* argv,
                              const std::vector<std::string>& balancers) {
  LoadCommand command;
  CLI::App app(kDescription, "wsfleet-loadgen");
  app.footer(kFooter);
  app.set_version_flag("--version", fmt::format("wsfleet-loadgen {}", WSFLEET_VERSION));
  app.allow_extras();
  std::map<std::string, std::vector<std::string>> given;
  std::map<std::string, bool> flags;
  add_options(app, given, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    command.exit_status = app.exit(success);
    return command;
  } catch (const CLI::ParseError& error) {
    log_error(fmt::format("{} (see wsfleet-loadgen --help)", error.what()));
    command.exit_status = 2;
    return command;
  }
  OptionWords words = words_of(given, flags);
  std::vector<std::string> arguments;
  find_unknown(app.remaining(), words, arguments);

  bool scenario_is_sound = true;
  if (!arguments.empty() && arguments.front() == "merge") {
    command = read_merge(words, std::move(arguments));
  } else if (words.given("--scenario")) {
    ScenarioWorkload scenario =
        read_scenario_workload(words.text("--scenario"), words.all("--set"));
    scenario_is_sound = scenario.diagnostics.empty();
    if (!scenario_is_sound) {
      std::fprintf(stderr, "%s\n", render(scenario.diagnostics).c_str());
      scenario = ScenarioWorkload{};  // so that the flags are judged by themselves
      scenario.duration = kHour;
    }
    command.options = read_load_options(words, arguments, &scenario, balancers);
    command.kind = LoadCommand::Kind::run;
  } else {
    command.options = read_load_options(words, arguments, nullptr, balancers);
    command.kind = LoadCommand::Kind::run;
  }
  if (!tell(words.mistakes)) {
    command.exit_status = exit_status(ErrorKind::usage);
  } else if (!scenario_is_sound) {
    command.exit_status = exit_status(ErrorKind::configuration);
  }
  if (command.exit_status != 0) command.kind = LoadCommand::Kind::none;
  return command;
}

}  // namespace wsfleet
