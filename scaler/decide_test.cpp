// SPDX-License-Identifier: Apache-2.0
#include "scaler/decide.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "scaler/policies/hpa.h"
#include "scaler/policies/testing/observation_builder.h"

namespace wsfleet {
namespace {

using nlohmann::json;

HpaPolicy hpa() {
  HpaSettings settings;
  settings.target.milli_connections = 100'000;
  settings.bounds = {1, 100};
  return HpaPolicy(settings);
}

std::vector<Observation> sequence() {
  return {fleet(0, 2, 2000), fleet(15, 6, 900), fleet(30, 12, 40), fleet(400, 12, 40)};
}

std::string as_lines(const std::vector<Observation>& observations) {
  std::string text;
  for (const Observation& observation : observations) text += to_json(observation).dump() + "\n";
  return text;
}

struct Outcome {
  Result<void> result;
  std::vector<json> decisions;
};

Outcome run(const std::string& input, Policy& policy) {
  std::istringstream in(input);
  std::ostringstream out;
  Outcome outcome{decide_stream(in, out, policy), {}};
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    outcome.decisions.push_back(json::parse(line));
  }
  return outcome;
}

TEST(DecideStream, WhatAScalerTellsBesideItsDecisionsIsSkipped) {
  HpaPolicy policy = hpa();
  const std::string told =
      R"({"at": "2026-01-01T00:00:15.000Z", "event": {"time_s": 9, "kind": "scaled"}})"
      "\n";
  const Outcome outcome = run(told + as_lines(sequence()) + told, policy);
  EXPECT_TRUE(outcome.result) << outcome.result.error().message;
  EXPECT_EQ(outcome.decisions.size(), sequence().size());
}

TEST(DecideStream, AnswersLineByLineWithStateCarryingOver) {
  HpaPolicy streamed = hpa();
  HpaPolicy direct = hpa();
  const Outcome outcome = run(as_lines(sequence()), streamed);
  ASSERT_TRUE(outcome.result);
  ASSERT_EQ(outcome.decisions.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(outcome.decisions[i], to_json(direct.decide(sequence()[i]))) << i;
  }
  EXPECT_EQ(outcome.decisions[0]["replicas"], 6);
  EXPECT_TRUE(outcome.decisions[2]["replicas"].is_null());  // the down-window remembers line 2
}

TEST(DecideStream, ReadsRecordedDecisionLines) {
  std::string lines;
  for (const Observation& observation : sequence()) {
    lines += json{{"observation", to_json(observation)}, {"decision", to_json(Decision{})}}.dump();
    lines += "\r\n\n";
  }
  HpaPolicy recorded = hpa();
  HpaPolicy bare = hpa();
  EXPECT_EQ(run(lines, recorded).decisions, run(as_lines(sequence()), bare).decisions);
}

TEST(DecideStream, StoppedAndRestoredEqualsContinuing) {
  const std::vector<Observation> all = sequence();
  HpaPolicy whole = hpa();
  const std::vector<json> expected = run(as_lines(all), whole).decisions;
  HpaPolicy first = hpa();
  std::vector<json> decisions = run(as_lines({all[0], all[1]}), first).decisions;
  HpaPolicy second = hpa();
  ASSERT_TRUE(second.restore(json::parse(first.state().dump())));
  for (const json& decision : run(as_lines({all[2], all[3]}), second).decisions) {
    decisions.push_back(decision);
  }
  EXPECT_EQ(decisions, expected);
  EXPECT_EQ(second.state(), whole.state());
}

TEST(DecideStream, EmptyInputIsFine) {
  HpaPolicy policy = hpa();
  const Outcome outcome = run("", policy);
  EXPECT_TRUE(outcome.result);
  EXPECT_TRUE(outcome.decisions.empty());
}

TEST(DecideStream, MistakesNameTheirLineAndKeepEarlierDecisions) {
  const std::string good = as_lines({fleet(0, 2, 100)});
  const std::pair<std::string, std::string> cases[] = {
      {"{\"time_s\": 15,", "line 3: not JSON"},
      {"[1, 2]", "line 3: an observation must be an object, not array"},
      {"{\"time_s\": 15, \"metrics\": \"ok\", \"pods\": []}", "replicas"},
      {"{\"observation\": 7}", "line 3: "},
  };
  for (const auto& [bad, expected] : cases) {
    HpaPolicy policy = hpa();
    const Outcome outcome = run(good + "\n" + bad + "\n" + good, policy);
    ASSERT_FALSE(outcome.result) << bad;
    EXPECT_EQ(outcome.result.error().message.rfind("line 3: ", 0), 0u);
    EXPECT_NE(outcome.result.error().message.find(expected), std::string::npos)
        << outcome.result.error().message;
    EXPECT_EQ(outcome.decisions.size(), 1u);
  }
}

TEST(DecideStream, TimeMustNotRunBackwards) {
  HpaPolicy policy = hpa();
  const Outcome outcome = run(as_lines({fleet(30, 2, 100), fleet(15, 2, 100)}), policy);
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().message,
            "line 2: time_s 15 comes before the 30 of an earlier line");
}

TEST(DecideStream, OutputThatCantBeWrittenIsAnError) {
  HpaPolicy policy = hpa();
  std::istringstream in(as_lines(sequence()));
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  EXPECT_FALSE(decide_stream(in, out, policy));
}

}  // namespace
}  // namespace wsfleet
