// SPDX-License-Identifier: Apache-2.0
#include "results/compare/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "results/compare/student_t.h"
#include "results/unknown.h"

namespace wsfleet {
namespace {

/// Differences this close, relative to the values, are the same: rounding in the last bits of sums.
constexpr double kSameWithin = 1e-9;
constexpr int kExactPairs = 3;

struct Moments {
  int count = 0;
  double mean = kNaN;
  double sd = kNaN;
};

Moments moments(std::span<const double> values) {
  Moments result;
  result.count = static_cast<int>(values.size());
  if (values.empty()) return result;
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / result.count;
  if (result.count < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.sd = std::sqrt(squares / (result.count - 1));
  return result;
}

double half_width(const Moments& of) {
  if (of.count < 2) return kNaN;
  return student_t_quantile(1.0 - kSignificance / 2.0, of.count - 1) * of.sd / std::sqrt(of.count);
}

std::vector<double> finite_values(std::span<const double> values) {
  std::vector<double> finite;
  std::ranges::copy_if(values, std::back_inserter(finite),
                       [](double value) { return std::isfinite(value); });
  return finite;
}

bool same(double first, double second) {
  if (first == second) return true;  // infinities too
  if (!std::isfinite(first) || !std::isfinite(second)) return false;
  return std::abs(first - second) <= kSameWithin * std::max(std::abs(first), std::abs(second));
}

// What is left of the pairs, and how large the values are that the differences came from.
struct Differences {
  std::vector<double> finite;
  int infinite = 0;  // pairs with an infinite value that are no tie
  double scale = 0;
};

Differences count_pairs(std::span<const double> first, std::span<const double> second,
                        Difference& out) {
  Differences result;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
    if (std::isnan(first[i]) || std::isnan(second[i])) continue;
    ++out.pairs;
    if (!same(first[i], second[i])) ++(second[i] > first[i] ? out.higher : out.lower);
    if (std::isfinite(first[i]) && std::isfinite(second[i])) {
      result.finite.push_back(same(first[i], second[i]) ? 0.0 : second[i] - first[i]);
      result.scale = std::max({result.scale, std::abs(first[i]), std::abs(second[i])});
    } else {
      ++result.infinite;
    }
  }
  return result;
}

}  // namespace

Estimate estimate(std::span<const double> values) {
  Estimate result;
  for (const double value : values) {
    if (std::isinf(value)) ++result.infinite;
    if (std::isnan(value)) ++result.missing;
  }
  const std::vector<double> finite = finite_values(values);
  const Moments of = moments(finite);
  result.values = of.count;
  result.mean = of.mean;
  result.sd = of.sd;
  result.half_width = half_width(of);
  return result;
}

int Difference::direction() const {
  if (std::isfinite(mean) && test != TestKind::sign) return mean > 0 ? 1 : mean < 0 ? -1 : 0;
  return higher > lower ? 1 : higher < lower ? -1 : 0;
}

Difference paired_difference(std::span<const double> first, std::span<const double> second) {
  Difference result;
  const Differences differences = count_pairs(first, second, result);
  const Moments of = moments(differences.finite);
  result.mean = of.mean;
  result.half_width = half_width(of);
  if (result.pairs < 2) return result;
  if (differences.infinite > 0) {
    // A mean over the finite pairs alone would leave out the worst of them.
    result.test = TestKind::sign;
    result.p_value = sign_test(result.higher, result.lower);
    result.half_width = kNaN;
  } else if (of.sd <= kSameWithin * differences.scale) {
    result.test = TestKind::exact;
    result.half_width = 0;
    result.p_value = of.mean == 0 ? 1.0 : 0.0;
  } else {
    result.test = TestKind::paired_t;
    result.p_value = student_t_two_sided(of.mean / (of.sd / std::sqrt(of.count)), of.count - 1);
  }
  result.p_adjusted = result.p_value;
  return result;
}

Difference unpaired_difference(std::span<const double> first, std::span<const double> second) {
  Difference result;
  const std::vector<double> before = finite_values(first);
  const std::vector<double> after = finite_values(second);
  const Moments a = moments(before);
  const Moments b = moments(after);
  result.mean = b.mean - a.mean;
  result.half_width = kNaN;
  // Infinite values on either side leave nothing that a mean could stand for.
  const bool all_finite = std::ranges::none_of(first, [](double v) { return std::isinf(v); }) &&
                          std::ranges::none_of(second, [](double v) { return std::isinf(v); });
  if (!all_finite || a.count < 2 || b.count < 2) return result;
  const double a_error = a.sd * a.sd / a.count;
  const double b_error = b.sd * b.sd / b.count;
  const double error = std::sqrt(a_error + b_error);
  const double scale = std::max(std::abs(a.mean), std::abs(b.mean));
  result.pairs = std::min(a.count, b.count);
  result.higher = result.mean > 0 ? result.pairs : 0;
  result.lower = result.mean < 0 ? result.pairs : 0;
  if (error <= kSameWithin * scale) {
    result.test = TestKind::exact;
    result.half_width = 0;
    if (same(a.mean, b.mean)) result.mean = 0;
    result.p_value = result.mean == 0 ? 1.0 : 0.0;
  } else {
    // Welch and Satterthwaite's degrees of freedom.
    const double degrees = (a_error + b_error) * (a_error + b_error) /
                           (a_error * a_error / (a.count - 1) + b_error * b_error / (b.count - 1));
    result.test = TestKind::welch_t;
    result.p_value = student_t_two_sided(result.mean / error, degrees);
    result.half_width = student_t_quantile(1.0 - kSignificance / 2.0, degrees) * error;
  }
  result.p_adjusted = result.p_value;
  return result;
}

double sign_test(int higher, int lower) {
  const int pairs = higher + lower;
  const int fewer = std::min(higher, lower);
  double tail = 0;
  double term = std::exp2(-pairs);  // C(pairs, 0) / 2^pairs
  for (int k = 0; k <= fewer; ++k) {
    tail += term;
    term *= static_cast<double>(pairs - k) / (k + 1);
  }
  return std::min(1.0, 2.0 * tail);
}

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double factor = static_cast<double>(order.size() - rank);
    largest = std::max(largest, std::min(1.0, factor * p_values[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

void decide_significance(std::span<Difference* const> family) {
  std::vector<Difference*> tested;
  std::vector<double> p_values;
  for (Difference* difference : family) {
    difference->significant = false;
    if (difference->test == TestKind::none) continue;
    tested.push_back(difference);
    p_values.push_back(difference->p_value);
  }
  const std::vector<double> adjusted = holm_adjusted(p_values);
  for (std::size_t i = 0; i < tested.size(); ++i) {
    Difference& difference = *tested[i];
    difference.p_adjusted = adjusted[i];
    difference.significant = adjusted[i] < kSignificance && (difference.test != TestKind::exact ||
                                                             difference.pairs >= kExactPairs);
  }
}

}  // namespace wsfleet
