// SPDX-License-Identifier: Apache-2.0
// The table half of the located TOML reader: typed, limited, defaulted reads of keys.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/toml/toml_reader.h"
#include "core/toml/toml_state.h"

namespace wsfleet {
namespace {

const toml::table* as_table(const void* node) { return static_cast<const toml::table*>(node); }
const toml::node* as_node(const void* node) { return static_cast<const toml::node*>(node); }

const char* type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a floating-point number";
    case toml::node_type::boolean:
      return "a boolean";
    default:
      return "a date or time";
  }
}

std::string show(std::int64_t value) { return fmt::format("{}", value); }
std::string show(double value) { return fmt::format("{}", value); }

template <class T>
std::string limits_message(T value, const Limits<T>& limits, std::string (*format)(T)) {
  const bool too_small = limits.exclusive_min ? value <= limits.min : value < limits.min;
  if (too_small) {
    return fmt::format("must be {} {}, not {}", limits.exclusive_min ? "over" : "at least",
                       format(limits.min), format(value));
  }
  if (value > limits.max) {
    return fmt::format("must be at most {}, not {}", format(limits.max), format(value));
  }
  return {};
}

// "[policy.hpa]", or the words for the top level.
std::string section(const std::string& path) {
  return path.empty() ? std::string("the top level") : "[" + path + "]";
}

}  // namespace

Result<std::int64_t> parse_bytes(std::string_view text) {
  static constexpr std::pair<std::string_view, long double> kUnits[] = {
      {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0},
      {"kB", 1e3},     {"MB", 1e6},        {"GB", 1e9},           {"B", 1.0},
      {"", 1.0}};
  long double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error == std::errc{} && value >= 0) {
    for (const auto& [name, factor] : kUnits) {
      if (name == unit && value * factor < 9e18L) return std::llround(value * factor);
    }
  }
  return fail(ErrorKind::configuration,
              fmt::format("'{}' is not a size; write it as 65536, \"64KiB\" or \"256MiB\" (units: "
                          "B, KiB, MiB, GiB, TiB, kB, MB, GB)",
                          text));
}

TomlTable::TomlTable(std::shared_ptr<TomlState> state, const void* node, std::string path,
                     std::string schema_path)
    : state_(std::move(state)),
      node_(node),
      path_(std::move(path)),
      schema_path_(std::move(schema_path)) {}

bool TomlTable::present() const { return node_ != nullptr; }

bool TomlTable::has(std::string_view key) const {
  return node_ != nullptr && as_table(node_)->contains(key);
}

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::string> names;
  if (node_ == nullptr) return names;
  for (const auto& [key, value] : *as_table(node_)) names.emplace_back(key.str());
  return names;
}

const void* TomlTable::find(std::string_view key) {
  state_->known_keys.insert(schema_path_.empty() ? std::string(key)
                                                 : schema_path_ + "." + std::string(key));
  if (node_ == nullptr) return nullptr;
  state_->asked[node_].insert(std::string(key));
  return as_table(node_)->get(key);
}

