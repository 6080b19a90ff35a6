// SPDX-License-Identifier: Apache-2.0
#pragma once
// Student's t distribution, by the regularised incomplete beta function: its continued fraction
// (NIST DLMF 8.17.22) evaluated by Lentz's method. Pure, thread-safe.

namespace wsfleet {

/// I_x(a, b), the regularised incomplete beta function; 0 <= x <= 1, a, b > 0.
double incomplete_beta(double x, double a, double b);
/// P(T <= t) with `degrees` > 0 of freedom, which need not be whole (Welch).
double student_t_cdf(double t, double degrees);
/// P(|T| >= |t|): exact far out in the tails, where 1 - cdf would be 0.
double student_t_two_sided(double t, double degrees);
/// The t with P(T <= t) = p, 0 < p < 1.
double student_t_quantile(double p, double degrees);

}  // namespace wsfleet
