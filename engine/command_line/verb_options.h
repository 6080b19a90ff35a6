// SPDX-License-Identifier: Apache-2.0
#pragma once
// The options of every verb, as CLI11 reads and explains them. This and command_line.cpp are the
// only users of CLI11.

#include <functional>

#include "engine/verbs/verbs.h"

namespace CLI {
class App;
}

namespace wsfleet {

/// What the command line said: which verb to run, and how to talk.
struct Parsed {
  bool quiet = false;
  bool no_color = false;
  std::function<int(const Terminal&)> run;  // holds the verb's options
};

/// `parsed` must outlive the parse.
void add_verbs(CLI::App& app, Parsed& parsed);

}  // namespace wsfleet
