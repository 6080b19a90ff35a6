// SPDX-License-Identifier: Apache-2.0
// The workload and its pods as they change on the API server: events of the run, and who serves.
#include "cluster/kubernetes/experiment/watch/fleet_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <functional>
#include <mutex>

#include "cluster/kubernetes/experiment/testing/deployed_fleet.h"
#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class FixedClock : public Clock {
 public:
  TimeNs now() override { return 5 * kSecond; }
  bool sleep_until(TimeNs) override { return false; }
};

class ToldEvents : public Recorder {
 public:
  void second(const SecondRow&) override {}
  void event(const FleetEvent& event) override {
    const std::lock_guard lock(mutex);
    texts.push_back(event.pod.empty() ? event.detail : event.pod + " " + event.kind);
  }
  void decision(const Observation&, const Decision&) override {}
  void clients(const ClientHistograms&) override {}
  void figures(const RunFigures&) override {}
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex);
    return texts;
  }

 private:
  std::mutex mutex;
  std::vector<std::string> texts;
};

class TheFleetWatch : public testing::Test {
 protected:
  TheFleetWatch() {
    fleet.add_pod("websocket-0");
    fleet.add_pod("websocket-1", false);
    fleet.objects.put(kPodsPath + "/stranger",
                      {{"metadata", {{"labels", {{"app.kubernetes.io/name", "redis"}}}}}});
  }
  static bool comes_true(const std::function<bool()>& wanted) {
    const TimeNs until = monotonic_now() + 20 * kSecond;
    while (!wanted()) {
      if (monotonic_now() > until) return false;
      poll(nullptr, 0, 5);
    }
    return true;
  }
  std::vector<std::string> serving(const FleetWatch& watch) {
    std::vector<std::string> names;
    for (const PodView& pod : watch.serving()) names.push_back(pod.name);
    return names;
  }
  bool told(const std::string& text) {
    return comes_true([&] {
      const auto all = events.all();
      return std::find(all.begin(), all.end(), text) != all.end();
    });
  }

  DeployedFleet fleet;
  FixedClock clock;
  ToldEvents events;
};

TEST_F(TheFleetWatch, KnowsWhatIsThereBeforeItBegins) {
  FleetWatch watch(fleet.client, "chat", clock, events);
  ASSERT_TRUE(watch.wait_listed(20 * kSecond));
  EXPECT_EQ(watch.replicas(), 3);
  EXPECT_THAT(serving(watch), ElementsAre("websocket-0", "websocket-1"));
  EXPECT_THAT(events.all(), IsEmpty());
}

TEST_F(TheFleetWatch, TellsChangesFromItsBeginningToItsEnd) {
  FleetWatch watch(fleet.client, "chat", clock, events);
  ASSERT_TRUE(watch.wait_listed(20 * kSecond));
  watch.begin();
  fleet.objects.change(kServersPath, [](json& object) { object["spec"]["replicas"] = 4; });
  EXPECT_TRUE(told("spec.replicas 3 to 4"));
  EXPECT_EQ(watch.replicas(), 4);
  fleet.add_pod("websocket-1", true);
  EXPECT_TRUE(told("websocket-1 pod_ready"));
  fleet.add_pod("websocket-2");
  EXPECT_TRUE(told("websocket-2 pod_created"));
  EXPECT_THAT(serving(watch), ElementsAre("websocket-0", "websocket-1", "websocket-2"));
  watch.end();
  fleet.objects.remove(kPodsPath + "/websocket-0");
  EXPECT_TRUE(comes_true([&] { return serving(watch).size() == 2; }));
  EXPECT_THAT(events.all(), Not(Contains("websocket-0 pod_gone")));
}

TEST_F(TheFleetWatch, APodThatAFaultKilledWasNotScaledDown) {
  FleetWatch watch(fleet.client, "chat", clock, events);
  ASSERT_TRUE(watch.wait_listed(20 * kSecond));
  watch.begin();
  watch.killed_by_fault("uid-of-websocket-0");
  fleet.objects.remove(kPodsPath + "/websocket-0");
  EXPECT_TRUE(told("websocket-0 pod_gone"));
  EXPECT_THAT(watch.scaled_down(), IsEmpty());
  fleet.objects.remove(kPodsPath + "/websocket-1");
  EXPECT_TRUE(told("websocket-1 pod_gone"));
  const auto down = watch.scaled_down();
  ASSERT_EQ(down.size(), 1U);
  EXPECT_EQ(down[0].uid, "uid-of-websocket-1");
  EXPECT_EQ(down[0].at, 5 * kSecond);
}

TEST_F(TheFleetWatch, AServerThatDoesNotAnswerIsNoEmptyFleet) {
  fleet.objects.first([](const ScriptedRequest&) -> ScriptedAnswer {
    return {.delivery = ScriptedAnswer::Delivery::never};
  });
  FleetWatch watch(fleet.client, "chat", clock, events);
  EXPECT_FALSE(watch.wait_listed(200 * kMillisecond));
}

}  // namespace
}  // namespace wsfleet
