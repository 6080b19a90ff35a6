// SPDX-License-Identifier: Apache-2.0
// Reading of arrival traces: CSV files with the columns time_s and arrivals.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>

#include "loadgen/arrivals/rate_function.h"

namespace wsfleet {
namespace {

constexpr std::string_view kHeader = "time_s,arrivals";
constexpr std::size_t kMostProblems = 10;
constexpr double kLatest = 4e9;  // seconds: Unix times fit, milliseconds are found out

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// What the user wrote, short enough for a message.
std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 40;
  return text.size() <= kMost ? std::string(text) : std::string(text.substr(0, kMost)) + "...";
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

class TraceReader {
 public:
  explicit TraceReader(std::string path) : path_(std::move(path)) {}

  void read(std::istream& stream) {
    std::string line;
    while (std::getline(stream, line)) {
      ++line_number_;
      std::string_view text = line;
      if (line_number_ == 1 && text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
      text = trim(text);
      if (text.empty()) continue;
      if (!header_seen_) {
        header_seen_ = true;
        if (text == kHeader) continue;
        // Without its header the columns mean nothing.
        return problem(fmt::format("the header must be '{}', not '{}'", kHeader, shown(text)));
      }
      read_row(text);
    }
    if (stream.bad()) return file_problem("can't read the file to its end");
    if (!header_seen_) return file_problem("the trace is empty");
    if (problems_.empty()) check_whole();
  }

  void file_problem(const std::string& message) {
    problems_.push_back(fmt::format("{}: {}", path_, message));
  }

  Result<std::vector<TraceRow>> finish() {
    if (problems_.empty()) return std::move(rows_);
    if (more_problems_ > 0) file_problem(fmt::format("and {} more mistakes", more_problems_));
    return fail(ErrorKind::configuration, fmt::format("{}", fmt::join(problems_, "\n")));
  }

 private:
  void problem(const std::string& message) {
    if (problems_.size() == kMostProblems) {
      ++more_problems_;
    } else {
      problems_.push_back(fmt::format("{}:{}: {}", path_, line_number_, message));
    }
  }

  void read_row(std::string_view text) {
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos || text.find(',', comma + 1) != std::string_view::npos) {
      return problem(
          fmt::format("a row has two columns, {}; this one is '{}'", kHeader, shown(text)));
    }
    const std::string_view first = trim(text.substr(0, comma));
    const std::string_view second = trim(text.substr(comma + 1));
    const std::optional<double> time_s = parse_number(first);
    const std::optional<double> arrivals = parse_number(second);
    if (!time_s) problem(fmt::format("time_s is '{}', which is not a number", shown(first)));
    if (!arrivals) problem(fmt::format("arrivals is '{}', which is not a number", shown(second)));
    if (arrivals && *arrivals < 0) {
      problem(fmt::format("arrivals is {}, it can't be negative", shown(second)));
    }
    if (time_s) check_time(*time_s, first);
    if (time_s && arrivals) rows_.push_back({from_seconds(*time_s), *arrivals});
  }

  void check_time(double time_s, std::string_view text) {
    if (time_s < 0 || time_s > kLatest) {
      return problem(
          fmt::format("time_s is {}, it must be in seconds from 0 to {}", text, kLatest));
    }
    // As rows have it: two times within the same nanosecond are one.
    if (previous_ && from_seconds(time_s) <= from_seconds(*previous_)) {
      problem(fmt::format("time_s is {}, it must come after the {} of the row before", text,
                          *previous_));
    }
    previous_ = time_s;
  }

  void check_whole() {
    if (rows_.size() < 2) {
      return file_problem(
          fmt::format("the trace has {}, it needs two: a row lasts until the next one, the last as "
                      "long as the one before",
                      rows_.empty() ? "no row" : "one row"));
    }
    double total = 0;
    for (const TraceRow& row : rows_) total += row.arrivals;
    if (total <= 0) file_problem("no row of the trace has arrivals");
  }

  std::string path_;
  std::size_t line_number_ = 0;
  bool header_seen_ = false;
  std::optional<double> previous_;
  std::vector<TraceRow> rows_;
  std::vector<std::string> problems_;
  std::size_t more_problems_ = 0;
};

}  // namespace

Result<std::vector<TraceRow>> read_trace(const std::string& path) {
  TraceReader reader(path);
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (!std::filesystem::exists(status)) {
    reader.file_problem("there is no such file");
  } else if (std::filesystem::is_directory(status)) {
    reader.file_problem("this is a directory, not a file");
  } else if (!stream) {
    reader.file_problem("can't read the file");
  } else {
    reader.read(stream);
  }
  return reader.finish();
}

}  // namespace wsfleet
