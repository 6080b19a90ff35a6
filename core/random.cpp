// SPDX-License-Identifier: Apache-2.0
#include "core/random.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

namespace wsfleet {
namespace {

// FNV-1a, then a finaliser (splitmix64) so that similar names and seeds share no bits.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

std::uint64_t hash_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix(hash);
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) {
  const std::uint64_t stream = hash_name(name);
  const std::uint64_t key = mix(seed ^ mix(stream));
  seed_word_ = static_cast<std::uint32_t>(key);
  stream_word_ = static_cast<std::uint32_t>(key >> 32);
  high_word_ = static_cast<std::uint32_t>(stream ^ (stream >> 32));
}

std::uint64_t RandomStream::bits(std::uint64_t key, std::uint32_t draw) const {
  const r123::Philox4x32::ctr_type counter{
      {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32), draw, high_word_}};
  const r123::Philox4x32::key_type words{{seed_word_, stream_word_}};
  const auto out = r123::Philox4x32{}(counter, words);
  return (static_cast<std::uint64_t>(out[1]) << 32) | out[0];
}

double RandomStream::uniform(std::uint64_t key, std::uint32_t draw) const {
  return static_cast<double>(bits(key, draw) >> 11) * 0x1p-53;
}

double RandomStream::uniform_positive(std::uint64_t key, std::uint32_t draw) const {
  return static_cast<double>((bits(key, draw) >> 11) + 1) * 0x1p-53;
}

double RandomStream::exponential(std::uint64_t key, std::uint32_t draw) const {
  return -std::log(uniform_positive(key, draw));
}

double RandomStream::normal(std::uint64_t key, std::uint32_t draw) const {
  const double radius = std::sqrt(-2.0 * std::log(uniform_positive(key, 2 * draw)));
  return radius * std::cos(2.0 * std::numbers::pi * uniform(key, 2 * draw + 1));
}

std::uint64_t RandomStream::below(std::uint64_t bound, std::uint64_t key,
                                  std::uint32_t draw) const {
  const unsigned __int128 product = static_cast<unsigned __int128>(bits(key, draw)) * bound;
  return static_cast<std::uint64_t>(product >> 64);
}

}  // namespace wsfleet
