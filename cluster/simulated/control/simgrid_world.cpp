// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/control/simgrid_world.h"

#include <fmt/format.h>

#include <cmath>
#include <simgrid/s4u.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace wsfleet {
namespace {

namespace sg = simgrid::s4u;

constexpr double kFlopsPerCore = 1e9;  // per second
constexpr double kEndlessFlops = 1e18;

sg::Engine& start_engine() {
  static int argc = 4;
  static std::string words[] = {"wsfleet", "--log=root.thres:critical",
                                "--cfg=network/model:CM02",  // latency as asked, not 13 times it
                                "--cfg=debug/verbose-exit:no"};
  static char* argv[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(),
                         nullptr};
  return *new sg::Engine(&argc, argv);  // lives as long as the process: SimGrid allows but one
}

// ------------------------------------------------------------------------------------- Executor

class SimgridExecutor : public Executor {
 public:
  explicit SimgridExecutor(sg::Engine& engine, sg::Host* home) : engine_(engine), home_(home) {}

  TimeNs now() const override { return now_; }

  int spawn(const std::string& name, std::function<void()> body) override {
    const int number = static_cast<int>(tasks_.size());
    if (number >= kMaxTasks) throw std::length_error("too many tasks for the executor's grid");
    tasks_.push_back(std::make_unique<Task>());
    sg::Actor::create(name, home_, [this, number, run = std::move(body)] {
      tasks_[static_cast<std::size_t>(number)]->id = sg::this_actor::get_pid();
      run();
    });
    return number;
  }

  void wait_until(TimeNs time) override {
    const int number = current();
    Task& task = *tasks_[static_cast<std::size_t>(number)];
    const TimeNs target = slot_time(std::max(time, now_), number);
    bool arrived = target >= kNever - kGrid;  // never: only a wake() ends it
    {
      const std::unique_lock<sg::Mutex> lock(*task.mutex);
      task.waiting = true;
      while (!task.woken) {
        if (arrived) {
          task.condition->wait(lock);
        } else if (target <= now_ || task.condition->wait_until(lock, to_seconds(target)) ==
                                         std::cv_status::timeout) {
          break;
        }
      }
      task.waiting = false;
    }
    TimeNs reached = target;
    if (task.woken) {
      task.woken = false;
      reached = std::min(target, slot_time(now_ + 1, number));
      sg::this_actor::sleep_until(to_seconds(reached));
    }
    now_ = std::max(now_, reached);
    if (advance_) advance_(now_);
  }

  void wake(int number) override {
    Task& task = *tasks_[static_cast<std::size_t>(number)];
    if (!task.waiting || task.woken) return;
    task.woken = true;
    task.condition->notify_one();
  }

  void on_advance(std::function<void(TimeNs)> advance) override { advance_ = std::move(advance); }

  void run() override { engine_.run(); }

 private:
  struct Task {
    long id = -1;
    bool waiting = false;
    bool woken = false;
    sg::MutexPtr mutex = sg::Mutex::create();
    sg::ConditionVariablePtr condition = sg::ConditionVariable::create();
  };

  int current() const {
    const long id = sg::this_actor::get_pid();
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (tasks_[i]->id == id) return static_cast<int>(i);
    }
    throw std::logic_error("wait_until: the caller is no task of this executor");
  }

  sg::Engine& engine_;
  sg::Host* home_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::function<void(TimeNs)> advance_;
  TimeNs now_ = 0;
};

// ------------------------------------------------------------------------------ CPU and pulls

// Executions belong to whoever starts them, and SimGrid keeps them in a list per actor: each node
// has an agent of its own.
class SimgridNodes : public CpuShares, public ImagePulls {
 public:
  explicit SimgridNodes(std::vector<sg::Host*> hosts, sg::Host* registry)
      : registry_(registry), nodes_(hosts.size()) {
    for (std::size_t i = 0; i < hosts.size(); ++i) nodes_[i].host = hosts[i];
  }

