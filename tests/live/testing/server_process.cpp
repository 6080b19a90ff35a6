// SPDX-License-Identifier: Apache-2.0
#include "tests/live/testing/server_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace wsfleet {
namespace {

std::vector<std::string> server_command(const Arguments& arguments) {
  std::vector<std::string> command = {WSFLEET_SERVER};
  const auto add_default = [&](const std::string& option, const std::string& value) {
    if (std::find(arguments.begin(), arguments.end(), option) != arguments.end()) return;
    command.insert(command.end(), {option, value});
  };
  add_default("--listen", "127.0.0.1");
  add_default("--port", "0");
  add_default("--admin-port", "0");
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

/// The port of the address that follows `before` in the line of a server that is ready.
std::uint16_t port_after(const std::string& text, std::string_view before) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return 0;
  const std::size_t colon = text.find(':', at + before.size());
  return static_cast<std::uint16_t>(std::strtoul(text.c_str() + colon + 1, nullptr, 10));
}

template <class Use>
void for_each_sample(const std::string& text, Use use) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    const std::size_t space = line.rfind(' ');
    if (!line.starts_with('#') && space != std::string::npos) {
      use(std::string_view(line).substr(0, space), std::strtod(line.c_str() + space, nullptr));
    }
    begin = end + 1;
  }
}

}  // namespace

ServerProcess::ServerProcess(const Arguments& arguments, const ChildOptions& options)
    : process_(server_command(arguments), options) {
  process_.says("listening on ");
  // The line is there to its end when the next one, or nothing, follows a newline.
  eventually([&] { return process_.output().ends_with('\n') || !process_.running(); });
  const std::string output = process_.output();
  port_ = port_after(output, "listening on ");
  admin_port_ = port_after(output, "admin on ");
  if (port_ == 0) {
    throw std::runtime_error("the server did not start: " + output + process_.errors());
  }
}

RawResponse ServerProcess::post(std::string_view path) const {
  return http_post(admin_port_, path, fmt::format("Authorization: Bearer {}\r\n", kAdminToken));
}

std::optional<double> ServerProcess::metric(std::string_view series) const {
  std::optional<double> found;
  for_each_sample(get("/metrics").body, [&](std::string_view name, double value) {
    if (name == series) found = value;
  });
  return found;
}

double ServerProcess::sum(std::string_view family) const {
  double total = 0;
  for_each_sample(get("/metrics").body, [&](std::string_view name, double value) {
    if (name.substr(0, name.find('{')) == family) total += value;
  });
  return total;
}

Ended run_server(const Arguments& arguments, const ChildOptions& options) {
  ChildProcess process(server_command(arguments), options);
  const auto status = process.wait();
  return {status, process.output(), process.errors()};
}

}  // namespace wsfleet
