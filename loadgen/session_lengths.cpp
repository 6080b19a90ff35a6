// SPDX-License-Identifier: Apache-2.0
#include "loadgen/session_lengths.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace wsfleet {
namespace {

/// The share of a standard normal variable above z.
double normal_above(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

/// How many standard deviations ln(seconds) is above the mean of the logarithm.
double lognormal_z(const LengthSettings& length, double seconds) {
  return (std::log(seconds) - lognormal_mu(length)) / length.sigma;
}

}  // namespace

double lognormal_mu(const LengthSettings& length) {
  return std::log(to_seconds(length.mean)) - 0.5 * length.sigma * length.sigma;
}

double pareto_minimum(const LengthSettings& length) {
  return to_seconds(length.mean) * (length.alpha - 1) / length.alpha;
}

double survival(const LengthSettings& length, double seconds) {
  if (seconds <= 0) return 1;
  switch (length.distribution) {
    case LengthDistribution::exponential:
      return std::exp(-seconds / to_seconds(length.mean));
    case LengthDistribution::lognormal:
      return normal_above(lognormal_z(length, seconds));
    case LengthDistribution::pareto:
      return std::min(1.0, std::pow(pareto_minimum(length) / seconds, length.alpha));
    case LengthDistribution::fixed:
      return seconds < to_seconds(length.mean) ? 1 : 0;
  }
  return 0;
}

double limited_mean(const LengthSettings& length, double seconds) {
  if (seconds <= 0) return 0;
  const double mean = to_seconds(length.mean);
  switch (length.distribution) {
    case LengthDistribution::exponential:
      return -mean * std::expm1(-seconds / mean);
    case LengthDistribution::lognormal: {
      // E[X; X <= t] is the mean times the share below t of the length-biased distribution.
      const double z = lognormal_z(length, seconds);
      return seconds * normal_above(z) + mean * normal_above(length.sigma - z);
    }
    case LengthDistribution::pareto: {
      const double minimum = pareto_minimum(length);
      if (seconds <= minimum) return seconds;
      return mean - minimum / (length.alpha - 1) * std::pow(minimum / seconds, length.alpha - 1);
    }
    case LengthDistribution::fixed:
      return std::min(seconds, mean);
  }
  return 0;
}

}  // namespace wsfleet
