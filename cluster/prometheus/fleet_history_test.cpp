// SPDX-License-Identifier: Apache-2.0
#include "cluster/prometheus/fleet_history.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr TimeNs kStart = 1'700'000'000 * kSecond;

/// Second after kStart to value, as one scrape each.
using Scrapes = std::map<int, double>;
struct Series {
  std::string metric;
  json labels;
  Scrapes scrapes;
  int gone = 1000;  // from this second on, as after a failed scrape
};

/// Answers range queries from scrapes as Prometheus does: at each step the last sample that is not
/// older than five minutes, until the series has gone.
class Scraped {
 public:
  explicit Scraped(std::vector<Series> series) : series_(std::move(series)) {}

  Result<HttpResponse> operator()(const std::string& target) {
    targets.push_back(target);
    const auto number = [&](const std::string& name) {
      return std::stod(target.substr(target.find("&" + name + "=") + name.size() + 2));
    };
    const int first = static_cast<int>(number("start") - to_seconds(kStart));
    const int last = static_cast<int>(number("end") - to_seconds(kStart));
    json result = json::array();
    for (const Series& series : series_) {
      // Both of its places in the query are looked for, encoded as they are.
      if (target.find(percent_encode(series.metric + "{")) == std::string::npos) continue;
      json values = json::array();
      json times = json::array();
      for (int second = first; second <= last && second < series.gone; ++second) {
        auto after = series.scrapes.upper_bound(second);
        if (after == series.scrapes.begin()) continue;
        const auto& [at, value] = *--after;
        const double now = to_seconds(kStart) + second;
        values.push_back({now, fmt::format("{}", value)});
        times.push_back({now, fmt::format("{:.3f}", to_seconds(kStart) + at)});
      }
      if (values.empty()) continue;
      json labels = series.labels;
      labels["wsfleet_part"] = "scraped_at";
      result.push_back({{"metric", labels}, {"values", times}});
      labels["wsfleet_part"] = "value";
      labels["__name__"] = series.metric;
      result.push_back({{"metric", labels}, {"values", values}});
    }
    const json answer = {{"status", "success"},
                         {"data", {{"resultType", "matrix"}, {"result", result}}}};
    return HttpResponse{200, answer.dump()};
  }

  std::vector<std::string> targets;

 private:
  std::vector<Series> series_;
};

FleetHistory history(std::vector<Series> series, int seconds, TimeNs scrape_interval = kSecond) {
  Scraped scraped(std::move(series));
  FleetHistoryRequest request;
  request.start = kStart;
  request.end = kStart + seconds * kSecond;
  request.scrape_interval = scrape_interval;
  const auto read =
      read_fleet_history([&](const std::string& target) { return scraped(target); }, request);
  EXPECT_TRUE(read) << read.error().message;
  return read.value_or(FleetHistory{});
}

/// Connections of a pod at the end of each second; -1 where nothing is known.
std::vector<double> levels(const FleetHistory& seconds, const std::string& uid) {
  std::vector<double> all;
  for (const auto& second : seconds) {
    const auto pod = second.find(uid);
    all.push_back(pod == second.end() ? -1 : pod->second.connections.value_or(-1));
  }
  return all;
}

std::vector<double> cpu(const FleetHistory& seconds, const std::string& uid) {
  std::vector<double> all;
  for (const auto& second : seconds) {
    const auto pod = second.find(uid);
    all.push_back(pod == second.end() ? 0 : pod->second.cpu_s);
  }
  return all;
}

const json kPodA = {{"uid", "a"}};

TEST(FleetHistory, LevelsAreThoseAtTheEndOfEachSecond) {
  const auto seconds = history({{"wsfleet_connections", kPodA, {{0, 5}, {1, 6}, {2, 7}, {3, 0}}},
                                {"wsfleet_connections", {{"uid", "b"}}, {{2, 1}, {3, 2}}}},
                               3);
  ASSERT_THAT(seconds, SizeIs(3));
  EXPECT_THAT(levels(seconds, "a"), ElementsAre(6, 7, 0));
  EXPECT_THAT(levels(seconds, "b"), ElementsAre(-1, 1, 2));
}

TEST(FleetHistory, TheLastKnownLevelHoldsForThreeScrapes) {
  // Prometheus itself was away: it knows an old sample.
  EXPECT_THAT(levels(history({{"wsfleet_connections", kPodA, {{1, 4}, {7, 9}}}}, 7), "a"),
              ElementsAre(4, 4, 4, 4, -1, -1, 9));
  // A scrape failed, or the pod has gone: it knows none.
  EXPECT_THAT(levels(history({{"wsfleet_connections", kPodA, {{1, 4}}, 2}}, 6), "a"),
              ElementsAre(4, 4, 4, 4, -1, -1));
  EXPECT_THAT(levels(history({{"wsfleet_connections", kPodA, {{0, 4}}}}, 8, 2 * kSecond), "a"),
              ElementsAre(4, 4, 4, 4, 4, 4, -1, -1));
}

TEST(FleetHistory, CountersAreDifferencesOfTheLastKnownSamples) {
  const auto seconds = history(
      {{"wsfleet_connections", kPodA, {{0, 1}}},
       {"process_cpu_seconds_total", kPodA, {{-3, 10}, {1, 10.5}, {3, 11}, {4, 11}, {9, 13}}, 5}},
      6);
  EXPECT_THAT(cpu(seconds, "a"), ElementsAre(0.5, 0, 0.5, 0, 0, 0));
  // After a gap, what happened in it counts where it becomes known.
  const auto gap = history({{"wsfleet_connections", kPodA, {{0, 1}}},
                            {"process_cpu_seconds_total", kPodA, {{0, 10}, {5, 12}}}},
                           6);
  EXPECT_THAT(cpu(gap, "a"), ElementsAre(0, 0, 0, 0, 2, 0));
}

