// SPDX-License-Identifier: Apache-2.0
#pragma once
// Programs that tests start: the server and the load generator themselves. Output goes to files in
// the test's temporary directory; a child dies with the test.

#include <sys/types.h>

#include <string>
#include <vector>

namespace wsfleet {

class ChildProcess {
 public:
  /// `words[0]` is the program. `descriptors` > 0 limits its file table.
  explicit ChildProcess(const std::vector<std::string>& words, int descriptors = 0);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void signal(int number);
  /// Its exit status, 128 + signal when that ended it; -1 when it has not ended within a minute.
  int wait();
  std::string output() const;
  std::string errors() const;
  /// Waits up to half a minute for the text on stdout or stderr; "" or all that there was before
  /// and after it.
  std::string wait_for(const std::string& text, bool on_stderr = false);

 private:
  std::string path_;
  pid_t pid_ = -1;
  int status_ = -1;
};

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
