// SPDX-License-Identifier: Apache-2.0
// The same second, told as each world tells it: event by event in simulation, by counters of pods
// and clients on one machine, by objects and Prometheus on a cluster. It is the same row.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "cluster/kubernetes/experiment/watch/history_seconds.h"
#include "cluster/live/live_record.h"
#include "cluster/simulated/data/meter.h"
#include "cluster/simulated/testing/counting_recorder.h"

namespace wsfleet {
namespace {

constexpr TimeNs kObjective = kSecond;

struct Script {
  const char* name = "";
  std::vector<PodStanding> pods = {};
  int opened_soon = 0;
  int opened_late = 0;
  int refused_full = 0;
  int refused_draining = 0;
  int timed_out = 0;
  int not_answered = 0;  // in simulation a reset, live 502 of the ingress
  int moved = 0;
  int shed = 0;
  int cut_by_scaling = 0;
  int cut_by_failure = 0;
};

std::string shown(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "unknown";
}
std::string shown(const std::optional<std::int64_t>& value) {
  return value ? fmt::format("{}", *value) : "unknown";
}

std::string figures_of(const SecondRow& row) {
  return fmt::format(
      "spec {} ready {} supply {} pod_seconds {} jain {} attempts {} opened {} refused {} "
      "for_capacity {} failed {} late {} moved {} shed {} cut_by_scaling {} cut_by_failure {}",
      row.spec_replicas, row.ready_replicas, row.supply, row.pod_seconds, shown(row.jain_index),
      row.attempts, row.opened, row.refused, shown(row.refused_for_capacity), row.failed,
      row.attempts_late, shown(row.moved_by_scaling), shown(row.closed_by_shedding),
      shown(row.cut_by_scaling), shown(row.cut_by_failure));
}

std::string simulated(const Script& script) {
  RunDescription settings;
  settings.duration = kSecond;
  settings.objective.time_to_connect = kObjective;
  CountingRecorder recorder;
  Meter meter(settings, 0, recorder);
  PodLevels levels;
  for (const PodStanding& pod : script.pods) {
    meter.count_pods(+1, 0);
    levels.add(pod);
  }
  const auto times = [](int count, auto event) {
    for (int i = 0; i < count; ++i) event();
  };
  times(script.opened_soon, [&] { meter.opened(0, kObjective); });
  times(script.opened_late, [&] { meter.opened(0, kObjective + 1); });
  times(script.refused_full, [&] { meter.refused(for_want_of_capacity(Admission::refuse_full)); });
  times(script.refused_draining,
        [&] { meter.refused(for_want_of_capacity(Admission::refuse_draining)); });
  times(script.timed_out + script.not_answered, [&] { meter.failed(); });
  times(script.moved, [&] { meter.closed(CloseCause::moved_by_scaling); });
  times(script.shed, [&] { meter.closed(CloseCause::shed); });
  times(script.cut_by_scaling, [&] { meter.closed(CloseCause::cut_by_scaling); });
  times(script.cut_by_failure, [&] { meter.closed(CloseCause::cut_by_failure); });
  meter.end_second(kSecond, static_cast<int>(script.pods.size()), levels);
  return figures_of(recorder.rows.at(0));
}

LoadFigures clients_of(const Script& script) {
  LoadFigures clients;
  clients.row(0);
  const auto ended = [&](int count, Figure as, TimeNs took) {
    for (int i = 0; i < count; ++i) clients.attempt_ended(0, as, took, kObjective);
  };
  ended(script.opened_soon, Figure::opened, kObjective);
  ended(script.opened_late, Figure::opened, kObjective + 1);
  ended(script.refused_full, Figure::refused_503, 2 * kObjective);
  ended(script.refused_draining, Figure::refused_1013, kMillisecond);
  ended(script.timed_out, Figure::failed_timeout, 10 * kSecond);
  ended(script.not_answered, Figure::refused_other_status, kMillisecond);
  clients.add(0, Figure::closed_1012, script.moved + script.shed);
  clients.add(0, Figure::closed_no_close_frame, script.cut_by_scaling + script.cut_by_failure);
  return clients;
}

std::string local(const Script& script) {
  FleetSecond second = FleetSecond::of_counters();
  second.spec_replicas = static_cast<int>(script.pods.size());
  PodTime time;
  for (const PodStanding& pod : script.pods) {
    time.change(+1, 0);
    second.levels.add(pod);
  }
  second.pod_seconds = time.take(kSecond);
  second.refused_draining = script.refused_draining;
  second.closed_by_shed = script.shed;
  second.cut_by_grace = script.cut_by_scaling;
  return figures_of(live_rows({second}, clients_of(script), {}, {}).at(0));
}

std::string on_kubernetes(const Script& script) {
  FleetLog log;
  FleetHistory history(1);
  log.replicas_changed(0, static_cast<int>(script.pods.size()));
  for (std::size_t i = 0; i < script.pods.size(); ++i) {
    const PodStanding& pod = script.pods[i];
    PodView view;
    view.name = view.uid = fmt::format("pod-{}", i);
    view.node = "node";
    view.ready = view.running = pod.started;
    log.pod_changed(0, view, false);
    view.ready = pod.ready;
    view.running = pod.running;
    view.terminating = pod.terminating;
    log.pod_changed(0, view, false);
    if (pod.sockets) history[0][view.uid].connections = static_cast<double>(*pod.sockets);
  }
  PodSecond leaver;  // it was there a moment ago
  leaver.connections = script.cut_by_scaling;
  leaver.refused["draining"] = script.refused_draining;
  leaver.closed["shed"] = script.shed;
  history[0]["leaver"] = leaver;
  std::vector<FleetSecond> seconds = {log.end_second(kSecond)};
  add_history(history, {{"leaver", kSecond / 2}}, seconds);
  return figures_of(live_rows(seconds, clients_of(script), {}, {}).at(0));
}

PodStanding serving(std::optional<std::int64_t> sockets) {
  return {
      .ready = true, .started = true, .running = true, .terminating = false, .sockets = sockets};
}

std::vector<Script> scripts() {
  PodStanding full = serving(90);
  full.ready = false;
  PodStanding leaving = serving(50);
  leaving.terminating = true;
  return {
      {.name = "nothing"},
      {.name = "pods of all kinds",
       .pods = {serving(30), full, leaving, PodStanding{.sockets = 0}, serving(0)}},
      {.name = "sockets that are not known", .pods = {serving(30), serving(std::nullopt)}},
      {.name = "attempts of all kinds",
       .pods = {serving(7)},
       .opened_soon = 5,
       .opened_late = 2,
       .refused_full = 3,
       .refused_draining = 1,
       .timed_out = 2,
       .not_answered = 4},
      {.name = "closes of all kinds",
       .pods = {serving(7), serving(1)},
       .moved = 6,
       .shed = 2,
       .cut_by_scaling = 3,
       .cut_by_failure = 1},
  };
}

TEST(OneMeter, TheSameSecondIsTheSameRowInEveryWorld) {
  for (const Script& script : scripts()) {
    const std::string expected = simulated(script);
    EXPECT_EQ(local(script), expected) << script.name;
    EXPECT_EQ(on_kubernetes(script), expected) << script.name;
  }
}

TEST(OneMeter, AnAttemptThatNobodyAnsweredIsLateLiveToo) {
  const Script script{.name = "a pod that is gone", .opened_soon = 1, .not_answered = 1};
  EXPECT_NE(local(script).find("failed 1 late 1 "), std::string::npos) << local(script);
}

}  // namespace
}  // namespace wsfleet
