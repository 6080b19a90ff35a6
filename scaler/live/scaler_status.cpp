// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/scaler_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

/// Prometheus' text format.
class MetricsText {
 public:
  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
  }
  void value(double number) { text_ += fmt::format("{} {}\n", name_, number); }
  void value(std::string_view label, std::string_view word, double number) {
    text_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name_, label, word, number);
  }
  void gauge(std::string_view name, std::string_view help, double number) {
    begin(name, "gauge", help);
    value(number);
  }
  void by_word(std::string_view name, std::string_view help, std::string_view label,
               std::initializer_list<const char*> always,
               const std::map<std::string, std::int64_t>& counts) {
    begin(name, "counter", help);
    std::map<std::string, std::int64_t> all = counts;
    for (const char* word : always) all.try_emplace(word, 0);
    for (const auto& [word, count] : all) value(label, word, static_cast<double>(count));
  }
  std::string take() { return std::move(text_); }

 private:
  std::string_view name_;
  std::string text_;
};

}  // namespace

void ScalerStatus::policy(const std::string& name, TimeNs interval, bool dry_run) {
  const std::lock_guard lock(mutex_);
  policy_ = name;
  interval_ = interval;
  dry_run_ = dry_run;
}

void ScalerStatus::decided(int replicas, int wanted, TimeNs since_1970) {
  const std::lock_guard lock(mutex_);
  ++decisions_;
  replicas_ = replicas;
  wanted_ = wanted;
  decided_at_ = since_1970;
}

void ScalerStatus::scaled(bool up) {
  const std::lock_guard lock(mutex_);
  ++(up ? scale_ups_ : scale_downs_);
}

void ScalerStatus::held(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  ++holds_[reason];
}

void ScalerStatus::error(const std::string& source) {
  const std::lock_guard lock(mutex_);
  ++errors_[source];
}

void ScalerStatus::reloaded(bool valid) {
  const std::lock_guard lock(mutex_);
  ++(valid ? reloads_ : bad_reloads_);
  config_valid_ = valid;
}

void ScalerStatus::moved() {
  const std::lock_guard lock(mutex_);
  moved_at_ = monotonic_now();
}

void ScalerStatus::heard() {
  const std::lock_guard lock(mutex_);
  heard_at_ = monotonic_now();
}

std::string ScalerStatus::text(const ScalerLevels& levels) const {
  const std::lock_guard lock(mutex_);
  MetricsText text;
  text.gauge("wsfleet_scaler_leader", "1 while this scaler leads", levels.leading ? 1 : 0);
  text.gauge("wsfleet_scaler_lease_transitions", "how often the Lease changed hands",
             levels.lease_transitions);
  text.gauge("wsfleet_scaler_dry_run", "1 where nothing is changed", dry_run_ ? 1 : 0);
  text.begin("wsfleet_scaler_policy", "gauge", "the policy that decides");
  text.value("policy", policy_, 1);
  text.begin("wsfleet_scaler_decisions_total", "counter", "decisions made");
  text.value(static_cast<double>(decisions_));
  text.by_word("wsfleet_scaler_scalings_total", "changes of the replicas that were accepted",
               "direction", {}, {{"up", scale_ups_}, {"down", scale_downs_}});
  text.by_word("wsfleet_scaler_holds_total", "ticks in which something was held back", "reason",
               {"api", "conflict", "metrics_empty", "metrics_error", "metrics_partial",
                "new_leader", "not_leading"},
               holds_);
  text.by_word("wsfleet_scaler_errors_total", "what failed", "source",
               {"api", "apply", "config", "lease", "metrics"}, errors_);
  text.gauge("wsfleet_scaler_replicas", "spec.replicas as last read", replicas_);
  text.gauge("wsfleet_scaler_replicas_wanted", "replicas as last decided", wanted_);
  text.gauge("wsfleet_scaler_last_decision_timestamp_seconds",
             "when the last decision was made, since 1970; 0: never", to_seconds(decided_at_));
  text.by_word("wsfleet_scaler_config_reloads_total", "times that a changed file was read",
               "result", {}, {{"valid", reloads_}, {"invalid", bad_reloads_}});
  text.gauge("wsfleet_scaler_config_valid", "0: the file has mistakes, an older one is in force",
             config_valid_ ? 1 : 0);
  return text.take();
}

TimeNs ScalerStatus::stillness() const {
  const TimeNs now = monotonic_now();
  const std::lock_guard lock(mutex_);
  return now - moved_at_;
}

TimeNs ScalerStatus::silence() const {
  const TimeNs now = monotonic_now();
  const std::lock_guard lock(mutex_);
  return heard_at_ < 0 ? kNever : now - heard_at_;
}

TimeNs ScalerStatus::patience() const {
  const std::lock_guard lock(mutex_);
  return std::max(3 * interval_, kMinute);
}

}  // namespace wsfleet
