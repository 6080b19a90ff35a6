// SPDX-License-Identifier: Apache-2.0
#pragma once
// The options of wsfleet-loadgen as one table, the words that a command line gives for them, and
// readers that turn words into values and note every mistake instead of stopping at the first.
// Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace wsfleet {

struct OptionInfo {
  const char* name;   // "--connections"
  const char* value;  // "N"; "" for a flag
  const char* group;
  const char* help;
  bool repeatable = false;
};
std::span<const OptionInfo> load_option_table();

class OptionWords {
 public:
  std::map<std::string, std::vector<std::string>, std::less<>> words;  // a flag has one, empty
  std::vector<std::string> mistakes;

  bool given(std::string_view name) const { return words.find(name) != words.end(); }
  std::vector<std::string> all(std::string_view name) const;
  /// The last one wins; "" when it is not given.
  std::string text(std::string_view name) const;
  void mistake(std::string text) { mistakes.push_back(std::move(text)); }

  // Each leaves `value` alone when the option is not given or wrong.
  void duration(std::string_view name, TimeNs& value, TimeNs least = 0);
  void bytes(std::string_view name, std::int64_t& value, std::int64_t most);
  void number(std::string_view name, double& value, double most);
  void integer(std::string_view name, std::int64_t& value, std::int64_t least, std::int64_t most);
};

}  // namespace wsfleet
