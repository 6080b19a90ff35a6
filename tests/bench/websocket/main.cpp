// SPDX-License-Identifier: Apache-2.0
// wsfleet-bench-websocket: speed and memory of the real server and clients, each figure beside its
// baselines (bare epoll, Node.js with ws) of the same run. Prints a table; never a test.
//   wsfleet-bench-websocket [echo] [idle] [accept] [broadcast] [loadgen]      (default: all)
//                           [--seconds S] [--rounds R]
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/websocket/child.h"
#include "tests/bench/websocket/comparison.h"
#include "tests/bench/websocket/parts.h"

namespace wsfleet::bench {
namespace {

using Part = std::pair<std::string, bool (*)(const Effort&)>;

const std::vector<Part>& parts() {
  static const std::vector<Part> kParts = {{"echo", bench_echo},
                                           {"idle", bench_idle},
                                           {"accept", bench_accept},
                                           {"broadcast", bench_broadcast},
                                           {"loadgen", bench_loadgen}};
  return kParts;
}

struct Command {
  std::vector<Part> chosen;
  Effort effort;
};

/// Absent when the words make no sense.
std::optional<Command> read_command(const std::vector<std::string>& words) {
  Command command;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_option = words[i] == "--seconds" || words[i] == "--rounds";
    const double value = is_option && i + 1 < words.size() ? std::atof(words[i + 1].c_str()) : 0;
    bool known = is_option && value > 0;
    if (is_option) ++i;
    if (known && words[i - 1] == "--seconds") command.effort.duration = from_seconds(value);
    if (known && words[i - 1] == "--rounds") command.effort.rounds = static_cast<int>(value);
    for (const Part& part : parts()) {
      if (is_option || words[i] != part.first) continue;
      command.chosen.push_back(part);
      known = true;
    }
    if (!known || command.effort.rounds < 1) return std::nullopt;
  }
  if (command.chosen.empty()) command.chosen = parts();
  return command;
}

int run(const std::vector<std::string>& words) {
  const auto command = read_command(words);
  if (!command) {
    std::fprintf(stderr,
                 "Usage: wsfleet-bench-websocket [echo] [idle] [accept] [broadcast] [loadgen]\n"
                 "                               [--seconds S] [--rounds R]\n");
    return 2;
  }
  pin_to(Core::client);
  print_table_head(command->effort.rounds);
  bool sound = true;
  for (const Part& part : command->chosen) sound = part.second(command->effort) && sound;
  return sound ? 0 : 1;
}

}  // namespace
}  // namespace wsfleet::bench

int main(int argc, char** argv) {
  return wsfleet::bench::run(std::vector<std::string>(argv + 1, argv + argc));
}
