// SPDX-License-Identifier: Apache-2.0
// The document half of the located TOML reader: loading, overrides, diagnostics.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <sstream>
#include <system_error>
#include <tuple>

#include "core/toml/toml_reader.h"
#include "core/toml/toml_state.h"

namespace wsfleet {
namespace {

toml::table parse_into(TomlState& state) {
  try {
    return toml::parse(std::string_view(state.source), state.name);
  } catch (const toml::parse_error& error) {
    state.report(error.source(), std::string(error.description()));
  }
  return {};
}

Result<std::string> read_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 65536> buffer{};
  while (file) {
    file.read(buffer.data(), buffer.size());
    text.append(buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.eof() && !file.bad()) return text;
  return fail(std::generic_category().message(errno));
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_bare_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// "a.b.c" in its parts; none when one of them is no bare key of TOML.
std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || !std::all_of(part.begin(), part.end(), is_bare_key_character)) return {};
    parts.emplace_back(part);
    begin = end + 1;
  }
  return parts;
}

// A table that holds an override's `value`. Throws toml::parse_error.
toml::table parse_value(std::string_view text, const std::string& name) {
  const std::string value(text);
  try {
    return toml::parse("value = " + value, name);
  } catch (const toml::parse_error&) {
    // A bare word stands for a string: --set scaler.policy=hpa, --set duration=30m.
    const bool quotable = value.find_first_of("'\n\r") == std::string::npos;
    const bool bare = value.empty() || std::string_view("\"[{").find(value[0]) == std::string::npos;
    if (!quotable || !bare) throw;
  }
  return toml::parse("value = '" + value + "'", name);
}

// The table at the number that `digits` says, null when there is none.
toml::node* element(toml::array& array, std::string_view digits) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  const bool number = error == std::errc{} && end == digits.data() + digits.size();
  return number ? array.get(index) : nullptr;
}

}  // namespace

TomlDocument TomlDocument::parse(std::string_view text, const std::string& name) {
  static constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  TomlDocument document;
  document.state_ = std::make_shared<TomlState>();
  document.state_->name = name;
  document.state_->source = std::string(text);
  document.state_->root = parse_into(*document.state_);
  if (document.state_->root.empty() && document.state_->diagnostics.empty()) {
    document.state_->diagnostics.push_back(
        {name, 0, 0, "the file is empty", "`wsfleet init` writes one to start from", ""});
  }
  return document;
}

TomlDocument TomlDocument::load(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (text) return parse(*text, path);
  TomlDocument document;
  document.state_ = std::make_shared<TomlState>();
  document.state_->name = path;
  document.state_->diagnostics.push_back(
      {path, 0, 0, "can't read the file", text.error().message, ""});
  return document;
}

void TomlDocument::set(std::string_view assignment) {
  const std::string name = "--set " + std::string(assignment);
  const auto wrong = [&](std::string message, std::string hint) {
    state_->diagnostics.push_back({name, 0, 0, std::move(message), std::move(hint), ""});
  };
  const std::size_t equals = assignment.find('=');
  const std::vector<std::string> keys = equals == std::string_view::npos
                                            ? std::vector<std::string>{}
                                            : split_path(trimmed(assignment.substr(0, equals)));
  if (keys.empty()) return wrong("this is no assignment", "write --set path.to.key=value");
  toml::table parsed;
  try {
    parsed = parse_value(trimmed(assignment.substr(equals + 1)), name);
  } catch (const toml::parse_error& error) {
    return wrong(std::string(error.description()), "");
  }
  if (parsed.size() != 1) return wrong("the value must be one line of TOML", "");

  // First see that the path can be walked, so that a wrong one leaves nothing behind.
  toml::table* table = &state_->root;
  std::size_t depth = 0;
  for (; depth + 1 < keys.size(); ++depth) {
    toml::node* next = table->get(keys[depth]);
    if (next == nullptr) break;
    if (next->is_array_of_tables()) {
      const std::string& key = keys[depth];
      if (depth + 2 == keys.size()) {
        return wrong(fmt::format("'{}' is an array", key),
                     fmt::format("write --set {}.0.key=value", key));
      }
      next = element(*next->as_array(), keys[++depth]);
      if (next == nullptr) {
        return wrong(fmt::format("'{}' has no element {}", key, keys[depth]), "they count from 0");
      }
    }
    if (!next->is_table()) return wrong(fmt::format("'{}' is not a table", keys[depth]), "");
    table = next->as_table();
  }
  for (; depth + 1 < keys.size(); ++depth) {
    table = table->insert(keys[depth], toml::table{}).first->second.as_table();
  }
  table->insert_or_assign(keys.back(), std::move(*parsed.get("value")));
}

TomlTable TomlDocument::root() { return TomlTable(state_, &state_->root, "", ""); }

std::vector<Diagnostic> TomlDocument::diagnostics() const {
  std::vector<Diagnostic> sorted = state_->diagnostics;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  });
  return sorted;
}

const std::string& TomlDocument::name() const { return state_->name; }

std::set<std::string> TomlDocument::known_keys() const { return state_->known_keys; }

std::string TomlDocument::text() const {
  std::ostringstream stream;
  stream << state_->root;
  return stream.str();
}

}  // namespace wsfleet
