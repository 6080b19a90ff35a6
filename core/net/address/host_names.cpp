// SPDX-License-Identifier: Apache-2.0
#include "core/net/address/host_names.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace wsfleet {
namespace {

using Addresses = Result<std::vector<std::string>>;

constexpr std::size_t kLongestHost = 253;

bool is_numeric(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

Addresses look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return fail(ErrorKind::unavailable,
                fmt::format("can't find the host '{}': {}", host, gai_strerror(error)));
  }
  std::vector<std::string> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  freeaddrinfo(found);
  if (addresses.empty()) {
    return fail(ErrorKind::unavailable, fmt::format("the host '{}' has no address", host));
  }
  return addresses;
}

/// Outlives whoever gave up waiting.
struct Lookup {
  std::mutex mutex;
  std::condition_variable done;
  std::optional<Addresses> result;
};

}  // namespace

bool is_host(const std::string& host) {
  if (is_numeric(host)) return true;
  return !host.empty() && host.size() <= kLongestHost && host.front() != '-' &&
         host.front() != '.' && std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_';
         });
}

Addresses host_addresses(const std::string& host, TimeNs timeout) {
  if (is_numeric(host)) return std::vector<std::string>{host};
  if (!is_host(host)) {
    return fail(ErrorKind::unavailable, fmt::format("'{}' can't be the name of a host", host));
  }
  const auto lookup = std::make_shared<Lookup>();
  try {
    std::thread([lookup, host] {
      Addresses result = look_up(host);
      const std::lock_guard lock(lookup->mutex);
      lookup->result = std::move(result);
      lookup->done.notify_all();
    }).detach();
  } catch (const std::system_error& error) {
    return fail(ErrorKind::unavailable,
                fmt::format("can't look up the host '{}': {}", host, error.code().message()));
  }
  std::unique_lock lock(lookup->mutex);
  const auto patience = std::chrono::nanoseconds(std::clamp<TimeNs>(timeout, 0, 24 * kHour));
  if (!lookup->done.wait_for(lock, patience, [&] { return lookup->result.has_value(); })) {
    return fail(ErrorKind::unavailable, fmt::format("can't find the host '{}' within {}", host,
                                                    format_duration(std::max<TimeNs>(timeout, 0))));
  }
  return *lookup->result;
}

}  // namespace wsfleet
