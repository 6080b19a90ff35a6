// SPDX-License-Identifier: Apache-2.0
#pragma once
// The pods and nodes of the simulated cluster, as both planes see them. Plain data: the data plane
// owns what happens to sockets, the control plane what happens to pods. Not thread-safe.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/controllers/pod_record.h"
#include "cluster/second_meter.h"
#include "cluster/simulated/control/resources.h"
#include "cluster/simulated/data/connections.h"
#include "core/time.h"
#include "server/paced_closes.h"
#include "server/rules.h"

namespace wsfleet {

enum class PodStage {
  pending,   // not bound to a node, or no node has room
  pulling,   // bound; the image is on its way
  starting,  // the container runs, the server does not listen yet
  serving,   // the server listens
  waiting,   // crashed; waits for its restart
  gone,      // the slot is free
};

/// A handshake under way on a pod's CPU.
struct Handshake {
  ConnectionId connection = 0;
  TimeNs started = 0;  // when the client began the attempt
  double finish = 0;   // the pod's virtual time at which its work is done, in CPU ns
};

struct Sample {
  double value = 0;
  TimeNs at = 0;
};

/// A pod's keys in the session store (session_store.h). Counts of a fluid.
struct PodStore {
  bool linked = false;  // its server reaches Redis
  bool gone = false;    // its container has stopped
  TimeNs since = 0;     // while it is not linked: since when
  TimeNs worked = 0;
  double writes_due = 0;    // open sessions whose key is not written yet
  double removals_due = 0;  // keys of closed sessions
  double old_keys = 0;      // those, and what there was before an outage
  double changes = 0;       // opened and closed since the last second's tick
  double load = 0;          // cores that the work on all this takes now
};

struct Pod : PodRecord {
  Pod(const ServerSettings& server, const ProbeSettings& readiness)
      : PodRecord(readiness), admission(server), closes(server.drain) {}

  // Placement and life.
  int node = -1;
  PodStage stage = PodStage::pending;
  TimeNs scheduled = -1;
  bool node_lost = false;      // its node is down: it does not answer
  bool unschedulable = false;  // said so once

  // The server in it.
  AdmissionRule admission;
  PacedCloses closes;
  bool close_expected = false;  // an event for the next one is pending
  bool cut_off = false;         // network_cut: nothing gets through
  bool sigterm = false;
  std::uint32_t life = 0;  // generation of its data-plane events; grows when the container dies
  std::uint32_t closes_life = 0;
  std::optional<Sample> sample;  // Prometheus' last scrape
  PodStore store;

  // Sockets.
  std::vector<ConnectionId> open;
  std::deque<Handshake> handshakes;  // equal work, so processor sharing ends them in FIFO order
  std::uint32_t handshake_generation = 0;
  bool timeout_pending = false;

  // CPU.
  double capacity = 0;      // cores it can have now
  double virtual_time = 0;  // CPU ns that each handshake under way has had so far
  TimeNs virtual_updated = 0;
  double handshake_rate = 0;       // CPU ns per ns and handshake, since virtual_updated
  double handshake_work_done = 0;  // CPU ns, since the last second's tick
  double room_load = 0;            // cores that rooms take: deliveries, and messages by Redis
  double message_backlog = 0;      // CPU seconds of messages that wait
  double claimed = 0;              // the bound of its claim on the node, in cores

  /// Cores for what is not the sockets' own: rooms and the session store.
  double background() const { return room_load + store.load; }
  std::int64_t sockets() const {
    return static_cast<std::int64_t>(open.size() + handshakes.size());
  }
};

struct Node {
  std::string name;
  bool up = true;
  bool image_present = false;
  bool image_pulling = false;
  double cpu_booked = 0;
  std::int64_t memory_booked = 0;
  std::vector<PodSlot> pods;
  std::uint32_t life = 0;  // grows when it goes down
  // Its CPU: who claims what, since the last time that anything worth passing on changed.
  std::vector<CpuClaim> claims;
  std::vector<std::pair<PodSlot, std::uint64_t>> claimants;  // slot and serial
  bool has_claims = false;
  bool claims_changed = false;  // usage() is to be read at the next tick
};

/// The pods by slot. Slots of dead pods come back; iteration is over those alive, oldest first.
class PodTable {
 public:
  Pod& operator[](PodSlot slot) { return *pods_[slot]; }
  const Pod& operator[](PodSlot slot) const { return *pods_[slot]; }
  const std::vector<PodSlot>& alive() const { return alive_; }

  PodSlot create(const ServerSettings& server, const ProbeSettings& readiness);
  void destroy(PodSlot slot);
  std::optional<PodSlot> find(const std::string& uid) const;

 private:
  std::vector<std::unique_ptr<Pod>> pods_;
  std::vector<PodSlot> free_;
  std::vector<PodSlot> alive_;
  std::uint64_t serials_ = 0;
};

}  // namespace wsfleet
