// SPDX-License-Identifier: Apache-2.0
#include "cluster/simulated/data/session_store.h"

#include <algorithm>
#include <cmath>

#include "server/rules.h"

namespace wsfleet {

SessionStore::SessionStore(const ServerSettings& settings, std::uint64_t seed)
    : settings_(settings),
      used_(settings.redis),
      cost_s_(to_seconds(settings.costs.session_store_cpu)),
      retry_(seed, "cluster.redis_retry") {}

void SessionStore::server_listens(Pod& pod, TimeNs now) {
  if (!used_) return;
  pod.store = {};
  pod.store.linked = up();
  pod.store.since = now;
  pod.store.worked = now;
}

// While Redis is away: what was written before is to be removed later, what was not never was.
void SessionStore::forget(Pod& pod, TimeNs since) {
  PodStore& store = pod.store;
  if (!store.linked) {
    if (since <= store.since) ++store.removals_due;
    return;
  }
  ++store.removals_due;
  ++store.old_keys;
  ++store.changes;
}

void SessionStore::container_stopped(Pod& pod, TimeNs now) {
  if (!used_) return;
  const bool removes_them = pod.store.linked && pod.open.empty();
  if (!removes_them) unlink(pod, now);
  if (!removes_them && pod.store.old_keys > 0) {
    abandoned_.push_back({pod.store.old_keys, pod.store.since});
  }
  pod.store = {};
  pod.store.gone = true;
}

void SessionStore::goes_away(PodTable& pods, TimeNs now) {
  if (outages_++ > 0) return;
  ++outages_begun_;
  for (const PodSlot slot : pods.alive()) unlink(pods[slot], now);
}

// What is there now is all that there will be.
void SessionStore::unlink(Pod& pod, TimeNs now) {
  PodStore& store = pod.store;
  if (!store.linked) return;
  store.old_keys = keys_of(pod, now);
  store.linked = false;
  store.since = now;
  store.writes_due = 0;
  store.load = 0;
}

// The server doubles its waits up to the cap, so a short outage ends in a short one.
TimeNs SessionStore::retry_delay(const Pod& pod, TimeNs away) const {
  const auto longest = static_cast<double>(std::min(away, kRedisBackOffCap));
  return static_cast<TimeNs>(longest * retry_.uniform(pod.serial, outages_begun_));
}

void SessionStore::link(Pod& pod, TimeNs now, double rest) {
  PodStore& store = pod.store;
  store.old_keys *= session_keys_left(now - store.since);
  store.linked = true;
  store.worked = now;
  store.writes_due = static_cast<double>(pod.open.size());
  store.changes = 0;
  store.load = std::min(share_of(pod, rest), (store.writes_due + store.removals_due) * cost_s_);
}

void SessionStore::work(Pod& pod, TimeNs now, double rest) {
  PodStore& store = pod.store;
  if (!store.linked) return;
  const double due = store.writes_due + store.removals_due;
  const double share = share_of(pod, rest);
  const double time = share * to_seconds(now - store.worked);
  store.worked = now;
  // Due from before goes on; what is usual, at the pace of the last second.
  double left = 0;
  if (due * cost_s_ > time) {
    left = 1 - time / (due * cost_s_);
    store.writes_due *= left;
    store.removals_due *= left;
    store.old_keys *= left;
  } else {
    store.writes_due = store.removals_due = store.old_keys = 0;
  }
  const double refreshes = refresh_load(settings_, static_cast<std::int64_t>(pod.open.size()));
  store.load = std::min(share, (due * left + store.changes) * cost_s_ + refreshes);
  store.changes = 0;
}

double SessionStore::share_of(const Pod& pod, double rest) const {
  return std::min(1.0, std::max(pod.capacity / 2, pod.capacity - rest));
}

double SessionStore::keys_of(const Pod& pod, TimeNs now) const {
  const PodStore& store = pod.store;
  if (!store.linked) return store.old_keys * session_keys_left(now - store.since);
  const double open = static_cast<double>(pod.open.size());
  return std::max(0.0, open - store.writes_due) + store.old_keys;
}

std::int64_t SessionStore::keys(const PodTable& pods, TimeNs now) {
  if (!used_) return 0;
  std::erase_if(abandoned_,
                [now](const Abandoned& keys) { return now - keys.since >= kSessionTtl; });
  double sum = 0;
  for (const PodSlot slot : pods.alive()) sum += keys_of(pods[slot], now);
  for (const Abandoned& keys : abandoned_) {
    sum += keys.keys * session_keys_left(now - keys.since);
  }
  return std::llround(sum);
}

}  // namespace wsfleet
