// SPDX-License-Identifier: Apache-2.0
#include "loadgen/arrivals/concurrency.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <utility>
#include <vector>

#include "loadgen/session_lengths.h"

namespace wsfleet {
namespace {

using Complex = std::complex<double>;

constexpr double kCellsPerMean = 200;
constexpr std::size_t kFewestCells = 4096;
constexpr std::size_t kMostCells = 262144;

std::size_t cells_for(double duration_s, const LengthSettings& length) {
  const double wanted = duration_s / to_seconds(length.mean) * kCellsPerMean;
  if (wanted >= static_cast<double>(kMostCells)) return kMostCells;
  return std::max(kFewestCells, std::bit_ceil(static_cast<std::size_t>(wanted)));
}

/// Cooley and Tukey's transform in place; the size is a power of two. Unscaled, and only forward:
/// applied twice it gives the input backwards, times the size.
void transform(std::vector<Complex>& values) {
  const std::size_t size = values.size();
  std::vector<Complex> roots(size / 2);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const double turn = static_cast<double>(i) / static_cast<double>(size);
    roots[i] = std::polar(1.0, -2 * std::numbers::pi * turn);
  }
  for (std::size_t i = 1, j = 0; i < size; ++i) {  // j is i with its bits reversed
    std::size_t bit = size >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(values[i], values[j]);
  }
  for (std::size_t half = 1; half < size; half *= 2) {
    const std::size_t stride = size / (2 * half);
    for (std::size_t begin = 0; begin < size; begin += 2 * half) {
      for (std::size_t i = begin; i < begin + half; ++i) {
        const Complex odd = values[i + half] * roots[(i - begin) * stride];
        values[i + half] = values[i] - odd;
        values[i] += odd;
      }
    }
  }
}

/// sum over j <= n of a[j] * b[n - j], for each n below a's size. Both travel in one transform:
/// the square of a + ib holds 2ab in its imaginary part.
std::vector<double> convolve(const std::vector<double>& a, const std::vector<double>& b) {
  const std::size_t size = 2 * a.size();
  std::vector<Complex> values(size);
  for (std::size_t i = 0; i < a.size(); ++i) values[i] = {a[i], b[i]};
  transform(values);
  for (Complex& value : values) value *= value;
  transform(values);
  std::vector<double> result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    result[i] = values[(size - i) % size].imag() / (2 * static_cast<double>(size));
  }
  return result;
}

}  // namespace

double expected_concurrent_peak(const RateFunction& rate, const LengthSettings& length) {
  if (rate.segments().empty()) return 0;
  const double duration_s = to_seconds(rate.segments().back().end);
  const std::size_t cells = cells_for(duration_s, length);
  const double cell_s = duration_s / static_cast<double>(cells);
  std::vector<double> arrivals(cells);  // in each cell
  std::vector<double> staying(cells);   // mean survival at ages of one cell
  double expected = 0;
  double mean_s = 0;
  for (std::size_t i = 0; i < cells; ++i) {
    const double end_s = static_cast<double>(i + 1) * cell_s;
    const double expected_then = rate.expected_before(from_seconds(end_s));
    arrivals[i] = expected_then - std::exchange(expected, expected_then);
    const double mean_then = limited_mean(length, end_s);
    staying[i] = (mean_then - std::exchange(mean_s, mean_then)) / cell_s;
  }
  const double most = *std::max_element(arrivals.begin(), arrivals.end());
  if (most <= 0) return 0;
  for (double& count : arrivals) count /= most;  // of the size of `staying`: no digits are lost
  const std::vector<double> concurrent = convolve(arrivals, staying);
  return most * *std::max_element(concurrent.begin(), concurrent.end());
}

}  // namespace wsfleet
