// SPDX-License-Identifier: Apache-2.0
#include "results/compare/student_t.h"

#include <cmath>

namespace wsfleet {
namespace {

constexpr double kTiny = 1e-300;
constexpr double kEpsilon = 1e-16;
constexpr int kMaxTerms = 10'000;

double away_from_zero(double value) { return std::abs(value) < kTiny ? kTiny : value; }

// The continued fraction of I_x(a, b), which converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double x, double a, double b) {
  double c = 1.0;
  double d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
  double result = d;
  for (int m = 1; m <= kMaxTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
    d = 1.0 / away_from_zero(1.0 + even * d);
    c = away_from_zero(1.0 + even / c);
    result *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
    d = 1.0 / away_from_zero(1.0 + odd * d);
    c = away_from_zero(1.0 + odd / c);
    result *= d * c;
    if (std::abs(d * c - 1.0) < kEpsilon) break;
  }
  return result;
}

double log_gamma(double value) {
  int sign = 0;
  return ::lgamma_r(value, &sign);  // std::lgamma writes a global
}

}  // namespace

double incomplete_beta(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) +
                                b * std::log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(x, a, b) / a;
  return 1.0 - front * beta_fraction(1.0 - x, b, a) / b;
}

double student_t_two_sided(double t, double degrees) {
  if (std::isinf(t)) return 0;
  return incomplete_beta(degrees / (degrees + t * t), degrees / 2.0, 0.5);
}

double student_t_cdf(double t, double degrees) {
  const double tail = student_t_two_sided(t, degrees) / 2.0;
  return t >= 0 ? 1.0 - tail : tail;
}

double student_t_quantile(double p, double degrees) {
  if (p == 0.5) return 0;
  const double tail = 2.0 * (p < 0.5 ? p : 1.0 - p);
  double high = 1.0;
  while (student_t_two_sided(high, degrees) > tail) high *= 2.0;
  double low = 0;
  // Bisection down to neighbouring doubles; the tail falls monotonously.
  for (int i = 0; i < 200; ++i) {
    const double middle = low + (high - low) / 2.0;
    if (middle == low || middle == high) break;
    (student_t_two_sided(middle, degrees) > tail ? low : high) = middle;
  }
  const double t = low + (high - low) / 2.0;
  return p < 0.5 ? -t : t;
}

}  // namespace wsfleet
