// SPDX-License-Identifier: Apache-2.0
#pragma once
// The server itself, for the tests of its clients, and their files.

#include <string>
#include <vector>

#include "core/process/testing/child_process.h"

namespace wsfleet {

/// A wsfleet-server on a free port of 127.0.0.1.
class ServerProcess {
 public:
  explicit ServerProcess(std::vector<std::string> options = {}, int port = 0);

  int port() const { return port_; }
  std::string url(const std::string& path = "/ws/") const;
  ChildProcess& process() { return process_; }

 private:
  ChildProcess process_;
  int port_ = 0;
};

/// A file name of this test's own.
std::string scratch_path(const std::string& name);
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);

}  // namespace wsfleet
