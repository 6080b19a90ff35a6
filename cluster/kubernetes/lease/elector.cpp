// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/lease/elector.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/live/live_clock.h"

namespace wsfleet {

using nlohmann::json;

namespace {

// A Lease's times have six digits after the point, always.
std::string micro_time(TimeNs since_1970) {
  std::string text = format_utc(since_1970);
  const TimeNs micros = since_1970 % kMillisecond / kMicrosecond;
  return text.insert(text.size() - 1, fmt::format("{:03}", micros));
}

const json& spec_of(const json& lease) {
  static const json kNone = json::object();
  const auto spec = lease.find("spec");
  return spec != lease.end() && spec->is_object() ? *spec : kNone;
}

std::string text_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int number_in(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int>() : 0;
}

Elector::Annotations annotations_of(const json& lease) {
  Elector::Annotations annotations;
  const json::json_pointer place("/metadata/annotations");
  if (!lease.contains(place) || !lease.at(place).is_object()) return annotations;
  for (const auto& [key, value] : lease.at(place).items()) {
    if (value.is_string()) annotations[key] = value.get<std::string>();
  }
  return annotations;
}

}  // namespace

/// What is known of the Lease. Behind a mutex of its own, held for moments only.
struct Elector::Seen {
  mutable std::mutex mutex;
  json lease;              // null: not read yet, or not there
  TimeNs changed_at = 0;   // monotonic, when its spec was first seen as it is
  TimeNs answered_at = 0;  // of the last answer; 0: none yet
  bool holding = false;
  TimeNs renewed_at = 0;  // when the last successful renewal was sent
  int term = 0;
};

Elector::Elector(ElectionSettings settings, LeaseStore& store, ElectionClocks clocks)
    : settings_(std::move(settings)),
      store_(store),
      clocks_(std::move(clocks)),
      seen_(std::make_unique<Seen>()) {
  if (!clocks_.monotonic) clocks_.monotonic = monotonic_now;
  if (!clocks_.wall) clocks_.wall = wall_now;
}

Elector::~Elector() = default;

// The holder writes at once what it knows to be the current version; only where that is not so, and
// for everybody else, the Lease is read first.
Result<void> Elector::step() {
  const std::lock_guard one_request(request_mutex_);
  if (leading()) {
    const Result<void> renewed = renew();
    if (renewed || (renewed.error().kind != ErrorKind::conflict &&
                    renewed.error().kind != ErrorKind::not_found)) {
      return renewed;
    }
  }
  return take();
}

Result<void> Elector::renew() {
  json lease;
  {
    const std::lock_guard lock(seen_->mutex);
    lease = seen_->lease;
  }
  return write(filled(std::move(lease), /*acquired=*/false), /*create=*/false);
}

Result<void> Elector::take() {
  Result<json> read = store_.read(request_deadline());
  if (!read && read.error().kind != ErrorKind::not_found) return tl::unexpected(read.error());
  if (!read) {
    stop_holding();
    const json lease = {
        {"apiVersion", "coordination.k8s.io/v1"},
        {"kind", "Lease"},
        {"metadata", {{"name", settings_.lease_name}, {"namespace", settings_.name_space}}},
        {"spec", json::object()}};
    return write(filled(lease, /*acquired=*/true), /*create=*/true);
  }
  saw(*read);
  const json& spec = spec_of(*read);
  const std::string holder = text_in(spec, "holderIdentity");
  const bool mine = holder == settings_.identity;
  if (!mine) stop_holding();
  if (!mine && !holder.empty()) {
    // The holder's promise counts, not this candidate's own setting.
    const int promised_s = number_in(spec, "leaseDurationSeconds");
    const TimeNs promised = promised_s > 0 ? promised_s * kSecond : settings_.lease_duration;
    const std::lock_guard lock(seen_->mutex);
    if (clocks_.monotonic() < seen_->changed_at + promised) return {};
  }
  return write(filled(std::move(*read), !mine), /*create=*/false);
}

// Counted from before the request was sent: the others see the renewal later than that.
Result<void> Elector::write(json lease, bool create) {
  const TimeNs sent = clocks_.monotonic();
  const TimeNs deadline = request_deadline();
  Result<json> written = create ? store_.create(lease, deadline) : store_.replace(lease, deadline);
  if (!written) {
    const ErrorKind kind = written.error().kind;
    if (kind == ErrorKind::conflict || kind == ErrorKind::not_found) {
      const std::lock_guard lock(seen_->mutex);
      seen_->answered_at = clocks_.monotonic();
    }
    return tl::unexpected(written.error());
  }
  saw(*written);
  const std::lock_guard lock(seen_->mutex);
  if (!seen_->holding) ++seen_->term;
  seen_->holding = true;
  seen_->renewed_at = sent;
  return {};
}

Result<void> Elector::annotate(const Annotations& annotations) {
  const std::lock_guard one_request(request_mutex_);
  for (int attempt = 0; leading(); ++attempt) {
    json lease;
    {
      const std::lock_guard lock(seen_->mutex);
      lease = filled(seen_->lease, /*acquired=*/false);
    }
    for (const auto& [key, value] : annotations) lease["metadata"]["annotations"][key] = value;
    const Result<void> written = write(std::move(lease), /*create=*/false);
    if (written || written.error().kind != ErrorKind::conflict || attempt > 0) return written;
    // Somebody wrote to it: another holder, or one who only added a label.
    const Result<json> read = store_.read(request_deadline());
    if (!read) return tl::unexpected(read.error());
    saw(*read);
    if (text_in(spec_of(*read), "holderIdentity") != settings_.identity) stop_holding();
  }
  return fail(ErrorKind::conflict, fmt::format("'{}' does not hold the Lease {}",
                                               settings_.identity, settings_.lease_name));
}

Result<void> Elector::release() {
  const std::lock_guard one_request(request_mutex_);
  json lease;
  {
    const std::lock_guard lock(seen_->mutex);
    if (!seen_->holding) return {};
    lease = seen_->lease;
  }
  stop_holding();  // before the request: what it does to others may come at any moment
  for (int attempt = 0;; ++attempt) {
    json& spec = lease["spec"];
    spec["holderIdentity"] = "";
    spec["leaseDurationSeconds"] = 1;
    spec["renewTime"] = next_time();
    const Result<json> written = store_.replace(lease, request_deadline());
    if (written) {
      saw(*written);
      return {};
    }
    if (written.error().kind != ErrorKind::conflict || attempt > 0) {
      return tl::unexpected(written.error());
    }
    Result<json> read = store_.read(request_deadline());
    if (!read) return tl::unexpected(read.error());
    if (text_in(spec_of(*read), "holderIdentity") != settings_.identity) return {};
    lease = std::move(*read);
  }
}

// No renewal looks like the one before, even where the wall clock stands still: the others go by
// the change.
std::string Elector::next_time() {
  const TimeNs wall = clocks_.wall();
  same_wall_ = wall == last_wall_ ? same_wall_ + 1 : 0;
  last_wall_ = wall;
  return micro_time(wall + same_wall_ * kMicrosecond);
}

// `lease` as this holder writes it; what it does not know of stays.
json Elector::filled(json lease, bool acquired) {
  json& spec = lease["spec"];
  const std::string now = next_time();
  if (acquired) {
    // A Lease without a holder's history begins with 0, as client-go's do.
    const bool is_new = !spec.contains("leaseTransitions");
    spec["leaseTransitions"] = is_new ? 0 : number_in(spec, "leaseTransitions") + 1;
    spec["acquireTime"] = now;
  }
  spec["holderIdentity"] = settings_.identity;
  spec["leaseDurationSeconds"] = settings_.lease_duration / kSecond;
  spec["renewTime"] = now;
  return lease;
}

void Elector::saw(const json& lease) {
  const TimeNs now = clocks_.monotonic();
  const std::lock_guard lock(seen_->mutex);
  if (seen_->lease.is_null() || spec_of(seen_->lease) != spec_of(lease)) seen_->changed_at = now;
  seen_->lease = lease;
  seen_->answered_at = now;
}

void Elector::stop_holding() {
  const std::lock_guard lock(seen_->mutex);
  seen_->holding = false;
}

// A hanging request of the holder must leave time for another try.
TimeNs Elector::request_deadline() const {
  const TimeNs usual = std::max(2 * settings_.retry_period, kSecond / 2);
  const TimeNs left = time_left();
  return left > 0 ? std::min(usual, left) : usual;
}

TimeNs Elector::time_left() const {
  const TimeNs now = clocks_.monotonic();
  const std::lock_guard lock(seen_->mutex);
  if (!seen_->holding) return 0;
  return std::max<TimeNs>(0, seen_->renewed_at + settings_.renew_deadline - now);
}

int Elector::term() const {
  const std::lock_guard lock(seen_->mutex);
  return seen_->term;
}

std::string Elector::holder() const {
  const std::lock_guard lock(seen_->mutex);
  return text_in(spec_of(seen_->lease.is_null() ? json::object() : seen_->lease), "holderIdentity");
}

int Elector::transitions() const {
  const std::lock_guard lock(seen_->mutex);
  return seen_->lease.is_null() ? 0 : number_in(spec_of(seen_->lease), "leaseTransitions");
}

Elector::Annotations Elector::annotations() const {
  const std::lock_guard lock(seen_->mutex);
  return seen_->lease.is_null() ? Annotations() : annotations_of(seen_->lease);
}

TimeNs Elector::silence() const {
  const TimeNs now = clocks_.monotonic();
  const std::lock_guard lock(seen_->mutex);
  return seen_->answered_at == 0 ? kNever : now - seen_->answered_at;
}

}  // namespace wsfleet