std::string TomlTable::where(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void TomlTable::error(std::string_view key, std::string message, std::string hint) {
  toml::source_region region{};  // toml++ leaves its numbers uninitialised otherwise
  if (node_ != nullptr) {
    region = as_table(node_)->source();
    if (const toml::node* node = as_table(node_)->get(key)) region = node->source();
  }
  if (region.begin.line == 0) {  // an absent table, or a bare word of --set
    state_->diagnostics.push_back(
        {region.path ? *region.path : state_->name, 0, 0, std::move(message), std::move(hint), ""});
    return;
  }
  state_->report(region, std::move(message), std::move(hint));
}

std::int64_t TomlTable::integer(std::string_view key, std::int64_t fallback,
                                Limits<std::int64_t> limits) {
  const toml::node* node = as_node(find(key));
  if (node == nullptr) return fallback;
  const auto* value = node->as_integer();
  if (value == nullptr) {
    error(key, fmt::format("'{}' must be a whole number, not {}", where(key), type_name(*node)));
    return fallback;
  }
  const std::string problem = limits_message<std::int64_t>(value->get(), limits, show);
  if (problem.empty()) return value->get();
  error(key, fmt::format("'{}' {}", where(key), problem));
  return fallback;
}

double TomlTable::number(std::string_view key, double fallback, Limits<double> limits) {
  const toml::node* node = as_node(find(key));
  if (node == nullptr) return fallback;
  const std::optional<double> value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value) {
    error(key, fmt::format("'{}' must be a number, not {}", where(key), type_name(*node)));
    return fallback;
  }
  if (!std::isfinite(*value)) {
    error(key, fmt::format("'{}' must be a finite number", where(key)));
    return fallback;
  }
  const std::string problem = limits_message<double>(*value, limits, show);
  if (problem.empty()) return *value;
  error(key, fmt::format("'{}' {}", where(key), problem));
  return fallback;
}

bool TomlTable::boolean(std::string_view key, bool fallback) {
  const toml::node* node = as_node(find(key));
  if (node == nullptr) return fallback;
  if (const auto* value = node->as_boolean()) return value->get();
  error(key, fmt::format("'{}' must be true or false, not {}", where(key), type_name(*node)));
  return fallback;
}

std::string TomlTable::string(std::string_view key, std::string_view fallback) {
  const toml::node* node = as_node(find(key));
  if (node == nullptr) return std::string(fallback);
  if (const auto* value = node->as_string()) return value->get();
  error(key, fmt::format("'{}' must be a string, not {}", where(key), type_name(*node)));
  return std::string(fallback);
}

TimeNs TomlTable::duration(std::string_view key, TimeNs fallback, Limits<TimeNs> limits) {
  const toml::node* node = as_node(find(key));
  if (node == nullptr) return fallback;
  const auto* text = node->as_string();
  if (text == nullptr) {
    const std::string seconds =
        node->is_number() ? fmt::format("{}s", node->value_or(0.0)) : std::string();
    error(key,
          fmt::format("'{}' must be a duration in quotes like \"15s\", not {}", where(key),
                      type_name(*node)),
          parse_duration(seconds) ? "did you mean \"" + seconds + "\"?" : "");
    return fallback;
  }
  const Result<TimeNs> value = parse_duration(text->get());
  if (!value) {
    error(key, fmt::format("'{}': {}", where(key), value.error().message));
    return fallback;
  }
  const std::string problem =
      limits_message<TimeNs>(*value, limits, [](TimeNs time) { return format_duration(time); });
  if (problem.empty()) return *value;
  error(key, fmt::format("'{}' {}", where(key), problem));
  return fallback;
}

std::int64_t TomlTable::bytes(std::string_view key, std::int64_t fallback,
                              Limits<std::int64_t> limits) {
  const toml::node* node = as_node(find(key));
  if (node == nullptr) return fallback;
  std::int64_t value = 0;
  if (const auto* number = node->as_integer()) {
    value = number->get();
  } else if (const auto* text = node->as_string()) {
    const Result<std::int64_t> parsed = parse_bytes(text->get());
    if (!parsed) {
      error(key, fmt::format("'{}': {}", where(key), parsed.error().message));
      return fallback;
    }
    value = *parsed;
  } else {
    error(key, fmt::format("'{}' must be a size like 65536 or \"64KiB\", not {}", where(key),
                           type_name(*node)));
    return fallback;
  }
  const std::string problem = limits_message<std::int64_t>(value, limits, show);
  if (problem.empty()) return value;
  error(key, fmt::format("'{}' {}", where(key), problem));
  return fallback;
}

double TomlTable::required_number(std::string_view key, Limits<double> limits) {
  if (!has(key)) error("", fmt::format("{} needs '{}'", section(path_), key));
  return number(key, std::max(limits.min, 1.0), limits);
}

