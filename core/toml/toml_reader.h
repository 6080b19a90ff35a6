// SPDX-License-Identifier: Apache-2.0
#pragma once
// The located TOML reader: every key of a scenario is asked for by the folder that owns it, with
// its default and its limits; every mistake becomes a Diagnostic with file, line, column, caret
// and a suggestion, and all of them are reported at once. toml++ is used by its implementation
// alone.
//
//   TomlTable table = document.root().table("server");
//   settings.max_connections = table.integer("max_connections", 1000, {.min = 1});
//   settings.grace = table.duration("termination_grace", 30 * kSecond);
//   table.finish();                       // whatever was not asked for is an unknown key
//
// A reader always returns a usable value (the default where the text is wrong), so that reading
// goes on and finds the next mistake; the document must not be used when diagnostics are not empty.
// Not thread-safe.

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "core/toml/diagnostics.h"

namespace wsfleet {

template <class T>
struct Limits {
  T min = std::numeric_limits<T>::lowest();
  T max = std::numeric_limits<T>::max();
  bool exclusive_min = false;  // "must be over min"
};

class TomlTable;
struct TomlState;

class TomlDocument {
 public:
  /// Reads the file. Syntax errors and an empty file become diagnostics, as does a file that can't
  /// be read; the root is an empty table then.
  static TomlDocument load(const std::string& path);
  static TomlDocument parse(std::string_view text, const std::string& name);

  /// Applies `path=value`: a path of bare keys ("scaler.policy", "fault.0.at"; missing tables are
  /// made) and a TOML value, or a bare word for a string. Errors become diagnostics and change
  /// nothing. Call it before the readers.
  void set(std::string_view assignment);
  TomlTable root();

  std::vector<Diagnostic> diagnostics() const;
  const std::string& name() const;
  /// Every dotted key that readers asked for so far ("workload.arrivals.peak"; "fault[].at"): what
  /// docs/formats/scenario.md must describe.
  std::set<std::string> known_keys() const;
  /// The document as TOML text, overrides applied, for run.json.
  std::string text() const;

 private:
  friend class TomlTable;
  std::shared_ptr<TomlState> state_;
};

class TomlTable {
 public:
  /// False where the file has no such table; readers then return defaults.
  bool present() const;
  bool has(std::string_view key) const;
  /// Dotted, "" for the root.
  const std::string& path() const { return path_; }
  std::vector<std::string> keys() const;

  std::int64_t integer(std::string_view key, std::int64_t fallback,
                       Limits<std::int64_t> limits = {});
  double number(std::string_view key, double fallback, Limits<double> limits = {});
  bool boolean(std::string_view key, bool fallback);
  std::string string(std::string_view key, std::string_view fallback);
  /// A duration string ("15s"); zero is allowed unless limits say otherwise.
  TimeNs duration(std::string_view key, TimeNs fallback, Limits<TimeNs> limits = {.min = 0});
  /// Whole bytes, or a string with a unit of 1,024 ("64KiB", "256MiB", "16GiB").
  std::int64_t bytes(std::string_view key, std::int64_t fallback,
                     Limits<std::int64_t> limits = {.min = 0});

  // The same for keys that must be there: a missing one is a diagnostic at the table.
  double required_number(std::string_view key, Limits<double> limits = {});
  TimeNs required_duration(std::string_view key, Limits<TimeNs> limits = {.min = 0});
  std::string required_string(std::string_view key);

  /// One of the words in `choices`; anything else is a diagnostic with the closest one.
  std::string choice(std::string_view key, std::string_view fallback,
                     const std::vector<std::string>& choices);
  template <class Enum>
  Enum choice(std::string_view key, Enum fallback,
              std::initializer_list<std::pair<const char*, Enum>> choices) {
    std::vector<std::string> names;
    std::string fallback_name;
    for (const auto& [name, value] : choices) {
      names.emplace_back(name);
      if (value == fallback) fallback_name = name;
    }
    const std::string chosen = choice(key, fallback_name, names);
    for (const auto& [name, value] : choices) {
      if (chosen == name) return value;
    }
    return fallback;
  }

  /// A table (inline or not) under this one; absent ones answer present() == false.
  TomlTable table(std::string_view key);
  /// [[key]] or an array of inline tables; empty when absent.
  std::vector<TomlTable> tables(std::string_view key);
  std::vector<double> numbers(std::string_view key);

  /// Reports a mistake at `key` (or at the table itself when the key is absent or empty).
  void error(std::string_view key, std::string message, std::string hint = {});
  /// Reports every key that no reader asked for. Call it last.
  void finish();
  /// Marks the key and all below it as known without reading them.
  void accept(std::string_view key);

 private:
  friend class TomlDocument;
  TomlTable(std::shared_ptr<TomlState> state, const void* node, std::string path,
            std::string schema_path);

  const void* find(std::string_view key);  // marks it as asked for
  std::string where(std::string_view key) const;

  std::shared_ptr<TomlState> state_;
  const void* node_;         // toml::table, null when absent
  std::string path_;         // as the user would write it: "fault[2]"
  std::string schema_path_;  // for known_keys(): "fault[]"
};

/// "64KiB" or "1048576" to bytes.
Result<std::int64_t> parse_bytes(std::string_view text);

}  // namespace wsfleet
