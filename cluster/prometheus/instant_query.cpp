// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/instant_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cluster/prometheus/query_answer.h"

namespace wsfleet {
namespace {

using Json = nlohmann::json;

/// [time, value] into `sample`.
bool read_pair(const Json& pair, QuerySample& sample) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number()) return false;
  sample.evaluated_at = sample_time(pair[0].get<double>());
  if (sample.is_histogram) return true;
  if (!pair[1].is_string()) return false;
  const auto value = parse_sample_value(pair[1].get_ref<const std::string&>());
  sample.value = value.value_or(0);
  return value.has_value();
}

std::optional<QuerySample> read_sample(const Json& element) {
  QuerySample sample;
  auto labels = read_labels(element);
  if (!labels) return std::nullopt;
  sample.labels = std::move(*labels);
  auto pair = element.find("value");
  if (pair == element.end()) {
    pair = element.find("histogram");
    sample.is_histogram = true;
  }
  if (pair == element.end() || !read_pair(*pair, sample)) return std::nullopt;
  return sample;
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
    const bool is_time = labels[kSamplePart] == kScrapedAtPart;
    labels.erase(kSamplePart);
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
  if (!is_fresh(age, lookback)) return fmt::format("it is {} old", format_duration(age));
  return "";
}

}  // namespace

Result<std::vector<QuerySample>> parse_instant_query(int http_status, std::string_view body) {
  const auto result = query_result(http_status, body, "vector");
  if (!result) return tl::unexpected(result.error());
  std::vector<QuerySample> samples;
  for (const Json& element : *result) {
    auto sample = read_sample(element);
    if (!sample) {
      return fail(ErrorKind::unavailable,
                  fmt::format("gave a sample that can't be read, number {}", samples.size() + 1));
    }
    samples.push_back(std::move(*sample));
  }
  return samples;
}

std::string connections_query(std::string_view selector) {
  const auto part = [&](std::string_view vector, std::string_view name) {
    return fmt::format(R"(label_replace({}, "{}", "{}", "__name__", ".*"))", vector, kSamplePart,
                       name);
  };
  return part(selector, "value") + " or " +
         part(fmt::format("timestamp({})", selector), kScrapedAtPart);
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
        std::max<TimeNs>(0, series.evaluated_at - sample_time(series.scraped_at.value_or(0)));
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
