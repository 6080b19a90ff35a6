// SPDX-License-Identifier: Apache-2.0
#include "engine/scenario/policy_choice.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsfleet {
namespace {

/// "hpa" or "hpa:target_connections=300" opens a policy, "tolerance=0.2" goes on with the last one.
bool opens_policy(std::string_view part) {
  const std::size_t equals = part.find('=');
  return equals == std::string_view::npos || part.substr(0, equals).find(':') != part.npos;
}

Result<PolicyChoice> open_policy(std::string_view part) {
  const std::size_t colon = part.find(':');
  const std::string_view name = part.substr(0, colon);
  const Result<const PolicyEntry*> entry = policy_named(name);
  if (!entry) return tl::unexpected(entry.error());
  PolicyChoice choice;
  choice.label = std::string(part);
  choice.entry = *entry;
  if (colon == std::string_view::npos) return choice;
  const std::string_view setting = part.substr(colon + 1);
  if (setting.find('=') == std::string_view::npos) {
    return fail(ErrorKind::usage, fmt::format("'{}' sets nothing: write {}:key=value", part, name));
  }
  choice.sets.push_back(fmt::format("policy.{}.{}", name, setting));
  return choice;
}

}  // namespace

std::vector<std::string> split_values(std::string_view list) {
  std::vector<std::string> values(1);
  int depth = 0;
  char quote = 0;
  for (const char c : list) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      values.emplace_back();
      continue;
    }
    values.back() += c;
  }
  return values;
}

Result<std::vector<PolicyChoice>> parse_policies(std::string_view list) {
  std::vector<PolicyChoice> choices;
  for (const std::string& part : split_values(list)) {
    if (part.empty()) {
      return fail(ErrorKind::usage, fmt::format("a policy is missing in '{}'", list));
    }
    if (opens_policy(part)) {
      Result<PolicyChoice> choice = open_policy(part);
      if (!choice) return tl::unexpected(choice.error());
      choices.push_back(std::move(*choice));
    } else if (choices.empty()) {
      return fail(ErrorKind::usage, fmt::format("'{}' stands before any policy", part));
    } else {
      PolicyChoice& last = choices.back();
      last.label += (last.sets.empty() ? ":" : ",") + part;
      last.sets.push_back(fmt::format("policy.{}.{}", last.entry->name, part));
    }
  }
  for (std::size_t i = 0; i < choices.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (choices[i].label == choices[j].label) {
        return fail(ErrorKind::usage, fmt::format("'{}' is named twice", choices[i].label));
      }
    }
  }
  return choices;
}

std::string file_name_of(std::string_view label) {
  std::string name;
  for (const char c : label) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (plain) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name;
}

}  // namespace wsfleet
