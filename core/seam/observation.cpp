// SPDX-License-Identifier: Apache-2.0
#include "core/seam/observation.h"

#include <climits>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace wsfleet {
namespace {

using nlohmann::json;

const char* name_of(PodPhase phase) {
  switch (phase) {
    case PodPhase::pending:
      return "Pending";
    case PodPhase::running:
      return "Running";
    case PodPhase::failed:
      break;
  }
  return "Failed";
}

const char* name_of(MetricsStatus status) {
  switch (status) {
    case MetricsStatus::ok:
      return "ok";
    case MetricsStatus::empty:
      return "empty";
    case MetricsStatus::error:
      break;
  }
  return "error";
}

json optional_number(const std::optional<double>& value) {
  return value ? json(*value) : json(nullptr);
}

json pod_to_json(const PodObservation& pod) {
  return {{"name", pod.name},
          {"uid", pod.uid},
          {"node", pod.node},
          {"phase", name_of(pod.phase)},
          {"ready", pod.ready},
          {"terminating", pod.terminating},
          {"draining", pod.draining},
          {"restarts", pod.restarts},
          {"started_s", pod.started_s},
          {"connections", optional_number(pod.connections)},
          {"sample_age_s", optional_number(pod.sample_age_s)}};
}

// Reads the keys of one object. Throws std::invalid_argument with the key's path ("pods[1].ready");
// observation_from_json turns it into an Error.
class Reader {
 public:
  Reader(const json& object, const std::string& path)
      : object_(object), prefix_(path.empty() ? path : path + ".") {
    if (object.is_object()) return;
    const std::string place = path.empty() ? path : "'" + path + "' ";
    throw std::invalid_argument(place + "must be an object, not " + describe(object));
  }

  const json& at(const std::string& key) const {
    const auto found = object_.find(key);
    if (found != object_.end()) return *found;
    throw std::invalid_argument("'" + prefix_ + key + "' is missing");
  }

  const json& array(const std::string& key) const {
    return at(key).is_array() ? at(key) : wrong(key, "an array");
  }
  std::string string(const std::string& key) const {
    return (at(key).is_string() ? at(key) : wrong(key, "a string")).get<std::string>();
  }
  bool boolean(const std::string& key) const {
    return (at(key).is_boolean() ? at(key) : wrong(key, "true or false")).get<bool>();
  }
  double number(const std::string& key) const {
    return (at(key).is_number() ? at(key) : wrong(key, "a number")).get<double>();
  }
  int whole_number(const std::string& key) const {
    const double value = at(key).is_number() ? number(key) : std::nan("");
    if (value != std::floor(value) || !(std::abs(value) <= INT_MAX)) wrong(key, "a whole number");
    return static_cast<int>(value);
  }
  std::optional<double> number_or_null(const std::string& key) const {
    if (!has(key) || at(key).is_null()) return std::nullopt;
    return number(key);
  }
  template <class Value>
  Value one_of(const std::string& key,
               std::initializer_list<std::pair<const char*, Value>> choices) const {
    const std::string text = string(key);
    std::string names;
    for (const auto& [name, value] : choices) {
      if (text == name) return value;
      names += names.empty() ? name : std::string(", ") + name;
    }
    throw std::invalid_argument("'" + prefix_ + key + "' must be one of " + names + ", not '" +
                                text + "'");
  }

  bool has(const std::string& key) const { return object_.contains(key); }

 private:
  static std::string describe(const json& value) {
    if (value.is_null()) return "null";
    if (value.is_number()) return value.dump();
    if (value.is_boolean()) return value.dump();
    return std::string(value.is_string() ? "a " : "an ") + value.type_name();
  }
  [[noreturn]] const json& wrong(const std::string& key, const char* expected) const {
    throw std::invalid_argument("'" + prefix_ + key + "' must be " + expected + ", not " +
                                describe(at(key)));
  }