  void set_claims(int index, const std::vector<CpuClaim>& claims) override {
    NodeState& node = nodes_[static_cast<std::size_t>(index)];
    for (const sg::ExecPtr& exec : node.execs) {
      if (exec) exec->cancel();
    }
    node.execs.clear();
    node.since = sg::Engine::get_clock();
    for (const CpuClaim& claim : claims) {
      sg::ExecPtr exec;
      if (claim.bound > 0 && claim.weight > 0) {
        exec = sg::Exec::init();
        exec->set_flops_amount(kEndlessFlops)
            ->set_host(node.host)
            ->set_priority(claim.weight)
            ->set_bound(claim.bound * kFlopsPerCore);
        exec->start();
      }
      node.execs.push_back(exec);
    }
  }

  std::vector<double> usage(int index) override {
    const NodeState& node = nodes_[static_cast<std::size_t>(index)];
    const double elapsed = sg::Engine::get_clock() - node.since;
    std::vector<double> cores;
    for (const sg::ExecPtr& exec : node.execs) {
      const double done = exec ? kEndlessFlops - exec->get_remaining() : 0.0;
      cores.push_back(elapsed > 0 ? done / kFlopsPerCore / elapsed : 0.0);
    }
    return cores;
  }

  void pull(int index, std::int64_t bytes, std::function<void(TimeNs)> done) override {
    sg::Host* to = nodes_[static_cast<std::size_t>(index)].host;
    sg::Actor::create(fmt::format("pull-{}", index), to, [this, to, bytes, finished = done] {
      sg::Comm::sendto(registry_, to, static_cast<std::uint64_t>(bytes));
      finished(from_seconds_rounded(sg::Engine::get_clock()));
    })->daemonize();
  }

 private:
  struct NodeState {
    sg::Host* host = nullptr;
    std::vector<sg::ExecPtr> execs;
    double since = 0;
  };
  sg::Host* registry_;
  std::vector<NodeState> nodes_;
};

}  // namespace

struct SimgridWorld::Parts {
  std::vector<sg::Host*> hosts;
  sg::Host* registry = nullptr;
  std::unique_ptr<SimgridExecutor> executor;
  std::unique_ptr<SimgridNodes> nodes;
};

SimgridWorld::SimgridWorld(const ClusterSettings& settings) : parts_(std::make_unique<Parts>()) {
  sg::Engine& engine = start_engine();
  sg::NetZone* zone = sg::create_full_zone("cluster");
  sg::Host* control = zone->create_host("control-plane", kFlopsPerCore)->seal();
  parts_->registry = zone->create_host("registry", kFlopsPerCore)->seal();
  sg::Link* uplink =
      zone->create_link("registry-uplink", settings.network.registry_bytes_per_second)->seal();
  for (int i = 0; i < settings.nodes.count; ++i) {
    sg::Host* host =
        zone->create_host(fmt::format("node-{}", i), settings.nodes.cores * kFlopsPerCore)->seal();
    const sg::Link* link =
        zone->create_link(fmt::format("node-{}-link", i), settings.network.node_bytes_per_second)
            ->set_latency(to_seconds(settings.network.cluster_latency))
            ->seal();
    zone->add_route(parts_->registry->get_netpoint(), host->get_netpoint(), nullptr, nullptr,
                    {sg::LinkInRoute(uplink), sg::LinkInRoute(link)});
    parts_->hosts.push_back(host);
  }
  zone->seal();
  parts_->executor = std::make_unique<SimgridExecutor>(engine, control);
  parts_->nodes = std::make_unique<SimgridNodes>(parts_->hosts, parts_->registry);
}

SimgridWorld::~SimgridWorld() = default;

Executor& SimgridWorld::executor() { return *parts_->executor; }
CpuShares& SimgridWorld::shares() { return *parts_->nodes; }
ImagePulls& SimgridWorld::pulls() { return *parts_->nodes; }

double SimgridWorld::route_latency_s(int node) const {
  double latency = 0;
  std::vector<sg::Link*> links;
  parts_->registry->route_to(parts_->hosts[static_cast<std::size_t>(node)], links, &latency);
  return latency;
}

}  // namespace wsfleet
