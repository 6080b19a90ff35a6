// SPDX-License-Identifier: Apache-2.0
#include "core/live/event_log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

constexpr const char* kLevelNames[] = {"debug", "info", "warning", "error", "off"};

const char* name_of(LogLevel level) { return kLevelNames[static_cast<int>(level)]; }

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A word stands as it is; anything else is quoted and escaped, so that a line stays a line and
// splits where it should.
std::string plain_text(std::string_view text) {
  bool word = !text.empty();
  for (const char c : text) {
    word = word && static_cast<unsigned char>(c) > ' ' && c != '"' && c != '=' && c != '\\' &&
           c != '\x7f';
  }
  return word ? std::string(text) : json_text(text);
}

std::string value_text(LogFormat format, const LogField& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    return format == LogFormat::json ? json_text(*text) : plain_text(*text);
  }
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return fmt::to_string(*number);
  return fmt::format("{:g}", std::get<double>(field.value));
}

}  // namespace

std::string format_event(LogFormat format, std::string_view time, LogLevel level,
                         std::string_view event, std::initializer_list<LogField> fields) {
  const bool json = format == LogFormat::json;
  std::string line = json ? fmt::format(R"({{"time": "{}", "level": "{}", "event": "{}")", time,
                                        name_of(level), event)
                          : fmt::format("{} {} {}", time, name_of(level), event);
  for (const LogField& field : fields) {
    const std::string value = value_text(format, field);
    line += json ? fmt::format(R"(, "{}": {})", field.name, value)
                 : fmt::format(" {}={}", field.name, value);
  }
  if (json) line += '}';
  return line;
}

struct EventLog::Sink {
  Sink() : logger("wsfleet-events", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
  }
  spdlog::logger logger;
};

EventLog::EventLog(LogFormat format, LogLevel level)
    : format_(format), level_(level), sink_(std::make_unique<Sink>()) {}

EventLog::~EventLog() = default;

void EventLog::write(LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) {
  if (!enabled(level) || level == LogLevel::off) return;
  const std::string line = format_event(format_, format_utc(wall_now()), level, event, fields);
  sink_->logger.info(spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace wsfleet