  const json& object_;
  std::string prefix_;
};

PodObservation pod_from(const Reader& reader) {
  PodObservation pod;
  pod.name = reader.string("name");
  pod.uid = reader.string("uid");
  pod.phase = reader.one_of<PodPhase>("phase", {{"Pending", PodPhase::pending},
                                                {"Running", PodPhase::running},
                                                {"Failed", PodPhase::failed}});
  pod.ready = reader.boolean("ready");
  if (reader.has("node")) pod.node = reader.string("node");
  if (reader.has("terminating")) pod.terminating = reader.boolean("terminating");
  if (reader.has("draining")) pod.draining = reader.boolean("draining");
  if (reader.has("restarts")) pod.restarts = reader.whole_number("restarts");
  if (reader.has("started_s")) pod.started_s = reader.number("started_s");
  pod.connections = reader.number_or_null("connections");
  pod.sample_age_s = reader.number_or_null("sample_age_s");
  return pod;
}

}  // namespace

json to_json(const Observation& observation) {
  json pods = json::array();
  for (const PodObservation& pod : observation.pods) pods.push_back(pod_to_json(pod));
  return {{"time_s", observation.time_s},
          {"replicas", observation.replicas},
          {"status_replicas", observation.status_replicas},
          {"metrics", name_of(observation.metrics)},
          {"pods", std::move(pods)}};
}

json to_json(const Decision& decision) {
  json shed = json::array();
  for (const ShedOrder& order : decision.shed) {
    shed.push_back({{"uid", order.uid}, {"share", order.share}});
  }
  return {{"replicas", decision.replicas ? json(*decision.replicas) : json(nullptr)},
          {"drain", decision.drain},
          {"shed", std::move(shed)},
          {"deletion_costs", decision.deletion_costs},
          {"reason", decision.reason}};
}

json decision_record(const Observation& observation, const Decision& decision) {
  json record = to_json(observation);
  record["decision"] = to_json(decision);
  record["held"] = nullptr;
  if (decision.held) {
    record["held"] = {{"reason", decision.held->reason},
                      {"text", decision.held->text},
                      {"what", decision.held->what}};
  }
  return record;
}

Result<Observation> observation_from_json(const json& object) {
  Observation observation;
  try {
    const Reader reader(object, "");
    observation.time_s = reader.number("time_s");
    observation.replicas = reader.whole_number("replicas");
    observation.status_replicas = reader.has("status_replicas")
                                      ? reader.whole_number("status_replicas")
                                      : observation.replicas;
    observation.metrics =
        reader.one_of<MetricsStatus>("metrics", {{"ok", MetricsStatus::ok},
                                                 {"empty", MetricsStatus::empty},
                                                 {"error", MetricsStatus::error}});
    for (const json& pod : reader.array("pods")) {
      const std::string path = "pods[" + std::to_string(observation.pods.size()) + "]";
      observation.pods.push_back(pod_from(Reader(pod, path)));
    }
  } catch (const std::exception& exception) {
    return fail(std::string("observation: ") + exception.what());
  }
  return observation;
}

Result<Decision> decision_from_json(const json& object) {
  Decision decision;
  try {
    const Reader reader(object, "");
    if (!reader.at("replicas").is_null()) decision.replicas = reader.whole_number("replicas");
    for (const json& uid : reader.array("drain")) decision.drain.push_back(uid.get<std::string>());
    for (const json& order : reader.array("shed")) {
      const Reader one(order, "shed[" + std::to_string(decision.shed.size()) + "]");
      decision.shed.push_back({one.string("uid"), one.number("share")});
    }
    for (const auto& [uid, cost] : reader.at("deletion_costs").items()) {
      decision.deletion_costs[uid] = cost.get<int>();
    }
    decision.reason = reader.string("reason");
  } catch (const std::exception& exception) {
    return fail(std::string("decision: ") + exception.what());
  }
  return decision;
}

Result<Decision> decision_from_record(const json& object) {
  try {
    const Reader reader(object, "");
    Result<Decision> decision = decision_from_json(reader.at("decision"));
    if (!decision || !reader.has("held") || reader.at("held").is_null()) return decision;
    const Reader held(reader.at("held"), "held");
    decision->held = {held.string("reason"), held.string("text"),
                      held.array("what").get<std::vector<std::string>>()};
    return decision;
  } catch (const std::exception& exception) {
    return fail(std::string("decision: ") + exception.what());
  }
}

}  // namespace wsfleet
