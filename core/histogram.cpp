// SPDX-License-Identifier: Apache-2.0
#include "core/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

constexpr int kSubBits = 6;
constexpr std::size_t kSubBuckets = std::size_t{1} << kSubBits;
constexpr std::size_t kBuckets = (63 - kSubBits) * kSubBuckets + kSubBuckets;

}  // namespace

// Values below 64 have a bucket each; above, the top seven bits of a value pick its bucket.
std::size_t Histogram::bucket_of(std::int64_t value) {
  if (value < static_cast<std::int64_t>(kSubBuckets)) {
    return value < 0 ? 0 : static_cast<std::size_t>(value);
  }
  const auto bits = static_cast<std::uint64_t>(value);
  const int shift = 63 - std::countl_zero(bits) - kSubBits;
  return static_cast<std::size_t>(shift) * kSubBuckets + static_cast<std::size_t>(bits >> shift);
}

std::int64_t Histogram::upper_end(std::size_t bucket) {
  if (bucket < 2 * kSubBuckets) return static_cast<std::int64_t>(bucket);
  const std::size_t shift = bucket / kSubBuckets - 1;
  const std::uint64_t top = bucket % kSubBuckets + kSubBuckets;
  return static_cast<std::int64_t>(((top + 1) << shift) - 1);
}

void Histogram::record(std::int64_t value, double count) {
  if (!(count > 0)) return;  // NaN neither
  const std::size_t bucket = bucket_of(value);
  if (bucket >= counts_.size()) counts_.resize(bucket + 1);
  counts_[bucket] += count;
  finite_ += count;
}

void Histogram::merge(const Histogram& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  finite_ += other.finite_;
  infinite_ += other.infinite_;
}

double Histogram::quantile(double quantile) const {
  const double total = count();
  if (total <= 0) return std::numeric_limits<double>::quiet_NaN();
  const double wanted = std::clamp(quantile, 0.0, 1.0) * total;
  double seen = 0;
  std::size_t last = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    if (counts_[bucket] > 0) last = bucket;
    seen += counts_[bucket];
    // The slack covers sums of fractional counts.
    if (counts_[bucket] > 0 && seen >= wanted - 1e-9 * total) {
      return static_cast<double>(upper_end(bucket));
    }
  }
  // After very many records `finite_` and the sum of the buckets differ by more than the slack.
  if (infinite_ <= 0) return static_cast<double>(upper_end(last));
  return std::numeric_limits<double>::infinity();
}

double Histogram::mean() const {
  if (finite_ <= 0) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    if (counts_[bucket] == 0) continue;
    const double low = bucket == 0 ? 0.0 : static_cast<double>(upper_end(bucket - 1)) + 1;
    sum += counts_[bucket] * (low + static_cast<double>(upper_end(bucket))) / 2;
  }
  return sum / finite_;
}

nlohmann::json Histogram::to_json() const {
  nlohmann::json counts = nlohmann::json::array();
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    if (counts_[bucket] > 0) counts.push_back({bucket, counts_[bucket]});
  }
  return {{"counts", counts}, {"infinite", infinite_}};
}

Result<Histogram> Histogram::from_json(const nlohmann::json& json) {
  const auto is_count = [](const nlohmann::json& value) {
    return value.is_number() && value.get<double>() >= 0 && std::isfinite(value.get<double>());
  };
  const auto infinite = json.find("infinite");
  const auto counts = json.find("counts");
  if (infinite == json.end() || !is_count(*infinite)) {
    return fail("histogram: 'infinite' must be a count");
  }
  if (counts == json.end() || !counts->is_array()) {
    return fail("histogram: 'counts' must be an array");
  }
  Histogram histogram;
  histogram.infinite_ = infinite->get<double>();
  for (std::size_t i = 0; i < counts->size(); ++i) {
    const nlohmann::json& entry = (*counts)[i];
    const bool pair = entry.is_array() && entry.size() == 2 && entry[0].is_number_integer();
    // A negative bucket turns into one that is far too great.
    const std::size_t bucket = pair ? entry[0].get<std::size_t>() : kBuckets;
    if (bucket >= kBuckets || !is_count(entry[1])) {
      return fail("histogram: 'counts[" + std::to_string(i) + "]' must be [bucket, count]");
    }
    if (bucket >= histogram.counts_.size()) histogram.counts_.resize(bucket + 1);
    histogram.counts_[bucket] += entry[1].get<double>();
    histogram.finite_ += entry[1].get<double>();
  }
  return histogram;
}

}  // namespace wsfleet
