// SPDX-License-Identifier: Apache-2.0
#pragma once
// wsfleet-server as a process of its own, on free ports of 127.0.0.1, ready when the constructor
// returns (else std::runtime_error with what it said). Its metrics are read over HTTP as Prometheus
// would. One thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/process/testing/child_process.h"
#include "tests/live/testing/http.h"

namespace wsfleet {

using Arguments = std::vector<std::string>;

class ServerProcess {
 public:
  /// `--listen`, `--port` and `--admin-port` are given unless they are among the arguments.
  explicit ServerProcess(const Arguments& arguments = {}, const ChildOptions& options = {});

  ChildProcess& process() { return process_; }
  std::uint16_t port() const { return port_; }
  std::uint16_t admin_port() const { return admin_port_; }  // 0: no admin listener

  RawResponse get(std::string_view path) const { return http_get(port_, path); }
  /// A verb of the admin listener, with kAdminToken.
  RawResponse post(std::string_view path) const;

  /// The sample of "name" or `name{label="value"}`; nothing when there is no such series.
  std::optional<double> metric(std::string_view series) const;
  /// The same, or 0: a labelled counter appears when it is first counted.
  double count(std::string_view series) const { return metric(series).value_or(0); }
  /// Over all label values of a family.
  double sum(std::string_view family) const;

 private:
  ChildProcess process_;
  std::uint16_t port_ = 0;
  std::uint16_t admin_port_ = 0;
};

inline constexpr const char* kAdminToken = "a-token-of-the-tests";
/// For ChildOptions: turns the admin listener on.
inline const Environment kWithAdmin = {{"WSFLEET_ADMIN_TOKEN", kAdminToken}};

struct Ended {
  std::optional<int> status;
  std::string output;
  std::string errors;
};
/// For command lines that the server should not accept: runs it to its end.
Ended run_server(const Arguments& arguments, const ChildOptions& options = {});

}  // namespace wsfleet
