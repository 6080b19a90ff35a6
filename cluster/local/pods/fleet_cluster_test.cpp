// SPDX-License-Identifier: Apache-2.0
// The seam's side of the local fleet, asked from other threads. No pod's process is started: that
// is step()'s, which nobody calls here.
#include "cluster/local/pods/fleet_cluster.h"

#include <gmock/gmock.h>

#include <boost/asio/executor_work_guard.hpp>
#include <memory>
#include <thread>
#include <vector>

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

/// A thread that runs an io_context, as the harness' main thread does.
class MainThread {
 public:
  MainThread() : work_(boost::asio::make_work_guard(io)), thread_([this] { io.run(); }) {}
  ~MainThread() { end(); }
  void end() {
    work_.reset();
    if (thread_.joinable()) thread_.join();
  }

  boost::asio::io_context io;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

// Nothing of the work is the caller's: it may be gone while the main thread is still at the end
// of it.
TEST(OnMainThread, TheWorkIsTheMainThreadsToTheEnd) {
  MainThread main;
  bool let_go_by_main_thread = false;
  {
    std::shared_ptr<int> held(new int(7), [&](const int* value) {
      let_go_by_main_thread = main.io.get_executor().running_in_this_thread();
      delete value;
    });
    EXPECT_EQ(on_main_thread(main.io, [held = std::move(held)] { return *held; }), 7);
  }
  main.end();
  EXPECT_TRUE(let_go_by_main_thread);
}

TEST(OnMainThread, EveryCallerGetsItsOwnAnswer) {
  MainThread main;
  std::vector<int> wrong(4);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&main, &wrong, caller] {
      for (int i = 0; i < 5000; ++i) {
        const int asked = caller * 5000 + i;
        wrong[static_cast<std::size_t>(caller)] +=
            on_main_thread(main.io, [asked] { return asked; }) == asked ? 0 : 1;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

class NoRecorder : public Recorder {
 public:
  void second(const SecondRow&) override {}
  void event(const FleetEvent&) override {}
  void decision(const Observation&, const Decision&) override {}
  void clients(const ClientHistograms&) override {}
  void figures(const RunFigures&) override {}
};

struct FleetUnderTest {
  explicit FleetUnderTest(ControllerKind controller) {
    settings.cluster.controller = controller;
    fleet.start(2);
  }

  MainThread main;
  LiveSettings settings;
  Programs programs;
  NoRecorder recorder;
  PrometheusService prometheus;
  LocalFleet fleet{{.settings = settings,
                    .programs = programs,
                    .io = main.io,
                    .recorder = recorder,
                    .prometheus = prometheus,
                    .scratch = {},
                    .logs = {}}};
  FleetCluster cluster{main.io, fleet};
};

TEST(FleetCluster, TellsWhatWasAskedOfIt) {
  FleetUnderTest under_test(ControllerKind::statefulset);
  ASSERT_TRUE(under_test.cluster.set_replicas(5));
  const auto state = under_test.cluster.state();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->replicas, 5);
  EXPECT_EQ(state->status_replicas, 2);
  ASSERT_EQ(state->pods.size(), 2U);
  EXPECT_EQ(state->pods[1].name, "websocket-1");
  EXPECT_EQ(state->pods[1].uid, "pod-000001");
  EXPECT_EQ(state->pods[1].node, "local");
  EXPECT_EQ(state->pods[1].phase, PodPhase::running);
  EXPECT_FALSE(state->pods[1].ready);
}

TEST(FleetCluster, AsksNothingOfPodsThatDoNotServe) {
  FleetUnderTest under_test(ControllerKind::statefulset);
  const auto drained = under_test.cluster.drain("pod-000000");
  ASSERT_FALSE(drained);
  EXPECT_EQ(drained.error().message, "drain: no serving pod has the uid 'pod-000000'");
  const auto shed = under_test.cluster.shed("pod-000007", 0.5);
  ASSERT_FALSE(shed);
  EXPECT_EQ(shed.error().message, "shed: no serving pod has the uid 'pod-000007'");
}

TEST(FleetCluster, DeletionCostsAreADeployments) {
  FleetUnderTest deployment(ControllerKind::deployment);
  EXPECT_TRUE(deployment.cluster.set_deletion_cost("pod-000001", 3));
  const auto unknown = deployment.cluster.set_deletion_cost("pod-000007", 3);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("no pod has the uid 'pod-000007'"));
  FleetUnderTest statefulset(ControllerKind::statefulset);
  const auto refused = statefulset.cluster.set_deletion_cost("pod-000001", 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
}

TEST(FleetCluster, KillsNobodyWhereNobodyServesAndHasNoNodes) {
  FleetUnderTest under_test(ControllerKind::statefulset);
  EXPECT_TRUE(under_test.cluster.inject({.kind = FaultKind::pod_kill, .count = 2}));
  const auto refused = under_test.cluster.inject({.kind = FaultKind::node_down});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
}

}  // namespace
}  // namespace wsfleet
