// SPDX-License-Identifier: Apache-2.0
#pragma once
// Statistics of few runs: mean and Student's confidence interval, differences of runs paired by
// seed, and what may be called significant. What each number claims, and what it does not, is in
// docs/scores.md ("Comparing policies"). Pure, thread-safe.

#include <span>
#include <vector>

namespace wsfleet {

inline constexpr double kSignificance = 0.05;

/// Two-sided exact sign test: `higher` of higher + lower pairs; 1 when there are none.
double sign_test(int higher, int lower);

/// Values of one score over the seeds of one policy.
struct Estimate {
  int values = 0;         // finite ones: what mean, sd and half_width are about
  int infinite = 0;       // counted, never averaged
  int missing = 0;        // NaN: nothing to measure
  double mean = 0;        // NaN when there is no finite value
  double sd = 0;          // of the sample (n - 1); NaN below two values
  double half_width = 0;  // of the 95 % confidence interval; NaN below two values
};
Estimate estimate(std::span<const double> values);

/// How a p-value was come by.
enum class TestKind {
  none,      // fewer than two pairs: no claim
  paired_t,  // Student's t on the differences
  exact,     // the same difference in every seed: an observation, not an inference
  sign,      // some values are infinite: only the signs of the differences count
  welch_t,   // not paired: two samples of different seeds
};

struct Difference {
  TestKind test = TestKind::none;
  int pairs = 0;   // both values there (infinite ones included)
  int higher = 0;  // pairs in which the second is above the first
  int lower = 0;
  double mean = 0;           // second minus first, over pairs of finite values; NaN without any
  double half_width = 0;     // of its 95 % confidence interval; NaN when there is none
  double p_value = 1;        // two-sided, for this score alone
  double p_adjusted = 1;     // Holm, over the family that the caller compared
  bool significant = false;  // p_adjusted < 5 %, or exact over at least three pairs

  /// Pairs whose difference has the sign of the majority.
  int agreeing() const { return higher > lower ? higher : lower; }
  /// +1 when the second is higher on the whole, -1 when lower, 0 when neither.
  int direction() const;
};

/// Both spans run over the same seeds in the same order. p_adjusted = p_value until adjusted.
Difference paired_difference(std::span<const double> first, std::span<const double> second);
/// Different seeds on both sides: Welch's unequal-variances t-test.
Difference unpaired_difference(std::span<const double> first, std::span<const double> second);

/// Holm's step-down adjustment: controls the chance of any false claim in the family at 5 %,
/// however the scores hang together.
std::vector<double> holm_adjusted(std::span<const double> p_values);
/// Applies Holm over `family` and sets `significant`.
void decide_significance(std::span<Difference* const> family);

}  // namespace wsfleet
