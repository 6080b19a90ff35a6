// SPDX-License-Identifier: Apache-2.0
// A day of a small fleet under a crude scaler, with scale-downs, rooms, the loss of two nodes and
// of Redis; prints the event hash and what became of the attempts. Built twice: with SimGrid's
// executor and the radix heap, and with the naive executor and a std::priority_queue. Both must
// print the same.
//   fleet_day_lazy | fleet_day_naive [--break-order] [--hours H] [--balancer B]
#include <cmath>
#include <cstdio>
#include <cstring>

#include "cluster/balancers/balancer.h"
#include "cluster/simulated/simulation.h"
#include "cluster/simulated/testing/closed_form_room.h"
#include "cluster/simulated/testing/counting_recorder.h"
#ifdef WSFLEET_NAIVE
#include "cluster/simulated/testing/naive_executor.h"
#else
#include "cluster/simulated/control/simgrid_world.h"
#endif

namespace wsfleet {
namespace {

RunDescription fleet_day(double hours, BalancerKind balancer) {
  RunDescription settings;
  settings.duration = from_seconds(hours * 3600);
  settings.start_steady = true;
  settings.initial_replicas = 16;
  settings.workload.arrivals.shape = ArrivalShape::diurnal;
  settings.workload.arrivals.mean = 10;
  settings.workload.arrivals.swing = 0.6;
  settings.workload.arrivals.period = 6 * kHour;
  settings.workload.messages_per_second = 0.2;
  settings.workload.rooms = 50;
  settings.server.max_connections = 600;
  settings.server.redis = true;
  settings.server.mode = MessageMode::broadcast;
  settings.server.costs.handshake_cpu = 20 * kMillisecond;  // storms slow their own handshakes
  settings.cluster.balancer = balancer;
  settings.cluster.pod_management = PodManagement::parallel;
  settings.cluster.nodes.count = 8;
  settings.cluster.nodes.cores = 2;
  return settings;
}

void crude_scaler(World& world) {
  world.tasks.spawn("faults", [&world] {
    std::uint64_t faults = 0;
    for (TimeNs at = 2 * kHour; world.clock.sleep_until(at); at += 5 * kHour) {
      Fault fault;
      fault.index = faults++;
      fault.kind = FaultKind::node_down;
      fault.count = 2;
      fault.duration = 10 * kMinute;
      (void)world.faults.inject(fault);
      fault.index = faults++;
      fault.kind = FaultKind::redis_outage;
      fault.duration = 3 * kMinute;
      if (!world.clock.sleep_until(at + 30 * kMinute)) return;
      (void)world.faults.inject(fault);
    }
  });
  for (TimeNs at = 15 * kSecond; world.clock.sleep_until(at); at += 15 * kSecond) {
    const auto samples = world.metrics.connections();
    if (!samples) continue;
    double sum = 0;
    for (const auto& [uid, sample] : *samples) sum += sample.value;
    (void)world.cluster.set_replicas(2 + static_cast<int>(std::floor(sum / 400)));
  }
}

int run(int argc, char** argv) {
  bool ordered = true;
  double hours = 24;
  BalancerKind balancer = BalancerKind::least_connections;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--break-order") == 0) ordered = false;
    if (std::strcmp(argv[i], "--hours") == 0 && i + 1 < argc) hours = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--balancer") != 0 || i + 1 >= argc) continue;
    for (const auto& [name, kind] : balancer_names()) {
      if (std::strcmp(name, argv[i + 1]) == 0) balancer = kind;
    }
  }
  const RunDescription settings = fleet_day(hours, balancer);
#ifdef WSFLEET_NAIVE
  NaiveExecutor executor(ordered);
#else
  SimgridWorld world(settings.cluster);
  Executor& executor = world.executor();
  if (!ordered) std::fprintf(stderr, "--break-order: only the naive executor can\n");
#endif
  ClosedFormRoom room(executor, settings.cluster);
  CountingRecorder recorder;
  const Result<void> result =
      run_simulation(settings, executor, room, room, recorder, crude_scaler);
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    return 1;
  }
  const SecondRow& sum = recorder.sum;
  std::printf("hash %016llx events %lld\n",
              static_cast<unsigned long long>(recorder.run.event_hash),
              static_cast<long long>(recorder.run.events));
  std::printf("attempts %lld opened %lld refused %lld failed %lld reconnects %lld\n",
              static_cast<long long>(sum.attempts), static_cast<long long>(sum.opened),
              static_cast<long long>(sum.refused), static_cast<long long>(sum.failed),
              static_cast<long long>(sum.reconnects));
  std::printf(
      "moved %lld cut_by_scaling %lld cut_by_failure %lld lost %lld\n",
      static_cast<long long>(*sum.moved_by_scaling), static_cast<long long>(*sum.cut_by_scaling),
      static_cast<long long>(*sum.cut_by_failure), static_cast<long long>(sum.sessions_lost));
  std::int64_t stored = 0;
  for (const SecondRow& row : recorder.rows) stored += *row.sessions_stored;
  std::printf("deliveries %.3f missed %.3f stored %lld\n", sum.deliveries, *sum.deliveries_missed,
              static_cast<long long>(stored));
  return 0;
}

}  // namespace
}  // namespace wsfleet

int main(int argc, char** argv) { return wsfleet::run(argc, argv); }
