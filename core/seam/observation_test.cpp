// SPDX-License-Identifier: Apache-2.0
// Observations and decisions as JSON: the documented form, the way back, and errors that name the
// key.
#include "core/seam/observation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Observation two_pods() {
  Observation observation;
  observation.time_s = 15.5;
  observation.replicas = 3;
  observation.status_replicas = 2;
  observation.metrics = MetricsStatus::ok;
  PodObservation running;
  running.name = "websocket-0";
  running.uid = "u1";
  running.node = "node-4";
  running.phase = PodPhase::running;
  running.ready = true;
  running.terminating = true;
  running.draining = true;
  running.restarts = 2;
  running.started_s = 3.25;
  running.connections = 180;
  running.sample_age_s = 7.5;
  PodObservation pending;
  pending.name = "websocket-1";
  pending.uid = "u2";
  observation.pods = {running, pending};
  return observation;
}

// The form that docs/formats/observations.md promises.
const char* const kTwoPods = R"({
  "time_s": 15.5, "replicas": 3, "status_replicas": 2, "metrics": "ok",
  "pods": [
    {"name": "websocket-0", "uid": "u1", "node": "node-4", "phase": "Running", "ready": true,
     "terminating": true, "draining": true, "restarts": 2, "started_s": 3.25, "connections": 180.0,
     "sample_age_s": 7.5},
    {"name": "websocket-1", "uid": "u2", "node": "", "phase": "Pending", "ready": false,
     "terminating": false, "draining": false, "restarts": 0, "started_s": 0.0, "connections": null,
     "sample_age_s": null}]})";

std::string message_for(const json& object) {
  const Result<Observation> observation = observation_from_json(object);
  return observation ? "no error" : observation.error().message;
}

TEST(ObservationJson, HasTheDocumentedForm) {
  EXPECT_EQ(to_json(two_pods()), json::parse(kTwoPods));
}

TEST(ObservationJson, EveryFieldComesBack) {
  const Result<Observation> read = observation_from_json(json::parse(kTwoPods));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->time_s, 15.5);
  EXPECT_EQ(read->replicas, 3);
  EXPECT_EQ(read->status_replicas, 2);
  EXPECT_EQ(read->metrics, MetricsStatus::ok);
  ASSERT_EQ(read->pods.size(), 2U);
  const PodObservation& first = read->pods[0];
  EXPECT_EQ(first.name, "websocket-0");
  EXPECT_EQ(first.uid, "u1");
  EXPECT_EQ(first.node, "node-4");
  EXPECT_EQ(first.phase, PodPhase::running);
  EXPECT_TRUE(first.ready);
  EXPECT_TRUE(first.terminating);
  EXPECT_TRUE(first.draining);
  EXPECT_EQ(first.restarts, 2);
  EXPECT_EQ(first.started_s, 3.25);
  EXPECT_EQ(first.connections, 180.0);
  EXPECT_EQ(first.sample_age_s, 7.5);
  EXPECT_EQ(read->pods[1].phase, PodPhase::pending);
  EXPECT_EQ(read->pods[1].connections, std::nullopt);
  EXPECT_EQ(read->pods[1].sample_age_s, std::nullopt);
  EXPECT_EQ(to_json(*read), json::parse(kTwoPods));
}

TEST(ObservationJson, KnowsEveryPhaseAndStatus) {
  for (const char* const phase : {"Pending", "Running", "Failed"}) {
    for (const char* const metrics : {"ok", "empty", "error"}) {
      json object = json::parse(kTwoPods);
      object["metrics"] = metrics;
      object["pods"][1]["phase"] = phase;
      const Result<Observation> read = observation_from_json(object);
      ASSERT_TRUE(read.has_value()) << read.error().message;
      EXPECT_EQ(to_json(*read), object);
    }
  }
}

// What a person types for `wsfleet decide`.
TEST(ObservationJson, TheLeastThatIsNeeded) {
  const Result<Observation> read = observation_from_json(json::parse(
      R"({"time_s": 0, "replicas": 2, "metrics": "empty", "later": [1],
          "pods": [{"name": "a", "uid": "b", "phase": "Failed", "ready": false, "zone": "z"}]})"));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->status_replicas, 2);  // as spec.replicas
  ASSERT_EQ(read->pods.size(), 1U);
  EXPECT_EQ(read->pods[0].node, "");
  EXPECT_EQ(read->pods[0].restarts, 0);
  EXPECT_EQ(read->pods[0].connections, std::nullopt);
}

