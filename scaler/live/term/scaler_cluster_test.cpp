// SPDX-License-Identifier: Apache-2.0
// wsfleet-scaler as processes against an API server that a script plays: election, decisions,
// failover, a dry run. The real API server is in the end-to-end tests.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cluster/kubernetes/testing/lease_in_memory.h"
#include "cluster/kubernetes/testing/scripted_api_server.h"
#include "core/live/entropy.h"
#include "core/live/live_clock.h"
#include "core/net/testing/raw_server.h"
#include "core/process/testing/child_process.h"
#include "core/seam/fleet_event.h"
#include "core/seam/observation.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::string scratch_file(const std::string& name, const std::string& text) {
  std::string path = testing::TempDir() + "wsfleet-" + random_uuid() + "-" + name;
  std::ofstream(path) << text;
  return path;
}

/// A namespace with a StatefulSet whose pods run as soon as they are asked for, and a Lease.
class Namespace {
 public:
  ScriptedAnswer answer(const ScriptedRequest& request) {
    if (request.target.find("/leases") != std::string::npos) return lease_answer(request);
    if (request.target.find("/pods") != std::string::npos) return {200, pods()};
    if (request.target.find("/events") != std::string::npos) {
      const std::lock_guard lock(mutex_);
      if (request.method == "POST") events_.push_back(json::parse(request.body));
      return {200, request.body};
    }
    if (request.method == "PATCH") return scale(json::parse(request.body));
    return {200, json{{"metadata", {{"uid", "w"}, {"resourceVersion", std::to_string(version)}}},
                      {"spec", {{"replicas", replicas.load()}}},
                      {"status", {{"replicas", replicas.load()}}}}
                     .dump()};
  }

  std::vector<std::string> event_reasons() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> reasons;
    for (const json& event : events_) reasons.push_back(event["reason"]);
    return reasons;
  }

  std::atomic<int> replicas{1};
  std::atomic<int> version{1};
  std::atomic<int> connections{12};
  std::atomic<bool> metrics_work{true};
  LeaseInMemory lease;

 private:
  ScriptedAnswer lease_answer(const ScriptedRequest& request) {
    const auto result = request.method == "GET"    ? lease.read(0)
                        : request.method == "POST" ? lease.create(json::parse(request.body), 0)
                                                   : lease.replace(json::parse(request.body), 0);
    if (result) return {200, result->dump()};
    return {result.error().kind == ErrorKind::conflict ? 409 : 404, R"({"message": "no"})"};
  }
  ScriptedAnswer scale(const json& patch) {
    if (patch["metadata"]["resourceVersion"] != std::to_string(version)) return {409, "{}"};
    replicas = patch["spec"]["replicas"].get<int>();
    ++version;
    return {200, json{{"metadata", {{"resourceVersion", std::to_string(version)}}}}.dump()};
  }
  std::string pods() const {
    json items = json::array();
    for (int i = 0; i < replicas; ++i) {
      const std::string name = fmt::format("websocket-{}", i);
      items.push_back(
          {{"metadata",
            {{"name", name},
             {"uid", "uid-of-" + name},
             {"creationTimestamp", fmt::format("2026-11-24T19:00:{:02}Z", i)},
             {"ownerReferences", {{{"kind", "StatefulSet"}, {"uid", "w"}, {"controller", true}}}}}},
           {"spec",
            {{"containers",
              {{{"name", "server"},
                {"ports", {{{"name", "http"}, {"containerPort", metrics_.port()}}}}}}}}},
           {"status", {{"phase", "Running"}, {"podIP", "127.0.0.1"}}}});
    }
    return json{{"metadata", {{"resourceVersion", "1"}}}, {"items", items}}.dump();
  }

  mutable std::mutex mutex_;
  std::vector<json> events_;
  RawServer metrics_{[this](const RawAnswer& asked) {
    if (!metrics_work) return;
    const std::string text = fmt::format("wsfleet_connections {}\n", connections.load());
    asked.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", text.size(), text));
  }};
};

class ScaledCluster : public testing::Test {
 protected:
  std::unique_ptr<ChildProcess> start(const std::string& identity,
                                      const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{WSFLEET_SCALER, "--config",   config_, "--kubeconfig",
                                   kubeconfig_,    "--identity", identity};
    words.insert(words.end(), more.begin(), more.end());
    return std::make_unique<ChildProcess>(words);
  }
  template <class Condition>
  static bool comes_true(Condition condition) {
    for (const TimeNs end = monotonic_now() + 40 * kSecond; monotonic_now() < end;) {
      if (condition()) return true;
      poll(nullptr, 0, 20);
    }
    return false;
  }
  /// The lines of its decisions, or those of its events: `key` tells them apart.
  static std::vector<json> lines_of(const ChildProcess& scaler, const char* key = "decision") {
    std::vector<json> lines;
    std::istringstream text(scaler.output());
    for (std::string line; std::getline(text, line);) {
      if (text.eof()) break;  // the last one may be half written
      const json told = json::parse(line);
      if (told.contains(key)) lines.push_back(told);
    }
    return lines;
  }

  Namespace chat;
  ScriptedApiServer server{[this](const ScriptedRequest& request) { return chat.answer(request); }};

