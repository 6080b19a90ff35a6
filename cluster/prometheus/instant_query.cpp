// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/instant_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace wsfleet {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestQuote = 300;
/// Added by the query; tells a value from the time of its scrape.
constexpr const char* kPart = "wsfleet_part";
constexpr const char* kScrapedAt = "scraped_at";

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

/// As Prometheus writes numbers: "12", "1e+06", "NaN", "+Inf"; what no double holds is infinite.
std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::infinity();
  if (error != std::errc()) return std::nullopt;
  return value;
}

/// Prometheus counts milliseconds. 0 where that is no time between 1843 and 2096.
TimeNs milliseconds_of(double seconds) {
  if (!(std::abs(seconds) < 4e9)) return 0;
  return std::llround(seconds * 1000) * kMillisecond;
}

/// [time, value] into `sample`.
bool read_pair(const Json& pair, QuerySample& sample) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number()) return false;
  sample.evaluated_at = milliseconds_of(pair[0].get<double>());
  if (sample.is_histogram) return true;
  if (!pair[1].is_string()) return false;
  const auto value = parse_number(pair[1].get_ref<const std::string&>());
  sample.value = value.value_or(0);
  return value.has_value();
}

std::optional<QuerySample> read_sample(const Json& element) {
  if (!element.is_object()) return std::nullopt;
  QuerySample sample;
  const auto metric = element.find("metric");
  if (metric == element.end() || !metric->is_object()) return std::nullopt;
  for (const auto& [name, value] : metric->items()) {
    if (!value.is_string()) return std::nullopt;
    sample.labels[name] = value.get<std::string>();
  }
  auto pair = element.find("value");
  if (pair == element.end()) {
    pair = element.find("histogram");
    sample.is_histogram = true;
  }
  if (pair == element.end() || !read_pair(*pair, sample)) return std::nullopt;
  return sample;
}

std::string joined(const Json& texts) {
  std::string all;
  for (const Json& text : texts) {
    all += (all.empty() ? "" : "; ") + (text.is_string() ? text.get<std::string>() : "?");
  }
  return all;
}

std::string series_name(const std::map<std::string, std::string>& labels) {
  std::string name;
  for (const auto& [label, value] : labels) {
    name += fmt::format("{}{}=\"{}\"", name.empty() ? "" : ", ", label, value);
  }
  return "{" + name + "}";
}

/// A series' value and the time of its scrape, brought together again.
struct Series {
  std::optional<double> value;
  std::optional<double> scraped_at;
  TimeNs evaluated_at = 0;
  bool is_histogram = false;
};

std::map<std::map<std::string, std::string>, Series> series_of(
    const std::vector<QuerySample>& answer) {
  std::map<std::map<std::string, std::string>, Series> all;
  for (const QuerySample& sample : answer) {
    auto labels = sample.labels;
    const bool is_time = labels[kPart] == kScrapedAt;
    labels.erase(kPart);
    labels.erase("__name__");  // timestamp() has taken it away
    Series& series = all[labels];
    series.evaluated_at = sample.evaluated_at;
    if (sample.is_histogram) {
      series.is_histogram = true;
    } else {
      (is_time ? series.scraped_at : series.value) = sample.value;
    }
  }
  return all;
}

/// Why a series has no sample to give; empty when it has.
std::string objection(const Series& series, TimeNs age, TimeNs lookback) {
  if (series.is_histogram) return "it is a histogram";
  if (!series.value) return "it has no value";
  if (!series.scraped_at || !std::isfinite(*series.scraped_at)) return "it has no time";
  if (!std::isfinite(*series.value)) return fmt::format("its value is {}", *series.value);
  if (*series.value < 0) return fmt::format("its value is {}, below zero", *series.value);
  if (age > lookback) return fmt::format("it is {} old", format_duration(age));
  return "";
}

}  // namespace

Result<std::vector<QuerySample>> parse_instant_query(int http_status, std::string_view body) {
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
  const Json data = answer.value("data", Json::object());
  const std::string type = data.is_object() ? text_at(data, "resultType") : "";
  if (type != "vector" || !data.contains("result") || !data["result"].is_array()) {
    return unavailable(
        fmt::format("gave '{}' where a vector was asked for", type.empty() ? "nothing" : type));
  }
  std::vector<QuerySample> samples;
  for (const Json& element : data["result"]) {
    auto sample = read_sample(element);
    if (!sample) {
      return unavailable(
          fmt::format("gave a sample that can't be read, number {}", samples.size() + 1));
    }
    samples.push_back(std::move(*sample));
  }
  return samples;
}

std::string connections_query(std::string_view selector) {
  const auto part = [&](std::string_view vector, std::string_view name) {
    return fmt::format(R"(label_replace({}, "{}", "{}", "__name__", ".*"))", vector, kPart, name);
  };
  return part(selector, "value") + " or " +
         part(fmt::format("timestamp({})", selector), kScrapedAt);
}

PodSamples samples_by_pod(const std::vector<QuerySample>& answer, const std::string& uid_label,
                          TimeNs lookback) {
  PodSamples pods;
  for (const auto& [labels, series] : series_of(answer)) {
    const auto leave_out = [&, &name = labels](const std::string& why) {
      pods.left_out.push_back(series_name(name) + ": " + why);
    };
    const auto uid = labels.find(uid_label);
    if (uid == labels.end() || uid->second.empty()) {
      leave_out(fmt::format("it has no label '{}'", uid_label));
      continue;
    }
    const TimeNs age =
        std::max<TimeNs>(0, series.evaluated_at - milliseconds_of(series.scraped_at.value_or(0)));
    const std::string why = objection(series, age, lookback);
    if (!why.empty()) {
      leave_out(why);
      continue;
    }
    const MetricSample sample{*series.value, age};
    const auto [known, is_new] = pods.by_uid.try_emplace(uid->second, sample);
    if (is_new) continue;
    MetricSample& kept = known->second;
    if (age < kept.age || (age == kept.age && sample.value > kept.value)) kept = sample;
  }
  return pods;
}

}  // namespace wsfleet
