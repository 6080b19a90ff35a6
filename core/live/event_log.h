// SPDX-License-Identifier: Apache-2.0
#pragma once
// Structured log of a service: one line per event on stderr, with a time, a level, an event word
// and named fields; as logfmt-like text for people or as JSON for collectors. Thread-safe; a line
// is written whole.
//   log.write(LogLevel::info, "connection_closed", {{"connection", 12}, {"code", 1012}});

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "core/log.h"

namespace wsfleet {

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double> value;

  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, const std::string& text) : name(field), value(text) {}
  LogField(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, std::int64_t number) : name(field), value(number) {}
  LogField(std::string_view field, int number) : name(field), value(std::int64_t{number}) {}
  LogField(std::string_view field, double number) : name(field), value(number) {}
};

enum class LogFormat { text, json };

/// One line without its end: `{"time": ..., "level": ..., "event": ..., ...}` or
/// `2026-03-01T09:30:00.123Z info connection_closed connection=12 reason="going away"`.
std::string format_event(LogFormat format, std::string_view time, LogLevel level,
                         std::string_view event, std::initializer_list<LogField> fields);

class EventLog {
 public:
  EventLog(LogFormat format, LogLevel level);
  ~EventLog();

  bool enabled(LogLevel level) const { return level >= level_; }
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

 private:
  struct Sink;
  LogFormat format_;
  LogLevel level_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace wsfleet
