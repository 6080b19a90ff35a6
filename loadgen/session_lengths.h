// SPDX-License-Identifier: Apache-2.0
#pragma once
// The distributions of session lengths in closed form; times in seconds. Each has the mean that the
// settings give. Sources: A. M. Law, "Simulation Modeling and Analysis", chapter 6, for the
// distributions; renewal theory (Cox, "Renewal Theory", 1962, section 5.4) for what is left of a
// session that was there already. Pure.

#include "loadgen/workload.h"

namespace wsfleet {

/// Mean of the logarithm of a lognormal length: ln(mean) - sigma^2 / 2.
double lognormal_mu(const LengthSettings& length);
/// The shortest length of a Pareto distribution: mean (alpha - 1) / alpha.
double pareto_minimum(const LengthSettings& length);

/// The share of lengths that exceed `seconds`, 0..1.
double survival(const LengthSettings& length, double seconds);
/// E[min(length, seconds)], the integral of survival from 0 to `seconds`; tends to the mean.
double limited_mean(const LengthSettings& length, double seconds);

}  // namespace wsfleet
