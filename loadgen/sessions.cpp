// SPDX-License-Identifier: Apache-2.0
#include "loadgen/sessions.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "loadgen/session_lengths.h"

namespace wsfleet {
namespace {

double scale_of(const LengthSettings& length) {
  switch (length.distribution) {
    case LengthDistribution::lognormal:
      return std::exp(lognormal_mu(length));
    case LengthDistribution::pareto:
      return pareto_minimum(length);
    case LengthDistribution::exponential:
    case LengthDistribution::fixed:
      break;
  }
  return to_seconds(length.mean);
}

/// Box and Muller's transform on one draw of 64 bits: 40 for the radius (up to 7.4 standard
/// deviations), 24 for the angle. Half the cost of RandomStream::normal, which takes two draws.
double normal_from(std::uint64_t bits) {
  const double radius_uniform = static_cast<double>((bits >> 24) + 1) * 0x1p-40;
  const double angle_uniform = static_cast<double>(bits & 0xffffff) * 0x1p-24;
  return std::sqrt(-2 * std::log(radius_uniform)) * std::cos(2 * std::numbers::pi * angle_uniform);
}

TimeNs to_length(double seconds) {
  return std::clamp(from_seconds_rounded(seconds), kMicrosecond, kLongestSession);
}

}  // namespace

SessionModel::SessionModel(const WorkloadSettings& workload, RandomStreams streams)
    : settings_(workload.length),
      source_addresses_(workload.source_addresses),
      rooms_(workload.rooms),
      length_(streams.stream("loadgen.length")),
      residual_(streams.stream("loadgen.residual")),
      source_(streams.stream("loadgen.source_address")),
      room_(streams.stream("loadgen.room")),
      population_(streams.stream("loadgen.population")),
      scale_s_(scale_of(workload.length)),
      tail_power_(-1 / workload.length.alpha) {}

TimeNs SessionModel::length(std::uint64_t serial) const {
  switch (settings_.distribution) {
    case LengthDistribution::exponential:
      return to_length(scale_s_ * length_.exponential(serial));
    case LengthDistribution::lognormal:
      return to_length(scale_s_ * std::exp(settings_.sigma * normal_from(length_.bits(serial))));
    case LengthDistribution::pareto:
      return to_length(scale_s_ * std::pow(length_.uniform_positive(serial), tail_power_));
    case LengthDistribution::fixed:
      break;
  }
  return to_length(scale_s_);
}

// A session met at a given moment is long with a probability that grows with its length: its length
// has the density x f(x) / mean, and the moment is uniform within it. For each distribution that is
// one of the same kind: exponential lengths forget, the logarithm of a lognormal moves by sigma^2,
// a Pareto tail loses 1 of its alpha.
TimeNs SessionModel::residual(std::uint64_t index) const {
  const double share = residual_.uniform_positive(index, 1);
  switch (settings_.distribution) {
    case LengthDistribution::exponential:
      return to_length(scale_s_ * residual_.exponential(index));
    case LengthDistribution::lognormal: {
      const double sigma = settings_.sigma;
      const double whole = std::exp(sigma * normal_from(residual_.bits(index)) + sigma * sigma);
      return to_length(scale_s_ * whole * share);
    }
    case LengthDistribution::pareto: {
      const double power = -1 / (settings_.alpha - 1);
      const double whole = std::pow(residual_.uniform_positive(index), power);
      return to_length(scale_s_ * whole * share);
    }
    case LengthDistribution::fixed:
      break;
  }
  return to_length(scale_s_ * share);
}

// As many as there are unit-exponential steps within the expectation: exact, and no dearer than
// making the sessions themselves.
std::int64_t SessionModel::stationary_population(double rate) const {
  const double expected = rate * to_seconds(settings_.mean);
  std::uint64_t count = 0;
  for (double sum = population_.exponential(0); sum <= expected;) {
    sum += population_.exponential(++count);
  }
  return static_cast<std::int64_t>(count);
}

std::uint64_t SessionModel::source_address(std::uint64_t serial) const {
  if (source_addresses_ <= 0) return serial;
  return source_.below(static_cast<std::uint64_t>(source_addresses_), serial);
}

std::uint64_t SessionModel::room(std::uint64_t serial) const {
  if (rooms_ <= 0) return serial;
  return room_.below(static_cast<std::uint64_t>(rooms_), serial);
}

double SessionModel::survival(const LengthSettings& length, TimeNs time) {
  return wsfleet::survival(length, to_seconds(time));
}

}  // namespace wsfleet