TEST(FleetHistory, AnotherProcessBeginsAtZero) {
  const auto seconds =
      history({{"wsfleet_connections", kPodA, {{0, 1}}},
               {"wsfleet_connections", {{"uid", "new"}}, {{2, 1}}},
               {"process_cpu_seconds_total", kPodA, {{0, 100}, {1, 101}, {2, 0.5}, {3, 0.75}}},
               {"process_cpu_seconds_total", {{"uid", "new"}}, {{2, 0.25}, {3, 0.5}}}},
              3);
  EXPECT_THAT(cpu(seconds, "a"), ElementsAre(1, 0.5, 0.25));
  EXPECT_THAT(cpu(seconds, "new"), ElementsAre(0, 0.25, 0.25));
}

TEST(FleetHistory, RefusalsAreByReasonAndClosesByCause) {
  const auto reason = [](const char* name) { return json{{"uid", "a"}, {"reason", name}}; };
  const auto close = [](const char* cause, const char* code) {
    return json{{"uid", "a"}, {"cause", cause}, {"code", code}};
  };
  const auto seconds = history(
      {{"wsfleet_connections_refused_total", reason("full"), {{0, 3}, {1, 5}, {2, 5}}},
       {"wsfleet_connections_refused_total", reason("draining"), {{0, 0}, {1, 0}, {2, 4}}},
       {"wsfleet_connections_closed_total", close("drain", "1012"), {{2, 2}}},
       {"wsfleet_connections_closed_total", close("drain", "1006"), {{2, 1}}},
       {"wsfleet_connections_closed_total", close("client", "1000"), {{0, 7}, {1, 8}, {2, 8}}}},
      2);
  EXPECT_THAT(seconds[0].at("a").refused, ElementsAre(Pair("full", 2)));
  EXPECT_THAT(seconds[0].at("a").closed, ElementsAre(Pair("client", 1)));
  EXPECT_THAT(seconds[1].at("a").refused, ElementsAre(Pair("draining", 4)));
  EXPECT_THAT(seconds[1].at("a").closed, ElementsAre(Pair("drain", 3)));
}

TEST(FleetHistory, OfSeveralSeriesOfAPodTheLatestCounts) {
  const auto seconds =
      history({{"wsfleet_connections", {{"uid", "a"}, {"job", "x"}}, {{0, 1}, {2, 9}}},
               {"wsfleet_connections", {{"uid", "a"}, {"job", "y"}}, {{1, 4}}}},
              2);
  EXPECT_THAT(levels(seconds, "a"), ElementsAre(4, 9));
}

TEST(FleetHistory, WhatIsNoServerOrNoSampleIsLeftOut) {
  const auto seconds =
      history({{"wsfleet_connections", {{"pod", "x"}}, {{0, 1}}},
               {"wsfleet_connections", {{"uid", ""}}, {{0, 1}}},
               {"wsfleet_connections", kPodA, {{1, -1}, {2, 3}}},
               {"process_cpu_seconds_total", {{"uid", "prometheus"}}, {{0, 1}, {1, 2}, {2, 3}}}},
              2);
  EXPECT_THAT(seconds[0], IsEmpty());
  EXPECT_THAT(seconds[1], ElementsAre(Pair("a", PodSecond{.connections = 3})));
}

TEST(FleetHistory, LongRangesAreAskedForInPieces) {
  std::vector<Series> series = {{"wsfleet_connections", kPodA, {}},
                                {"process_cpu_seconds_total", kPodA, {}}};
  for (int i = 0; i <= 500; ++i) {
    series[0].scrapes[i] = i;
    series[1].scrapes[i] = i / 4.0;
  }
  Scraped scraped(series);
  FleetHistoryRequest request{.matchers = R"(namespace="chat")",
                              .start = kStart,
                              .end = kStart + 500 * kSecond,
                              .chunk = 100 * kSecond};
  const auto read =
      read_fleet_history([&](const std::string& target) { return scraped(target); }, request);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_THAT(*read, SizeIs(500));
  for (std::size_t i = 0; i < read->size(); ++i) {
    ASSERT_EQ((*read)[i].at("a").connections, static_cast<double>(i + 1)) << i;
    ASSERT_EQ((*read)[i].at("a").cpu_s, 0.25) << i;
  }
  EXPECT_THAT(scraped.targets, SizeIs(4 * 6));
  EXPECT_THAT(scraped.targets[0],
              HasSubstr(percent_encode(R"(wsfleet_connections{namespace="chat"})")));
  EXPECT_THAT(scraped.targets[0], HasSubstr("&start=1700000000.000&end=1700000099.000&step=1.000"));
  EXPECT_THAT(scraped.targets[5], HasSubstr("&start=1700000500.000&end=1700000500.000"));
}

TEST(FleetHistory, ErrorsArePassedOn) {
  const FleetHistoryRequest request{.start = kStart, .end = kStart + 5 * kSecond};
  const auto away = read_fleet_history(
      [](const std::string&) -> Result<HttpResponse> {
        return fail(ErrorKind::unavailable, "nobody there");
      },
      request);
  EXPECT_EQ(away.error().message, "nobody there");
  const auto refused = read_fleet_history(
      [](const std::string&) -> Result<HttpResponse> {
        return HttpResponse{503, "no endpoints"};
      },
      request);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(refused.error().message, "Prometheus answered 503: no endpoints");
}

}  // namespace
}  // namespace wsfleet
