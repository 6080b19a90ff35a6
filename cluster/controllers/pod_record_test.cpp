// SPDX-License-Identifier: Apache-2.0
#include "cluster/controllers/pod_record.h"

#include <gtest/gtest.h>

#include <functional>

namespace wsfleet {
namespace {

constexpr ProbeSettings kProbe{.success_threshold = 2, .failure_threshold = 3};

PodRecord pod(std::uint64_t serial = 7) {
  PodRecord record(kProbe);
  record.serial = serial;
  identify(record, ControllerKind::statefulset, 3, 5 * kSecond);
  return record;
}

TEST(PodRecord, IsNamedAsItsControllerNamesIt) {
  PodRecord record = pod(42);
  EXPECT_EQ(record.name, "websocket-3");
  EXPECT_EQ(record.uid, "pod-000042");
  EXPECT_EQ(record.created, 5 * kSecond);
  identify(record, ControllerKind::deployment, -1, 5 * kSecond);
  EXPECT_EQ(record.name, "websocket-42");
}

// One change to a record at a time, and what controller and scaler then see otherwise.
struct View {
  const char* what;
  std::function<void(PodRecord&)> change;
  std::function<bool(const ControlledPod&)> controller;
  std::function<bool(const PodObservation&)> scaler;
};

TEST(PodRecord, ControllerAndScalerSeeTheSamePod) {
  const std::vector<View> views{
      {"bound", [](PodRecord& one) { one.node_name = "node-1"; },
       [](const ControlledPod& seen) { return seen.assigned && seen.node == "node-1"; },
       [](const PodObservation& seen) { return seen.node == "node-1"; }},
      {"started", [](PodRecord& one) { container_started(one, 12 * kSecond); },
       [](const ControlledPod& seen) { return seen.running; },
       [](const PodObservation& seen) {
         return seen.phase == PodPhase::running && seen.started_s == 2;
       }},
      {"ready", [](PodRecord& one) { one.ready = true; },
       [](const ControlledPod& seen) { return seen.ready; },
       [](const PodObservation& seen) { return seen.ready; }},
      {"terminating", [](PodRecord& one) { one.terminating = true; },
       [](const ControlledPod& seen) { return seen.terminating; },
       [](const PodObservation& seen) { return seen.terminating; }},
      {"restarted", [](PodRecord& one) { one.restarts = 2; },
       [](const ControlledPod& seen) { return seen.restarts == 2; },
       [](const PodObservation& seen) { return seen.restarts == 2; }},
  };
  const TimeNs epoch = 10 * kSecond;
  for (const View& view : views) {
    PodRecord record = pod();
    EXPECT_FALSE(view.controller(controlled(record))) << view.what;
    EXPECT_FALSE(view.scaler(observed(record, false, epoch))) << view.what;
    view.change(record);
    EXPECT_TRUE(view.controller(controlled(record))) << view.what;
    EXPECT_TRUE(view.scaler(observed(record, false, epoch))) << view.what;
  }
}

TEST(PodRecord, ItsIdentityIsSeenToo) {
  PodRecord record = pod();
  record.deletion_cost = -4;
  record.ready_since = 9 * kSecond;
  const ControlledPod seen = controlled(record);
  EXPECT_EQ(seen.serial, 7U);
  EXPECT_EQ(seen.ordinal, 3);
  EXPECT_EQ(seen.deletion_cost, -4);
  EXPECT_EQ(seen.created, 5 * kSecond);
  EXPECT_EQ(seen.ready_since, 9 * kSecond);
  EXPECT_FALSE(seen.failed);
  const PodObservation told = observed(record, true);
  EXPECT_EQ(told.name, "websocket-3");
  EXPECT_EQ(told.uid, "pod-000007");
  EXPECT_TRUE(told.draining);
  EXPECT_EQ(told.started_s, 0);
}

TEST(PodRecord, TerminatingPodsAreListedAndNotCounted) {
  PodRecord leaving = pod(1);
  leaving.terminating = true;
  const ClusterState state = cluster_state(
      4, {observed(pod(0), false), observed(leaving, false), observed(pod(2), false)});
  EXPECT_EQ(state.replicas, 4);
  EXPECT_EQ(state.status_replicas, 2);
  ASSERT_EQ(state.pods.size(), 3U);
  EXPECT_EQ(state.pods[1].uid, "pod-000001");
}

TEST(PodRecord, DeletionCostsAreADeployments) {
  EXPECT_TRUE(accept_deletion_cost(ControllerKind::deployment));
  const Result<void> refused = accept_deletion_cost(ControllerKind::statefulset);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
}

TEST(PodRecord, ProbesChangeReadinessAtTheirThresholds) {
  struct Step {
    bool success;
    bool changed;
    bool ready;
    TimeNs ready_since;
  };
  // Two successes make it ready, three failures unready; each step a second later.
  const Step steps[] = {{true, false, false, 0},           {true, true, true, 2 * kSecond},
                        {true, false, true, 2 * kSecond},  {false, false, true, 2 * kSecond},
                        {false, false, true, 2 * kSecond}, {false, true, false, 2 * kSecond},
                        {true, false, false, 2 * kSecond}, {true, true, true, 8 * kSecond}};
  PodRecord record = pod();
  TimeNs now = 0;
  for (const Step& step : steps) {
    now += kSecond;
    EXPECT_EQ(record_probe(record, step.success, now), step.changed) << now;
    EXPECT_EQ(record.ready, step.ready) << now;
    EXPECT_EQ(record.was_ready, now >= 2 * kSecond) << now;
    EXPECT_EQ(record.ready_since, step.ready_since) << now;
  }
}

TEST(PodRecord, AChangeOfReadinessIsSaidInWords) {
  PodRecord record = pod();
  container_started(record, 10 * kSecond);
  EXPECT_STREQ(readiness_event(record, 12 * kSecond).kind, "pod_unready");
  EXPECT_EQ(readiness_event(record, 12 * kSecond).detail, "its readiness probe fails");
  record.ready = true;
  EXPECT_STREQ(readiness_event(record, 12 * kSecond).kind, "pod_ready");
  EXPECT_EQ(readiness_event(record, 12 * kSecond).detail, "ready 2s after its container started");
}

TEST(PodRecord, CrashesBackOffUntilItRunsForLong) {
  struct Crash {
    TimeNs ran;
    TimeNs delay;
  };
  const Crash crashes[] = {{kSecond, 0},
                           {kSecond, 10 * kSecond},
                           {kSecond, 20 * kSecond},
                           {kRestartBackoffReset - 1, 40 * kSecond},
                           {kRestartBackoffReset, 0},
                           {kSecond, 10 * kSecond}};
  PodRecord record = pod();
  TimeNs now = 0;
  int restarts = 0;
  for (const Crash& crash : crashes) {
    container_started(record, now);
    now += crash.ran;
    EXPECT_EQ(crashed(record, 10 * kSecond, now), crash.delay) << restarts;
    EXPECT_EQ(record.restarts, ++restarts);
  }
}

}  // namespace
}  // namespace wsfleet
