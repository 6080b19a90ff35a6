// SPDX-License-Identifier: Apache-2.0
#include "loadgen/agent/start_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestName = 100;

tl::unexpected<Error> bad(std::string message) {
  return fail(ErrorKind::usage, std::move(message));
}

/// A name that stays in its directory, whoever reads it.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
         name.front() != '-' && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_';
         });
}

Result<void> read_arguments(const Json& arguments, StartRequest& request) {
  if (!arguments.is_array()) return bad("'arguments' must be a list of strings");
  for (const Json& argument : arguments) {
    if (!argument.is_string()) return bad("'arguments' must be a list of strings");
    request.arguments.push_back(argument.get<std::string>());
    if (request.arguments.back().find('\0') != std::string::npos) {
      return bad("an argument has a zero byte in it");
    }
  }
  return {};
}

Result<void> read_files(const Json& files, StartRequest& request) {
  if (!files.is_object()) return bad("'files' must be an object of texts by name");
  for (const auto& [name, text] : files.items()) {
    if (!is_plain_name(name)) {
      return bad(
          fmt::format("'{}' is no plain file name: letters, digits, '_', '-' and '.', the "
                      "last two not at its begin, {} characters at most",
                      name, kLongestName));
    }
    if (name == kReportFile || name == kLogFile) {
      return bad(fmt::format("the name '{}' is the agent's own", name));
    }
    if (!text.is_string()) return bad(fmt::format("the file '{}' must be a string", name));
    request.files[name] = text.get<std::string>();
  }
  return {};
}

}  // namespace

Result<StartRequest> parse_start_request(std::string_view body) {
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return bad("the body must be a JSON object");
  StartRequest request;
  bool has_arguments = false;
  for (const auto& [key, value] : json.items()) {
    Result<void> read;
    if (key == "arguments") {
      has_arguments = true;
      read = read_arguments(value, request);
    } else if (key == "files") {
      read = read_files(value, request);
    } else {
      read = bad(fmt::format("unknown key '{}'; there are 'arguments' and 'files'", key));
    }
    if (!read) return tl::unexpected(read.error());
  }
  if (!has_arguments) return bad("'arguments' is missing");
  return request;
}

std::string shard_of(const std::vector<std::string>& arguments) {
  constexpr std::string_view kOption = "--shard";
  std::string shard;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == kOption && i + 1 < arguments.size()) {
      shard = arguments[i + 1];
    } else if (word.starts_with("--shard=")) {
      shard = word.substr(kOption.size() + 1);
    }
  }
  return shard;
}

bool same_token(std::string_view given, std::string_view expected) {
  if (expected.empty()) return false;
  unsigned different = given.size() == expected.size() ? 0U : 1U;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const char other = given.empty() ? '\0' : given[i % given.size()];
    different |= static_cast<unsigned>(static_cast<unsigned char>(expected[i]) ^
                                       static_cast<unsigned char>(other));
  }
  return different == 0;
}

}  // namespace wsfleet
