// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/nginx_process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "core/process/free_port.h"
#include "core/process/testing/wait.h"

namespace wsfleet {
namespace {

constexpr const char* kToken = "token-of-the-tests";

bool answers(std::uint16_t port) {
  try {
    return http_get(port, "/livez", fmt::format("Authorization: Bearer {}\r\n", kToken)).status ==
           200;
  } catch (const std::runtime_error&) {  // nobody listens there yet
    return false;
  }
}

}  // namespace

// Somebody else may take a free port before nginx does: then with others.
NginxProcess::NginxProcess(BalancerKind balancer, TimeNs affinity_timeout) {
  settings_.balancer = balancer;
  settings_.affinity_timeout = affinity_timeout;
  settings_.directory = directory_.path();
  settings_.admin_token = kToken;
  settings_.connections = 4096;
  for (int i = 0; i < 5; ++i) {
    settings_.port = free_port().value();
    settings_.admin_port = free_port().value();
    const auto command = write_nginx(settings_);
    if (!command) throw std::runtime_error(command.error().message);
    process_.emplace(*command);
    eventually([&] { return answers(admin_port()) || !process_->running(); });
    if (process_->running()) return;
  }
  throw std::runtime_error("nginx did not start: " + process_->errors() + log());
}

RawResponse NginxProcess::admin(std::string_view verb, std::string_view path, std::string_view body,
                                std::optional<std::string> fields) const {
  const std::string token = fmt::format("Authorization: Bearer {}\r\n", kToken);
  return http_exchange(admin_port(),
                       fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                   "Content-Length: {}\r\n{}\r\n{}",
                                   verb, path, body.size(), fields.value_or(token), body));
}

void NginxProcess::put(const std::vector<IngressEndpoint>& endpoints) const {
  const RawResponse response = admin("PUT", "/endpoints", endpoints_json(endpoints));
  EXPECT_EQ(response.status, 200) << response.body;
}

std::vector<EndpointCount> NginxProcess::counts() const {
  const RawResponse response = admin("GET", "/endpoints");
  const auto counts = parse_endpoint_counts(response.body);
  EXPECT_TRUE(counts) << response.head << response.body;
  return counts ? *counts : std::vector<EndpointCount>{};
}

EndpointCount NginxProcess::count(const std::string& uid) const {
  for (const EndpointCount& count : counts()) {
    if (count.uid == uid) return count;
  }
  return {};
}

}  // namespace wsfleet
