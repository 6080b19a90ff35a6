// SPDX-License-Identifier: Apache-2.0
// What others see of a pod: the kubelet's readiness probe, Prometheus' scrape, the ingress' list of
// endpoints.
#include <algorithm>

#include "cluster/simulated/data/data_plane.h"
#include "server/rules.h"

namespace wsfleet {
namespace {

// Prometheus spreads its targets over the interval by a hash.
TimeNs first_scrape(TimeNs now, TimeNs interval, double share) {
  const auto offset = static_cast<TimeNs>(share * static_cast<double>(interval));
  const TimeNs rounds = now <= offset ? 0 : (now - offset + interval - 1) / interval;
  return offset + rounds * interval;
}

}  // namespace

void DataPlane::container_started(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  const TimeNs probe_at = now + settings_.cluster.readiness.initial_delay;
  push(probe_at, EventKind::probe, slot, pod.life);
  listener_.wake_at(probe_at);
  const TimeNs interval = settings_.metrics.scrape_interval;
  push(first_scrape(now, interval, scrape_offset_.uniform(pod.serial)), EventKind::scrape, slot,
       pod.life);
}

void DataPlane::server_listens(PodSlot slot, TimeNs now, bool ready) {
  Pod& pod = pods_[slot];
  pod.stage = PodStage::serving;
  pod.virtual_updated = now;
  store_.server_listens(pod, now);
  if (!ready) return;
  while (!pod.probe.ready()) pod.probe.record(true);
  endpoints_.insert(std::lower_bound(endpoints_.begin(), endpoints_.end(), slot), slot);
  balancer_->advance_to(now);
  balancer_->set_endpoints(endpoints_);
}

void DataPlane::on_probe(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  const ProbeSettings& probe = settings_.cluster.readiness;
  const bool success = answers_within(pod, probe.timeout) &&
                       is_ready(settings_.server, pod.sockets(), pod.closes.draining());
  if (record_probe(pod, success, now)) {
    if (!pod.terminating) announce_endpoint(slot, pod.ready, now);
    listener_.readiness_changed(slot);
  }
  push(now + probe.period, EventKind::probe, slot, pod.life);
  if (!pod.ready) listener_.wake_at(now + probe.period);
}

// A probe or scrape shares the CPU with the handshakes that are under way.
bool DataPlane::answers_within(const Pod& pod, TimeNs timeout) const {
  if (pod.stage != PodStage::serving || pod.cut_off) return false;
  if (pod.handshake_rate <= 0) return true;
  return handshake_work_ns_ / pod.handshake_rate <= static_cast<double>(timeout);
}

void DataPlane::on_scrape(PodSlot slot, TimeNs now) {
  Pod& pod = pods_[slot];
  if (prometheus_up_) {
    pod.sample.reset();
    if (answers_within(pod, settings_.metrics.scrape_timeout)) {
      pod.sample = Sample{static_cast<double>(pod.open.size()), now};
    }
  }
  push(now + settings_.metrics.scrape_interval, EventKind::scrape, slot, pod.life);
}

void DataPlane::announce_endpoint(PodSlot slot, bool serves, TimeNs now) {
  endpoint_changes_.push_back({slot, pods_[slot].serial, serves});
  push(now + settings_.cluster.control_plane.endpoint_propagation, EventKind::endpoints, 0, 0);
}

// Every change takes as long, so they come in order: this event is about the oldest one.
void DataPlane::on_endpoints(TimeNs now) {
  const EndpointChange change = endpoint_changes_.front();
  endpoint_changes_.pop_front();
  const auto at = std::lower_bound(endpoints_.begin(), endpoints_.end(), change.slot);
  const bool listed = at != endpoints_.end() && *at == change.slot;
  const bool alive =
      pods_[change.slot].serial == change.serial && pods_[change.slot].stage != PodStage::gone;
  if (change.serves && !listed && alive) {
    endpoints_.insert(at, change.slot);
  } else if (!change.serves && listed) {
    endpoints_.erase(at);
  } else {
    return;
  }
  balancer_->advance_to(now);
  balancer_->set_endpoints(endpoints_);
  if (!change.serves && !alive) balancer_->forget(change.slot);
}

// While it is listed the ingress still sends clients there.
void DataPlane::pod_gone(PodSlot slot) {
  if (!std::binary_search(endpoints_.begin(), endpoints_.end(), slot)) balancer_->forget(slot);
}

}  // namespace wsfleet
