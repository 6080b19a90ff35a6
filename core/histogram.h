// SPDX-License-Identifier: Apache-2.0
#pragma once
// A mergeable log-linear histogram of non-negative int64 values (HDR style): 64 sub-buckets per
// power of two, so a reported value is at most 1/64 (1.6 %) above the recorded one. Counts may be
// fractional (a fluid of messages). Not thread-safe: one per thread, then merge.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/result.h"

namespace wsfleet {

class Histogram {
 public:
  /// Negative values count as 0.
  void record(std::int64_t value, double count = 1.0);
  /// Something that never came to an end: greater than every value.
  void record_infinite(double count = 1.0) { infinite_ += count; }
  void merge(const Histogram& other);

  double count() const { return finite_ + infinite_; }
  double infinite_count() const { return infinite_; }
  /// The smallest bucket's upper end that at least `quantile` (0..1) of the counts do not exceed;
  /// +infinity when that lies among the infinite ones, NaN when empty.
  double quantile(double quantile) const;
  /// Of the finite values (bucket mid-points); NaN when there are none.
  double mean() const;

  /// {"counts": [[bucket, count], ...], "infinite": n}: sparse, lossless.
  nlohmann::json to_json() const;
  static Result<Histogram> from_json(const nlohmann::json& json);

 private:
  static std::size_t bucket_of(std::int64_t value);
  static std::int64_t upper_end(std::size_t bucket);

  std::vector<double> counts_;
  double finite_ = 0;
  double infinite_ = 0;
};

}  // namespace wsfleet
