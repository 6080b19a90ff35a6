// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/query_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace wsfleet {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestQuote = 300;
tl::unexpected<Error> unavailable(std::string message) {
  return fail(ErrorKind::unavailable, std::move(message));
}

/// One line of at most kLongestQuote printable bytes.
std::string quote(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  std::string quoted(text.substr(0, kLongestQuote));
  std::replace_if(
      quoted.begin(), quoted.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; },
      ' ');
  return text.size() > kLongestQuote ? quoted + "..." : quoted;
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string joined(const Json& texts) {
  std::string all;
  for (const Json& text : texts) {
    all += (all.empty() ? "" : "; ") + (text.is_string() ? text.get<std::string>() : "?");
  }
  return all;
}

}  // namespace

Result<Json> query_result(int http_status, std::string_view body, const std::string& type) {
  const Json answer = Json::parse(body, nullptr, false);
  const bool is_object = answer.is_object();
  if (is_object && text_at(answer, "status") == "error") {
    return unavailable(fmt::format("answered {}: {}: {}", http_status, text_at(answer, "errorType"),
                                   quote(text_at(answer, "error"))));
  }
  if (http_status != 200) {
    return unavailable(fmt::format("answered {}: {}", http_status, quote(body)));
  }
  if (!is_object || text_at(answer, "status") != "success") {
    return unavailable(fmt::format("gave no answer to a query: {}", quote(body)));
  }
  const auto warnings = answer.find("warnings");
  if (warnings != answer.end() && warnings->is_array() && !warnings->empty()) {
    return unavailable(
        fmt::format("warns that its answer is incomplete: {}", quote(joined(*warnings))));
  }
  Json data = answer.value("data", Json::object());
  const std::string got = data.is_object() ? text_at(data, "resultType") : "";
  if (got != type || !data.contains("result") || !data["result"].is_array()) {
    return unavailable(
        fmt::format("gave '{}' where a {} was asked for", got.empty() ? "nothing" : got, type));
  }
  return std::move(data["result"]);
}

std::optional<std::map<std::string, std::string>> read_labels(const Json& element) {
  if (!element.is_object()) return std::nullopt;
  const auto metric = element.find("metric");
  if (metric == element.end() || !metric->is_object()) return std::nullopt;
  std::map<std::string, std::string> labels;
  for (const auto& [name, value] : metric->items()) {
    if (!value.is_string()) return std::nullopt;
    labels[name] = value.get<std::string>();
  }
  return labels;
}

std::optional<double> parse_sample_value(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::infinity();
  if (error != std::errc()) return std::nullopt;
  return value;
}

TimeNs sample_time(double seconds) {
  if (!(std::abs(seconds) < 4e9)) return 0;
  return std::llround(seconds * 1000) * kMillisecond;
}

}  // namespace wsfleet
