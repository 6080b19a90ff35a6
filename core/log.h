// SPDX-License-Identifier: Apache-2.0
#pragma once
// Messages for people, always on stderr; data goes to stdout. Thread-safe.

#include <string_view>

namespace wsfleet {

enum class LogLevel { debug, info, warning, error, off };

void set_log_level(LogLevel level);
void log_debug(std::string_view message);
void log_info(std::string_view message);
void log_warning(std::string_view message);
void log_error(std::string_view message);

}  // namespace wsfleet
