// SPDX-License-Identifier: Apache-2.0
#pragma once
// What happens to sockets: arrivals, attempts, handshakes on the pods' CPU, closes, drains, probes
// and scrapes, as events in one queue that is advanced lazily. The control plane calls in at its
// own times, after advance(now); what it should know is told through Listener and acted upon when
// it next wakes. One file per concern: clients.cpp, handshakes.cpp, drains.cpp, health.cpp.
// Not thread-safe.

#include <deque>
#include <memory>
#include <vector>

#include "cluster/balancers/balancer.h"
#include "cluster/simulated/data/connections.h"
#include "cluster/simulated/data/event_queue.h"
#include "cluster/simulated/data/meter.h"
#include "cluster/simulated/data/pods.h"
#include "cluster/simulated/data/session_store.h"
#include "cluster/simulated/simulated.h"
#include "loadgen/session_digest.h"
#include "loadgen/sessions.h"

namespace wsfleet {

class DataPlane {
 public:
  /// What the control plane wants to hear of. Called in the middle of an event: take a note only.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void readiness_changed(PodSlot pod) = 0;
    virtual void out_of_memory(PodSlot pod) = 0;
    /// SIGTERM was sent and the last socket is gone: the server exits.
    virtual void drained(PodSlot pod) = 0;
    /// A probe at `time` may make a pod ready: be awake then.
    virtual void wake_at(TimeNs time) = 0;
  };

  DataPlane(const RunDescription& settings, PodTable& pods, Meter& meter, Listener& listener);

  /// The stationary population, onto the pods that serve already, and the first arrival.
  void start();
  /// Handles every event up to and including `now`.
  void advance(TimeNs now);
  TimeNs next_time() const { return queue_.next_time(); }
  /// Tells the offered load of the sessions that start before the end but have not arrived.
  void finish();

  // From the control plane, at `now`.
  void container_started(PodSlot slot, TimeNs now);
  /// The server listens. `ready`: as an initial pod, it has passed its probe before t = 0.
  void server_listens(PodSlot slot, TimeNs now, bool ready);
  /// The container is gone. Clients notice after up to `notice` (0: at once).
  void container_stopped(PodSlot slot, TimeNs now, CloseCause cause, TimeNs notice);
  void pod_gone(PodSlot slot);
  void begin_drain(PodSlot slot, TimeNs now);
  void begin_shed(PodSlot slot, TimeNs now, double share);
  void set_cut_off(PodSlot slot, bool cut_off, TimeNs now);
  void set_capacity(PodSlot slot, double cores, TimeNs now);
  /// The ingress learns of it after the propagation delay.
  void announce_endpoint(PodSlot slot, bool serves, TimeNs now);
  void set_prometheus_up(bool up) { prometheus_up_ = up; }

  /// Its background load is another one: handshakes go on at another pace.
  void background_changed(PodSlot slot, TimeNs now);

  /// Cores that messages, pings, rooms and the session store take on this pod.
  double message_load(const Pod& pod) const;
  /// CPU work of one handshake, in ns.
  double handshake_work_ns() const { return handshake_work_ns_; }
  /// Brings the pod's handshake accounting up to `now`.
  void settle_handshakes(Pod& pod, TimeNs now);
  /// Round trip between a client and a pod, without the pod's own work.
  TimeNs round_trip() const { return reach_delay_round_; }

  SessionStore& store() { return store_; }
  std::int64_t open_connections() const { return open_connections_; }
  std::int64_t initial_sessions() const { return initial_sessions_; }
  RunFigures figures() const;

 private:
  struct EndpointChange {
    PodSlot slot;
    std::uint64_t serial;
    bool serves;
  };

  void handle(const Event& event);
  void push(TimeNs time, EventKind kind, std::uint32_t target, std::uint32_t generation) {
    queue_.push(Event::make(time, kind, target, generation));
  }

  // clients.cpp
  void place_initial_sessions();
  void expect_arrival();
  void on_arrival(TimeNs now);
  void on_retry(ConnectionId id, TimeNs now);
  void on_close(ConnectionId id, TimeNs now);
  void attempt(ConnectionId id, TimeNs now);
  std::optional<PodSlot> pick(const Connection& connection, TimeNs now);
  void fail_attempt(ConnectionId id, TimeNs client_knows_at);
  void go_on(ConnectionId id, const ClientStep& step);
  void open(ConnectionId id, PodSlot slot, TimeNs attempt_began, TimeNs now);
  void place(ConnectionId id, PodSlot slot, TimeNs now);
  void cut(ConnectionId id, TimeNs now, CloseCause cause, TimeNs notice);
  void leave_pod(ConnectionId id, TimeNs now);

  // handshakes.cpp
  void begin_handshake(ConnectionId id, PodSlot slot, TimeNs attempt_began, TimeNs now);
  void on_handshake_done(PodSlot slot, TimeNs now);
  void on_handshake_timeout(PodSlot slot, TimeNs now);
  void set_handshake_rate(Pod& pod);
  void arm_handshake(PodSlot slot, TimeNs now);
  void reset_handshakes(PodSlot slot, TimeNs now, TimeNs notice);

  // drains.cpp
  void expect_close(PodSlot slot);
  void on_drain_close(PodSlot slot, TimeNs now);
  void after_leaving(PodSlot slot);

  // health.cpp
  void on_probe(PodSlot slot, TimeNs now);
  void on_scrape(PodSlot slot, TimeNs now);
  void on_endpoints(TimeNs now);
  bool answers_within(const Pod& pod, TimeNs timeout) const;

  const RunDescription& settings_;
  PodTable& pods_;
  Meter& meter_;
  Listener& listener_;
  EventQueue queue_;
  ConnectionTable connections_;
  RateFunction rate_;
  ArrivalProcess arrivals_;
  SessionModel sessions_;
  ReconnectModel reconnects_;
  RandomStream notice_;
  RandomStream scrape_offset_;
  std::unique_ptr<Balancer> balancer_;
  SessionStore store_;
  std::vector<EndpointId> endpoints_;
  std::deque<EndpointChange> endpoint_changes_;
  bool prometheus_up_ = true;

  TimeNs reach_delay_;  // from the client's start to the pod's work on the request
  TimeNs reply_delay_;  // from the pod's answer to the client's knowing
  TimeNs reach_delay_round_;
  double handshake_work_ns_;
  double cores_per_connection_;
  std::int64_t sockets_at_oom_;  // INT64_MAX: never

  TimeNs next_arrival_ = 0;  // intended start of the one whose event is pending
  std::uint64_t next_serial_ = 0;
  std::int64_t open_connections_ = 0;
  std::int64_t open_peak_ = 0;
  std::int64_t initial_sessions_ = 0;
  SessionDigest digest_;
  std::size_t bytes_at_peak_ = 0;
  std::int64_t live_at_peak_ = 0;
  std::int64_t events_ = 0;
  std::int64_t superseded_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace wsfleet