TEST(ObservationJson, AMissingKeyIsNamed) {
  for (const std::string key : {"time_s", "replicas", "metrics", "pods"}) {
    json object = json::parse(kTwoPods);
    object.erase(key);
    EXPECT_THAT(message_for(object), HasSubstr("'" + key + "'"));
  }
  for (const std::string key : {"name", "uid", "phase", "ready"}) {
    json object = json::parse(kTwoPods);
    object["pods"][1].erase(key);
    EXPECT_THAT(message_for(object), HasSubstr("'pods[1]." + key + "'"));
  }
}

TEST(ObservationJson, AMistypedKeyIsNamed) {
  const std::vector<std::pair<std::string, std::vector<json>>> wrong{
      {"/time_s", {"0", nullptr, true, json::array()}},
      {"/replicas", {"3", nullptr, true, 2.5, 1e30, -3000000000LL, 18446744073709551615ULL}},
      {"/status_replicas", {"3", nullptr, false, 2.5}},
      {"/metrics", {1, nullptr, "OK", ""}},
      {"/pods", {nullptr, 5, "none", json::object(), {{"a", json::object()}}}},
      {"/pods/0", {nullptr, 5, "pod", json::array()}},
      {"/pods/0/name", {1, nullptr}},
      {"/pods/0/uid", {1, nullptr}},
      {"/pods/0/node", {1, nullptr}},
      {"/pods/0/phase", {"Unknown", "running", 1, nullptr}},
      {"/pods/0/ready", {1, "true", nullptr}},
      {"/pods/0/terminating", {0, "no", nullptr}},
      {"/pods/0/draining", {0, "no", nullptr}},
      {"/pods/0/restarts", {"2", 0.5, true}},
      {"/pods/0/started_s", {"2", true}},
      {"/pods/0/connections", {"180", true, json::array()}},
      {"/pods/0/sample_age_s", {"7.5", false, json::object()}},
  };
  for (const auto& [pointer, values] : wrong) {
    // "/pods/0/name" is shown as 'pods[0].name'.
    std::string shown = pointer.substr(1);
    if (const std::size_t at = shown.find("/0"); at != std::string::npos) {
      shown.replace(at, 2, "[0]");
    }
    if (const std::size_t at = shown.find('/'); at != std::string::npos) shown[at] = '.';
    for (const json& value : values) {
      json object = json::parse(kTwoPods);
      object[json::json_pointer(pointer)] = value;
      const std::string message = message_for(object);
      EXPECT_THAT(message, HasSubstr("observation: '" + shown + "'")) << value;
      EXPECT_EQ(message.find("json.exception"), std::string::npos) << message;
    }
  }
}

TEST(ObservationJson, WrongWordsListTheRightOnes) {
  json object = json::parse(kTwoPods);
  object["pods"][1]["phase"] = "Unknown";
  EXPECT_EQ(message_for(object),
            "observation: 'pods[1].phase' must be one of Pending, Running, Failed, not 'Unknown'");
  object = json::parse(kTwoPods);
  object["metrics"] = "stale";
  EXPECT_EQ(message_for(object),
            "observation: 'metrics' must be one of ok, empty, error, not 'stale'");
  object = json::parse(kTwoPods);
  object["replicas"] = "three";
  EXPECT_EQ(message_for(object), "observation: 'replicas' must be a whole number, not a string");
}

TEST(ObservationJson, AnythingButAnObjectIsRefused) {
  for (const json& value : {json(nullptr), json(1), json("x"), json::array()}) {
    EXPECT_THAT(message_for(value), HasSubstr("observation: must be an object")) << value;
  }
}

TEST(ObservationJson, WholeNumbersMayBeWrittenAsFloats) {
  json object = json::parse(kTwoPods);
  object["replicas"] = 3.0;  // as JavaScript and jq may print them
  object["time_s"] = 15;
  const Result<Observation> read = observation_from_json(object);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->replicas, 3);
  EXPECT_EQ(read->time_s, 15);
}

