// SPDX-License-Identifier: Apache-2.0
#pragma once
// The session store as the simulated pods use Redis: a key for each open session, written when it
// opens, refreshed, removed when it closes, gone after its life where nobody refreshes it. Keys are
// a fluid: how many each pod has there, not which. Writing them is work for the pod's CPU beside
// that of its event loop. Not thread-safe.

#include <cstdint>
#include <vector>

#include "cluster/simulated/data/pods.h"
#include "core/random.h"
#include "core/time.h"
#include "server/settings.h"

namespace wsfleet {

class SessionStore {
 public:
  SessionStore(const ServerSettings& settings, std::uint64_t seed);

  bool used() const { return used_; }
  bool up() const { return outages_ == 0; }

  // What happens to pods and their sockets.
  void server_listens(Pod& pod, TimeNs now);
  void opened(Pod& pod) {
    if (!used_ || !pod.store.linked) return;
    ++pod.store.writes_due;
    ++pod.store.changes;
  }
  /// `since`: when the session opened.
  void closed(Pod& pod, TimeNs since) {
    if (used_ && !pod.store.gone) forget(pod, since);
  }
  /// Its server ends: by itself, with its keys removed, when Redis is there and no socket is open.
  void container_stopped(Pod& pod, TimeNs now);

  // An outage, of which several may overlap.
  void goes_away(PodTable& pods, TimeNs now);
  /// Whether Redis is there again.
  bool comes_back() { return --outages_ == 0; }
  /// From Redis' return, after so long, until this pod tries again.
  TimeNs retry_delay(const Pod& pod, TimeNs away) const;
  /// Connected again: all its keys are to be written, those of sessions that closed to be removed.
  void link(Pod& pod, TimeNs now, double rest);

  /// Works off what is due since the last call, with what the rest of the pod leaves of its CPU (an
  /// even share at the least: it is a thread of its own), and sets `load` for what comes. `rest`,
  /// as in link(): cores that messages, pings and handshakes take.
  void work(Pod& pod, TimeNs now, double rest);

  /// Keys in Redis, also while nobody can reach it.
  std::int64_t keys(const PodTable& pods, TimeNs now);

 private:
  /// Keys that nobody refreshes since then.
  struct Abandoned {
    double keys;
    TimeNs since;
  };

  void forget(Pod& pod, TimeNs since);
  void unlink(Pod& pod, TimeNs now);
  double keys_of(const Pod& pod, TimeNs now) const;
  double share_of(const Pod& pod, double rest) const;

  const ServerSettings& settings_;
  bool used_;
  double cost_s_;
  RandomStream retry_;
  int outages_ = 0;
  std::uint32_t outages_begun_ = 0;
  std::vector<Abandoned> abandoned_;
};

}  // namespace wsfleet
