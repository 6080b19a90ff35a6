// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/clients/source_addresses.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <cstdint>
#include <optional>

namespace wsfleet {
namespace {

constexpr std::size_t kMostAddresses = 65'536;

std::optional<std::uint32_t> parse_v4(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string format_v4(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255,
                     address & 255);
}

bool is_v6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

Result<void> add_part(const std::string& part, std::vector<std::string>& addresses) {
  const std::size_t dash = part.find('-');
  if (dash == std::string::npos && is_v6(part)) {
    addresses.push_back(part);
    return {};
  }
  const auto first = parse_v4(part.substr(0, dash));
  const auto last = dash == std::string::npos ? first : parse_v4(part.substr(dash + 1));
  if (!first || !last) {
    return fail(ErrorKind::usage,
                fmt::format("'{}' is no address and no range of IPv4 ones", part));
  }
  if (*last < *first) return fail(ErrorKind::usage, fmt::format("'{}' runs backwards", part));
  for (std::uint64_t address = *first; address <= *last; ++address) {
    if (addresses.size() == kMostAddresses) {
      return fail(ErrorKind::usage, fmt::format("more than {} addresses", kMostAddresses));
    }
    addresses.push_back(format_v4(static_cast<std::uint32_t>(address)));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> parse_source_addresses(std::string_view text) {
  std::vector<std::string> addresses;
  while (true) {
    const std::size_t comma = text.find(',');
    const auto added = add_part(std::string(text.substr(0, comma)), addresses);
    if (!added) return tl::unexpected(added.error());
    if (comma == std::string_view::npos) return addresses;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace wsfleet