TimeNs TomlTable::required_duration(std::string_view key, Limits<TimeNs> limits) {
  if (!has(key)) error("", fmt::format("{} needs '{}'", section(path_), key));
  return duration(key, std::max(limits.min, kSecond), limits);
}

std::string TomlTable::required_string(std::string_view key) {
  if (!has(key)) error("", fmt::format("{} needs '{}'", section(path_), key));
  return string(key, "");
}

std::string TomlTable::choice(std::string_view key, std::string_view fallback,
                              const std::vector<std::string>& choices) {
  const toml::node* node = as_node(find(key));
  if (node == nullptr) return std::string(fallback);
  const auto* text = node->as_string();
  if (text != nullptr && std::find(choices.begin(), choices.end(), text->get()) != choices.end()) {
    return text->get();
  }
  const auto near = text != nullptr ? closest_match(text->get(), choices) : std::nullopt;
  error(key,
        fmt::format("'{}' must be one of {}, not {}", where(key), fmt::join(choices, ", "),
                    text != nullptr ? "'" + text->get() + "'" : type_name(*node)),
        near ? "did you mean '" + *near + "'?" : "");
  return std::string(fallback);
}

TomlTable TomlTable::table(std::string_view key) {
  const toml::node* node = as_node(find(key));
  const std::string schema =
      schema_path_.empty() ? std::string(key) : schema_path_ + "." + std::string(key);
  if (node != nullptr && !node->is_table()) {
    error(key, fmt::format("'{}' must be a table, not {}", where(key), type_name(*node)));
    node = nullptr;
  }
  return TomlTable(state_, node != nullptr ? node->as_table() : nullptr, where(key), schema);
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  std::vector<TomlTable> found;
  const toml::node* node = as_node(find(key));
  if (node == nullptr) return found;
  const toml::array* array = node->as_array();
  const bool right = array != nullptr && (array->empty() || array->is_array_of_tables());
  if (!right) {
    error(key, fmt::format("'{}' must be an array of tables, not {}", where(key),
                           array == nullptr ? type_name(*node) : "one of other values"));
    return found;
  }
  const std::string schema =
      (schema_path_.empty() ? std::string(key) : schema_path_ + "." + std::string(key)) + "[]";
  for (std::size_t i = 0; i < array->size(); ++i) {
    found.push_back(
        TomlTable(state_, array->get(i)->as_table(), fmt::format("{}[{}]", where(key), i), schema));
  }
  return found;
}

std::vector<double> TomlTable::numbers(std::string_view key) {
  std::vector<double> values;
  const toml::node* node = as_node(find(key));
  if (node == nullptr) return values;
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    error(key,
          fmt::format("'{}' must be an array of numbers, not {}", where(key), type_name(*node)));
    return values;
  }
  for (const toml::node& element : *array) {
    const std::optional<double> value =
        element.is_number() ? element.value<double>() : std::nullopt;
    if (!value || !std::isfinite(*value)) {
      state_->report(element.source(), fmt::format("'{}' must hold finite numbers", where(key)));
      continue;
    }
    values.push_back(*value);
  }
  return values;
}

void TomlTable::accept(std::string_view key) { find(key); }

void TomlTable::finish() {
  if (node_ == nullptr) return;
  const auto& asked = state_->asked[node_];
  const std::vector<std::string> candidates(asked.begin(), asked.end());
  for (const auto& [key, node] : *as_table(node_)) {
    if (asked.contains(key.str())) continue;
    const auto near = closest_match(key.str(), candidates);
    const std::string message = fmt::format("unknown key '{}' in {}", key.str(), section(path_));
    const std::string hint = near ? "did you mean '" + *near + "'?" : "";
    const toml::source_region& at = key.source().begin.line > 0 ? key.source() : node.source();
    if (at.begin.line > 0) {
      state_->report(at, message, hint);
    } else {
      state_->diagnostics.push_back({state_->name, 0, 0, message, hint, ""});
    }
  }
}

}  // namespace wsfleet
