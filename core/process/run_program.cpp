// SPDX-License-Identifier: Apache-2.0
// A program that is run to its end, with what it says.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/live/live_clock.h"
#include "core/process/process.h"

namespace wsfleet {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
    read = ends[0];
    write = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_write();
    if (read >= 0) close(read);
  }
  void close_write() {
    if (write >= 0) close(std::exchange(write, -1));
  }
};

/// Reads both until they are closed; false when that is not so in time.
bool read_all(const Pipe& output, const Pipe& errors, std::size_t most, TimeNs until,
              ProgramOutput& said) {
  std::array<pollfd, 2> ends{pollfd{output.read, POLLIN, 0}, pollfd{errors.read, POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const TimeNs left = until - monotonic_now();
    if (left <= 0) return false;
    if (poll(ends.data(), ends.size(), static_cast<int>(left / kMillisecond) + 1) < 1) continue;
    for (pollfd& end : ends) {
      if (end.fd < 0 || end.revents == 0) continue;
      std::array<char, 4096> block{};
      const ssize_t count = read(end.fd, block.data(), block.size());
      std::string& text = &end == ends.data() ? said.output : said.errors;
      if (count <= 0) {
        end.fd = -1;
      } else {
        text.append(block.data(), std::min(static_cast<std::size_t>(count), most - text.size()));
      }
    }
  }
  return true;
}

}  // namespace

Result<ProgramOutput> run_program(ProcessOptions options, TimeNs within, std::size_t most) {
  const TimeNs until = monotonic_now() + within;
  Pipe output;
  Pipe errors;
  if (output.read < 0 || errors.read < 0) {
    return fail("no pipe for " + options.command.front() + ": " + std::strerror(errno));
  }
  options.output_to = output.write;
  options.errors_to = errors.write;
  auto process = Process::start(options);
  if (!process) return tl::unexpected(process.error());
  output.close_write();
  errors.close_write();
  ProgramOutput said;
  if (read_all(output, errors, most, until, said)) {
    said.end = process->wait(std::max<TimeNs>(until - monotonic_now(), 0));
  }
  return said;
}

}  // namespace wsfleet