TEST(DecisionJson, HasTheDocumentedForm) {
  Decision decision;
  EXPECT_TRUE(decision.changes_nothing());
  EXPECT_EQ(to_json(decision), json::parse(R"({"replicas": null, "drain": [], "shed": [],
                                               "deletion_costs": {}, "reason": ""})"));
  decision.replicas = 4;
  decision.drain = {"u1", "u2"};
  decision.shed = {{"u3", 0.25}};
  decision.deletion_costs = {{"u1", -10}, {"u2", 5}};
  decision.reason = "90.0 per pod is over the target of 50";
  EXPECT_EQ(to_json(decision), json::parse(R"({"replicas": 4, "drain": ["u1", "u2"],
                            "shed": [{"uid": "u3", "share": 0.25}],
                            "deletion_costs": {"u1": -10, "u2": 5},
                            "reason": "90.0 per pod is over the target of 50"})"));
}

TEST(Decision, AnyVerbChangesSomething) {
  Decision decision;
  decision.reason = "a reason alone does not";
  EXPECT_TRUE(decision.changes_nothing());
  decision.replicas = 0;
  EXPECT_FALSE(decision.changes_nothing());
  EXPECT_FALSE((Decision{{}, {"u"}, {}, {}, ""}.changes_nothing()));
  EXPECT_FALSE((Decision{{}, {}, {{"u", 1}}, {}, ""}.changes_nothing()));
  EXPECT_FALSE((Decision{{}, {}, {}, {{"u", 1}}, ""}.changes_nothing()));
}

TEST(DecisionFromJson, ReadsWhatToJsonWrites) {
  Decision decision;
  decision.replicas = 4;
  decision.drain = {"u1"};
  decision.shed = {{"u2", 0.25}};
  decision.deletion_costs = {{"u1", -5}};
  decision.reason = "180 connections on 3 pods";
  const auto read = decision_from_json(to_json(decision));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(decision));
  decision.replicas.reset();
  const auto holding = decision_from_json(to_json(decision));
  ASSERT_TRUE(holding);
  EXPECT_FALSE(holding->replicas);
}

TEST(DecisionFromJson, NamesWhatIsWrong) {
  json object = to_json(Decision{});
  object["replicas"] = 1.5;
  const auto decision = decision_from_json(object);
  ASSERT_FALSE(decision);
  EXPECT_THAT(decision.error().message, HasSubstr("'replicas' must be a whole number"));
}

TEST(DecisionRecord, HasTheDocumentedForm) {
  Decision decision;
  decision.replicas = 1;
  json expected = to_json(Observation{});
  expected["decision"] = to_json(decision);
  expected["held"] = nullptr;
  EXPECT_EQ(decision_record({}, decision), expected);
  decision.held = {"metrics_error", "the metrics can't be read", {"replicas"}};
  expected["held"] = json::parse(
      R"({"reason": "metrics_error", "text": "the metrics can't be read", "what": ["replicas"]})");
  EXPECT_EQ(decision_record({}, decision), expected);
}

TEST(DecisionRecord, IsReadBackWithWhatWasHeld) {
  Decision decision;
  decision.drain = {"u1"};
  const auto done = decision_from_record(decision_record({}, decision));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_FALSE(done->held);
  decision.held = {"new_leader", "", {"drain"}};
  const auto held = decision_from_record(decision_record({}, decision));
  ASSERT_TRUE(held) << held.error().message;
  EXPECT_EQ(held->drain, decision.drain);
  ASSERT_TRUE(held->held);
  EXPECT_EQ(held->held->reason, "new_leader");
  EXPECT_EQ(held->held->what, decision.held->what);
  // A line of an older version.
  json old = decision_record({}, {});
  old.erase("held");
  EXPECT_TRUE(decision_from_record(old));
}

TEST(DecisionRecord, NamesWhatIsWrong) {
  json record = decision_record({}, {});
  record["held"] = "metrics_error: the metrics can't be read";
  const auto text = decision_from_record(record);
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("'held' must be an object"), std::string::npos);
  record.erase("decision");
  EXPECT_EQ(decision_from_record(record).error().message, "decision: 'decision' is missing");
}

}  // namespace
}  // namespace wsfleet