 private:
  std::string authority_ = scratch_file("ca.pem", server.access().ca_pem);
  std::string kubeconfig_ =
      scratch_file("kubeconfig", fmt::format(R"(apiVersion: v1
kind: Config
current-context: here
contexts: [{{name: here, context: {{cluster: here, user: me, namespace: chat}}}}]
clusters: [{{name: here, cluster: {{server: "{}", certificate-authority: "{}"}}}}]
users: [{{name: me, user: {{token: "secret"}}}}]
)",
                                             server.access().server, authority_));
  std::string config_ = scratch_file("scaler.toml", R"(format = 1
[server]
max_connections = 10
[scaler]
min_replicas = 1
max_replicas = 4
policy = "original"
interval = "300ms"
[kubernetes]
listen = "127.0.0.1"
port = 0
lease_duration = "3s"
renew_deadline = "2s"
retry_period = "300ms"
)");
};

TEST_F(ScaledCluster, LeadsScalesAndGivesTheLeaseUp) {
  const auto scaler = start("a");
  ASSERT_TRUE(comes_true([&] { return chat.replicas == 4; })) << scaler->errors();
  // All pods but the last are empty now: the original's rule removes one after the other.
  chat.connections = 0;
  ASSERT_TRUE(comes_true([&] { return chat.replicas == 1; })) << scaler->errors();
  EXPECT_TRUE(comes_true([&] {
    const auto reasons = chat.event_reasons();
    return std::count(reasons.begin(), reasons.end(), "ScaledDown") == 3;
  }));
  scaler->signal(SIGTERM);
  EXPECT_EQ(scaler->wait(), 0);
  EXPECT_EQ(chat.lease.holder(), "");
  const auto lines = lines_of(*scaler);
  ASSERT_GE(lines.size(), 6U);
  for (const json& line : lines) {
    EXPECT_TRUE(observation_from_json(line));
    EXPECT_TRUE(decision_from_json(line["decision"]));
    EXPECT_EQ(line["leader"], "a");
  }
  int scaled = 0;
  for (const json& line : lines_of(*scaler, "event")) {
    const auto event = event_from_json(line["event"]);
    ASSERT_TRUE(event);
    if (event->kind == "scaled") ++scaled;
  }
  EXPECT_EQ(scaled, 6);  // three times each way
  const json annotations = chat.lease.lease()["metadata"]["annotations"];
  const json saved = json::parse(annotations["wsfleet.io/policy-state"].get<std::string>());
  EXPECT_EQ(saved["policy"], "original");
  EXPECT_EQ(saved["time_s"], lines.back()["time_s"]);
  EXPECT_EQ(saved["epoch"], annotations["wsfleet.io/epoch"]);
  EXPECT_THAT(chat.event_reasons(), testing::Contains("ScaledUp").Times(3));
  EXPECT_THAT(scaler->errors(), Not(HasSubstr("secret")));
}

TEST_F(ScaledCluster, TheNextOneTakesOverFromOneThatWasKilled) {
  const auto first = start("a");
  ASSERT_TRUE(comes_true([&] { return lines_of(*first).size() >= 3; })) << first->errors();
  const auto second = start("b");
  ASSERT_TRUE(second->says(" standing_by ")) << second->errors();
  EXPECT_TRUE(lines_of(*second).empty());
  first->signal(SIGKILL);
  first->wait();
  ASSERT_TRUE(comes_true([&] { return lines_of(*second).size() >= 3; })) << second->errors();
  EXPECT_THAT(second->errors(), HasSubstr(" memory_restored "));
  double last_s = -1;
  for (const auto* scaler : {&first, &second}) {
    for (const json& line : lines_of(**scaler)) {
      EXPECT_GT(line["time_s"].get<double>(), last_s);
      last_s = line["time_s"];
    }
  }
  EXPECT_EQ(chat.lease.lease()["spec"]["leaseTransitions"], 1);
}

TEST_F(ScaledCluster, AnOutageOfTheMetricsRemovesNoPod) {
  const auto scaler = start("a");
  ASSERT_TRUE(comes_true([&] { return chat.replicas == 4; })) << scaler->errors();
  chat.metrics_work = false;
  ASSERT_TRUE(scaler->says(" holding ")) << scaler->errors();
  const std::size_t then = lines_of(*scaler).size();
  ASSERT_TRUE(comes_true([&] { return lines_of(*scaler).size() >= then + 3; }));
  EXPECT_EQ(chat.replicas, 4);
  const json line = lines_of(*scaler).back();
  EXPECT_EQ(line["metrics"], "error");
  EXPECT_EQ(line["decision"]["replicas"], 3);
  EXPECT_EQ(line["held"]["reason"], "metrics_error");
  EXPECT_EQ(line["held"]["what"], json::array({"replicas"}));
  chat.metrics_work = true;
  EXPECT_TRUE(scaler->says(" hold_over"));
  EXPECT_EQ(chat.replicas, 4);
}

TEST_F(ScaledCluster, ADryRunWritesNothing) {
  const auto scaler = start("a", {"--dry-run"});
  ASSERT_TRUE(comes_true([&] { return lines_of(*scaler).size() >= 3; })) << scaler->errors();
  EXPECT_EQ(lines_of(*scaler).back()["dry_run"], true);
  EXPECT_EQ(lines_of(*scaler).back()["decision"]["replicas"], 2);
  for (const ScriptedRequest& request : server.requests()) EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(chat.replicas, 1);
}

}  // namespace
}  // namespace wsfleet
