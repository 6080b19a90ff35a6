// SPDX-License-Identifier: Apache-2.0
#pragma once
// The simulated Kubernetes: controller, scheduler, kubelets, nodes and their faults. One task works
// off an agenda; once a second it also does what a kubelet does then (it looks for dead containers)
// and ends the recorder's second. All changes to pods happen in here. Files: control_plane.cpp
// (task, controller), kubelet.cpp (a pod's life), second.cpp (CPU claims and the row), faults.cpp,
// redis.cpp (the session store and rooms).
// Not thread-safe: tasks run one at a time.

#include <memory>
#include <string>
#include <vector>

#include "cluster/controllers/controller.h"
#include "cluster/simulated/control/agenda.h"
#include "cluster/simulated/control/executor.h"
#include "cluster/simulated/control/resources.h"
#include "cluster/simulated/data/data_plane.h"
#include "core/seam/seam.h"

namespace wsfleet {

class ControlPlane : public DataPlane::Listener {
 public:
  ControlPlane(const RunDescription& settings, Executor& executor, CpuShares& shares,
               ImagePulls& pulls, Recorder& recorder);

  /// Puts up the initial pods, serving at t = 0, and starts the control task.
  void start();
  /// True once the duration has passed or the user has stopped the run: tasks return then.
  bool ended() const { return ended_; }
  bool stopped() const { return stopped_; }
  TimeNs now() const { return executor_.now(); }
  DataPlane& data() { return *data_; }
  void finish();

  // The API server's side; at now().
  ClusterState state() const;
  void set_replicas(int replicas);
  Result<void> drain(const std::string& uid);
  Result<void> shed(const std::string& uid, double share);
  Result<void> set_deletion_cost(const std::string& uid, int cost);
  bool api_up() const { return api_up_; }
  bool prometheus_up() const { return prometheus_up_; }
  std::unordered_map<std::string, MetricSample> samples() const;

  Result<void> inject(const Fault& fault);

  // DataPlane::Listener
  void readiness_changed(PodSlot pod) override;
  void out_of_memory(PodSlot pod) override;
  void drained(PodSlot pod) override;
  void wake_at(TimeNs time) override {
    agenda_.post(time, [] {});
  }

 private:
  enum class NoteKind { readiness, out_of_memory, drained };
  struct Note {
    NoteKind kind;
    PodSlot slot;
    std::uint64_t serial;
  };

  void run_task();
  void post(TimeNs time, std::function<void()> action);
  /// The same, dropped if the pod's container has died meanwhile or the pod is another one.
  void post_for(PodSlot slot, TimeNs time, std::function<void()> action);
  void read_notes();
  void reconcile_pods();
  void event(const char* kind, PodSlot slot, std::string detail);
  void fleet_event(const char* kind, const std::string& node, std::string detail);

  // kubelet.cpp
  PodSlot create_pod(int ordinal);
  void schedule(PodSlot slot);
  int choose_node() const;
  void bind(PodSlot slot, int node);
  void pull_image(PodSlot slot);
  void image_arrived(int node, TimeNs began, TimeNs arrived);
  void start_container(PodSlot slot);
  void begin_serving(PodSlot slot, bool ready);
  void terminate(PodSlot slot, const char* why);
  void send_sigterm(PodSlot slot);
  void kill(PodSlot slot);
  void remove(PodSlot slot, std::string detail);
  void restart_after_crash(PodSlot slot);

  // second.cpp
  void end_second();
  void update_cpu(int node);
  void count_messages(Pod& pod);
  PodLevels read_levels() const;

  // redis.cpp
  void redis_goes_away(TimeNs duration);
  void redis_comes_back(TimeNs away);
  void count_linked();
  void count_background(PodSlot slot);

  // faults.cpp
  void kill_random_pods(const Fault& fault);
  void take_nodes_down(const Fault& fault);
  void node_down(int node, TimeNs duration);
  void node_up(int node);
  void cut_off_pods(const Fault& fault);
  std::vector<PodSlot> choose_pods(const Fault& fault);

  const RunDescription& settings_;
  Executor& executor_;
  CpuShares& shares_;
  ImagePulls& pulls_;
  Recorder& recorder_;
  PodTable pods_;
  Meter meter_;
  std::unique_ptr<DataPlane> data_;
  std::vector<Node> nodes_;
  Agenda agenda_;
  std::vector<Note> notes_;
  std::vector<PodSlot> unscheduled_;
  int task_ = -1;
  int replicas_ = 0;
  bool dirty_ = false;  // the controller has something to look at
  bool ended_ = false;
  bool stopped_ = false;
  bool api_up_ = true;
  bool prometheus_up_ = true;
  double start_factor_ = 1.0;
  std::int64_t linked_connections_ = 0;  // on pods that reach each other through Redis
};

}  // namespace wsfleet
