// SPDX-License-Identifier: Apache-2.0
// The rules' subject as the simulator has it: one pod of a fleet, clients from its workload model.
#include <fmt/format.h>

#include <cstdio>
#include <sstream>
#include <stdexcept>

#include "cluster/simulated/testing/small_fleet.h"
#include "tests/rules/rule_subject.h"

namespace wsfleet {
namespace {

constexpr TimeNs kCome = 100 * kSecond;  // clients come within half a second after this
constexpr TimeNs kAct = 150 * kSecond;   // drain or shed
constexpr TimeNs kLook = 200 * kSecond;  // all is over

RunDescription one_pod(const ServerSettings& server, std::int64_t clients) {
  RunDescription settings = small_fleet();
  settings.duration = 4 * kMinute;
  settings.initial_replicas = 1;
  settings.server = server;
  settings.workload.length.mean = kHour;  // they stay
  settings.workload.reconnect.kind = ReconnectKind::none;
  settings.workload.arrivals.shape = ArrivalShape::steps;
  const double rate = 2.0 * static_cast<double>(clients);
  settings.workload.arrivals.steps = {{0, 0}, {kCome, rate}, {kCome + kSecond / 2, 0}};
  // A draining pod that leaves the endpoints would refuse nobody.
  settings.cluster.control_plane.endpoint_propagation = kMinute;
  return settings;
}

class SimulatedPod final : public RuleSubject {
 public:
  Arrivals come(const ServerSettings& server, std::int64_t clients) override {
    const auto body = [](World& world) {
      world.clock.sleep_until(kAct);
      const auto state = world.cluster.state();
      world.recorder.event({0, state->pods[0].ready ? "ready" : "not_ready", "", "", "", ""});
    };
    const std::string report =
        simulated(one_pod(server, clients), body, [](const CountingRecorder& recorder) {
          std::string ready;
          for (const FleetEvent& event : recorder.events) {
            if (event.kind == "ready" || event.kind == "not_ready") ready = event.kind;
          }
          return std::to_string(recorder.sum.attempts) + " " + std::to_string(recorder.sum.opened) +
                 " " + std::to_string(recorder.sum.refused) + " " + (ready == "ready" ? "1" : "0");
        });
    long attempts = 0;
    long opened = 0;
    long refused = 0;
    int ready = 0;
    if (std::sscanf(report.c_str(), "%ld %ld %ld %d", &attempts, &opened, &refused, &ready) != 4) {
      throw std::runtime_error(report);
    }
    return {attempts, opened, refused, ready == 1};
  }

  Closes close(const ServerSettings& server, std::int64_t clients,
               const std::vector<Order>& orders) override {
    RunDescription settings = one_pod(server, clients);
    if (!orders.back().shed) {  // a few more come while it drains
      const TimeNs drain = kAct + orders.back().after;
      settings.workload.arrivals.steps.push_back({drain + kSecond, 5});
      settings.workload.arrivals.steps.push_back({drain + 3 * kSecond, 0});
    }
    const auto body = [&orders](World& world) {
      for (const Order& order : orders) {
        world.clock.sleep_until(kAct + order.after);
        const std::string uid = world.cluster.state()->pods[0].uid;
        (void)(order.shed ? world.cluster.shed(uid, *order.shed) : world.cluster.drain(uid));
      }
    };
    return closes_of(simulated(settings, body, rows_text));
  }

  Lives live(const ServerSettings& server, const Crew& crew) override {
    RunDescription settings = one_pod(server, crew.clients);
    settings.workload.length.mean = crew.length;
    settings.workload.reconnect = {
        .kind = ReconnectKind::fixed, .base = crew.wait, .max_attempts = crew.max_attempts};
    const auto body = [&crew](World& world) {
      world.clock.sleep_until(kCome + kSecond);
      if (crew.cut) (void)world.cluster.shed(world.cluster.state()->pods[0].uid, 1.0);
    };
    const std::string report = simulated(settings, body, [](const CountingRecorder& recorder) {
      const SecondRow& sum = recorder.sum;
      std::string text = fmt::format("{} {} {} {} {}", sum.arrivals, sum.attempts, sum.reconnects,
                                     sum.sessions_completed, sum.sessions_lost);
      for (const SecondRow& row : recorder.rows) text += fmt::format(" {}", row.attempts);
      return text;
    });
    std::istringstream words(report);
    Lives lives;
    words >> lives.sessions >> lives.attempts >> lives.reconnects >> lives.completed >> lives.lost;
    TimeNs second = -kCome;
    for (std::size_t attempts = 0; words >> attempts; second += kSecond) {
      lives.began.insert(lives.began.end(), attempts, second);
    }
    return lives;
  }

 private:
  // One line per second around the act: time, open at its end, closed, cut, opened, refused.
  static std::string rows_text(const CountingRecorder& recorder) {
    std::string text;
    for (const SecondRow& row : recorder.rows) {
      const std::int64_t values[] = {row.time_s,
                                     row.connections,
                                     *row.moved_by_scaling + *row.closed_by_shedding,
                                     *row.cut_by_scaling + *row.cut_by_failure,
                                     row.opened,
                                     row.refused};
      for (const std::int64_t value : values) text += std::to_string(value) + " ";
    }
    return text;
  }

  static Closes closes_of(const std::string& report) {
    Closes closes;
    std::istringstream words(report);
    std::int64_t second = 0;
    std::int64_t open = 0;
    std::int64_t closed = 0;
    std::int64_t cut = 0;
    std::int64_t opened = 0;
    std::int64_t refused = 0;
    std::int64_t opened_meanwhile = 0;
    while (words >> second >> open >> closed >> cut >> opened >> refused) {
      const TimeNs begin = second * kSecond;
      if (begin < kAct) closes.open_before = open;
      if (begin < kAct || begin > kLook) continue;
      closes.at.insert(closes.at.end(), static_cast<std::size_t>(closed), begin - kAct);
      closes.without_frame += cut;
      closes.refused_meanwhile += refused;
      opened_meanwhile += opened;
      closes.open_after = open - opened_meanwhile;
    }
    return closes;
  }
};

}  // namespace

std::unique_ptr<RuleSubject> simulated_pod() { return std::make_unique<SimulatedPod>(); }

}  // namespace wsfleet
