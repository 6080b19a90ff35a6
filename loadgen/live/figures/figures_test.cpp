// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/figures/figures.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "loadgen/live/figures/figures_json.h"

namespace wsfleet {
namespace {

LoadFigures one_session() {
  LoadFigures figures;
  figures.add(kSecond / 2, Figure::sessions_started);
  figures.add(kSecond / 2, Figure::attempts_started);
  figures.add(kSecond / 2 + 1, Figure::opened);
  figures.add(3 * kSecond, Figure::messages_sent, 5);
  figures.add(3 * kSecond, Figure::messages_received, 4);
  figures.add(3 * kSecond, Figure::messages_lost, 1);
  figures.add(3 * kSecond, Figure::closed_1012);
  figures.add(3 * kSecond, Figure::sessions_lost);
  ++figures.close_codes[1012];
  figures.histograms.message_latency.record(1000, 4);
  figures.histograms.message_latency.record_infinite();
  figures.late(3 * kSecond, 77);
  figures.threads = {{0.5, 4.0}};
  figures.sessions.add(1, kSecond / 2, kMinute);
  return figures;
}

TEST(Figures, EachHasItsOwnNameAndAMeaning) {
  std::set<std::string> names;
  for (const FigureInfo& info : figure_info()) {
    ASSERT_NE(info.name, nullptr);
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_GT(std::string(info.meaning).size(), 0U) << info.name;
  }
  const auto name = [](Figure figure) {
    return std::string(figure_info()[static_cast<std::size_t>(figure)].name);
  };
  EXPECT_EQ(name(Figure::sessions_started), "sessions_started");
  EXPECT_EQ(name(Figure::refused_1013), "refused_1013");
  EXPECT_EQ(name(Figure::failed_other), "failed_other");
  EXPECT_EQ(name(Figure::closed_1012), "closed_1012");
  EXPECT_EQ(name(Figure::closed_close_timeout), "closed_close_timeout");
  EXPECT_EQ(name(Figure::bytes_received), "bytes_received");
}

TEST(Figures, ASecondHasItsRowAndQuietOnesToo) {
  const LoadFigures figures = one_session();
  ASSERT_EQ(figures.rows().size(), 4U);
  EXPECT_EQ(count(figures.rows()[0].counts, Figure::opened), 1);
  EXPECT_EQ(count(figures.rows()[3].counts, Figure::messages_sent), 5);
  EXPECT_EQ(figures.rows()[2].counts, Counts{});
  EXPECT_EQ(figures.rows()[3].lateness_max, 77);
}

TEST(Figures, SecondsBeforeTheStartAreNegative) {
  LoadFigures figures;
  figures.add(-1, Figure::opened);
  figures.add(-kSecond, Figure::opened);
  figures.add(0, Figure::opened);
  ASSERT_EQ(figures.rows().size(), 2U);
  EXPECT_EQ(figures.rows()[0].time_s, -1);
  EXPECT_EQ(count(figures.rows()[0].counts, Figure::opened), 2);
  EXPECT_EQ(figures.rows()[1].time_s, 0);
}

TEST(Figures, TotalsAreTheSumsOfTheRows) {
  const Counts sums = one_session().totals();
  EXPECT_EQ(count(sums, Figure::messages_sent), 5);
  EXPECT_EQ(closed(sums), 1);
  EXPECT_EQ(attempts_ended(sums), 1);
  EXPECT_EQ(refused(sums), 0);
}

TEST(Figures, MergingIsAdding) {
  LoadFigures first = one_session();
  LoadFigures second;
  second.add(-kSecond, Figure::attempts_started);
  second.add(0, Figure::refused_503, 2);
  second.add(5 * kSecond, Figure::messages_sent, 7);
  second.left.connections_open = 3;
  second.close_codes[1012] = 4;
  second.histograms.message_latency.record(2000);
  second.threads = {{0.25, 4.0}};
  second.sessions.add(2, 0, kMinute);
  first.merge(second);
  ASSERT_EQ(first.rows().size(), 7U);
  EXPECT_EQ(first.rows().front().time_s, -1);
  const Counts sums = first.totals();
  EXPECT_EQ(count(sums, Figure::messages_sent), 12);
  EXPECT_EQ(count(sums, Figure::attempts_started), 2);
  EXPECT_EQ(refused(sums), 2);
  EXPECT_EQ(first.left.connections_open, 3);
  EXPECT_EQ(first.close_codes[1012], 5);
  EXPECT_EQ(first.histograms.message_latency.count(), 6);
  EXPECT_EQ(first.threads.size(), 2U);
  EXPECT_EQ(first.sessions.sessions(), 2);
  first.add(5 * kSecond, Figure::messages_sent);  // goes on where the merged rows end
  EXPECT_EQ(count(first.totals(), Figure::messages_sent), 13);
}

TEST(Figures, WhatIsBegunMustBeAccountedFor) {
  LoadFigures figures = one_session();
  EXPECT_TRUE(figures.imbalances().empty());
  figures.add(4 * kSecond, Figure::attempts_started);
  ASSERT_EQ(figures.imbalances().size(), 1U);
  EXPECT_EQ(figures.imbalances()[0], "attempts: 2 begun, 1 accounted for");
  figures.add(4 * kSecond, Figure::opened);
  EXPECT_EQ(figures.imbalances()[0], "connections: 2 begun, 1 accounted for");
  figures.left.connections_open = 1;
  EXPECT_EQ(figures.imbalances()[0], "sessions: 1 begun, 2 accounted for");
  figures.add(4 * kSecond, Figure::sessions_started);
  EXPECT_TRUE(figures.imbalances().empty());
  figures.add(4 * kSecond, Figure::messages_sent);
  EXPECT_EQ(figures.imbalances()[0], "messages: 6 begun, 5 accounted for");
  figures.replies_expected = false;
  EXPECT_TRUE(figures.imbalances().empty());
}

TEST(Figures, EveryFigureTakesPartInOneBalanceSum) {
  // A new refused_*, failed_* or closed_* figure is in the sums by its name alone.
  for (std::size_t i = 0; i < kFigures; ++i) {
    Counts counts{};
    counts[i] = 1;
    const std::string name = figure_info()[i].name;
    EXPECT_EQ(refused(counts), name.starts_with("refused_") ? 1 : 0) << name;
    EXPECT_EQ(failed(counts), name.starts_with("failed_") ? 1 : 0) << name;
    EXPECT_EQ(closed(counts), name.starts_with("closed_") ? 1 : 0) << name;
  }
}

TEST(Figures, CodesWithoutAFigureAreOtherOnes) {
  EXPECT_EQ(closed_by_code(1012), Figure::closed_1012);
  EXPECT_EQ(closed_by_code(1005), Figure::closed_no_code);
  EXPECT_EQ(closed_by_code(4001), Figure::closed_other_code);
}

TEST(FiguresJson, NothingIsLostOnTheWay) {
  LoadFigures figures = one_session();
  figures.left = {1, 2, 3, 4};
  figures.replies_expected = false;
  const auto read = figures_from_json(nlohmann::json::parse(figures_to_json(figures).dump()));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(figures_to_json(*read), figures_to_json(figures));
  EXPECT_EQ(read->totals(), figures.totals());
  EXPECT_EQ(read->sessions, figures.sessions);
}

TEST(FiguresJson, AnEarlierVersionsRowsHaveFewerFigures) {
  nlohmann::json json = figures_to_json(one_session());
  json.erase("session_digest");
  auto& columns = json["seconds"]["columns"];
  const auto late = std::find(columns.begin(), columns.end(), "messages_late") - columns.begin();
  columns.erase(static_cast<std::size_t>(late));
  for (auto& row : json["seconds"]["rows"]) row.erase(static_cast<std::size_t>(late));
  const auto read = figures_from_json(json);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->totals(), one_session().totals());
  EXPECT_EQ(read->sessions.value(), 0U);
}

TEST(FiguresJson, CausesStandUnderTheirOwnNames) {
  const nlohmann::json json = figures_to_json(one_session());
  EXPECT_EQ(json["connections"]["closed"]["1012"], 1);
  EXPECT_EQ(json["connections"]["close_codes"]["1012"], 1);
  EXPECT_EQ(json["attempts"]["refused"]["503"], 0);
  EXPECT_EQ(json["messages"]["lost"], 1);
}

TEST(FiguresJson, AMissingKeyIsAnErrorThatNamesIt) {
  nlohmann::json json = figures_to_json(one_session());
  json["histograms"].erase("message_latency");
  const auto read = figures_from_json(json);
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().message.find("message_latency"), std::string::npos);
  json = figures_to_json(one_session());
  json["seconds"]["columns"][1] = "others";
  EXPECT_FALSE(figures_from_json(json).has_value());
  json = figures_to_json(one_session());
  json["seconds"]["rows"][1][0] = 9;
  EXPECT_FALSE(figures_from_json(json).has_value());
  EXPECT_FALSE(figures_from_json(nlohmann::json::array()).has_value());
}

TEST(FiguresCsv, ARowPerSecondWithTheConnectionsOpenAtItsEnd) {
  const std::string csv = figures_to_csv(one_session());
  std::istringstream lines(csv);
  std::string header;
  std::getline(lines, header);
  EXPECT_TRUE(header.starts_with("time_s,connections,sessions_started,")) << header;
  EXPECT_TRUE(header.ends_with(",lateness_max_s")) << header;
  std::vector<std::string> rows;
  for (std::string row; std::getline(lines, row);) rows.push_back(row);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_TRUE(rows[0].starts_with("0,1,1,")) << rows[0];
  EXPECT_TRUE(rows[3].starts_with("3,0,0,")) << rows[3];
  EXPECT_EQ(std::count(header.begin(), header.end(), ','),
            std::count(rows[0].begin(), rows[0].end(), ','));
}

}  // namespace
}  // namespace wsfleet
