// SPDX-License-Identifier: Apache-2.0
#pragma once
// How many sessions a rate function keeps open at once, as an expectation: what `peak_concurrent`
// scales a trace by. Pure.

#include "loadgen/arrivals/rate_function.h"
#include "loadgen/workload.h"

namespace wsfleet {

/// The maximum over the run of m(t), the integral of rate(u) * survival(t - u) over u from 0 to t:
/// the mean number in an M_t/G/infinity queue that starts empty. Source: Eick, Massey, Whitt, "The
/// Physics of the M_t/G/infinity Queue" (1993).
///
/// A numeric convolution. Its cells are 1/200 of the mean length (at least 4,096 cells, at most
/// 262,144); a cell's arrivals count as spread evenly over it, and m(t) is looked at where cells
/// end. The result is therefore off by about cell / mean at most (0.5 %), nearly always too low,
/// and by far less where m(t) is smooth around its maximum.
double expected_concurrent_peak(const RateFunction& rate, const LengthSettings& length);

}  // namespace wsfleet
