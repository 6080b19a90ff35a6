// SPDX-License-Identifier: Apache-2.0
#include "core/process/testing/child_process.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace wsfleet {
namespace {

int memory_file(const char* name) {
  const int file = memfd_create(name, MFD_CLOEXEC);
  if (file < 0) throw std::runtime_error("memfd_create");
  return file;
}

std::string content(int file) {
  std::string text;
  std::array<char, 65536> block;
  for (ssize_t n = 0;
       (n = pread(file, block.data(), block.size(), static_cast<off_t>(text.size()))) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const ChildOptions& options)
    : output_(memory_file("stdout")), errors_(memory_file("stderr")) {
  auto process = Process::start({.command = command,
                                 .environment = options.environment,
                                 .group = std::nullopt,
                                 .input = options.input,
                                 .directory = options.directory,
                                 .output_to = output_,
                                 .errors_to = errors_,
                                 .descriptors = options.descriptor_limit,
                                 // A test means what it says whatever is set around it.
                                 .without = {"WSFLEET_", "MAX_CONNECTIONS=", "POD_NAME="}});
  if (process) process_ = std::move(*process);
  if (process_) return;
  close(output_);
  close(errors_);
  throw std::runtime_error(process.error().message);
}

ChildProcess::~ChildProcess() {
  process_.reset();
  close(output_);
  close(errors_);
}

void ChildProcess::signal(int number) { process_->signal(number); }
bool ChildProcess::running() { return !process_->poll(); }

std::optional<int> ChildProcess::wait(TimeNs patience) {
  const auto end = process_->wait(patience);
  return end ? std::optional<int>(end->shell_status()) : std::nullopt;
}

std::string ChildProcess::output() const { return content(output_); }
std::string ChildProcess::errors() const { return content(errors_); }

bool ChildProcess::said(std::string_view text) const {
  return output().find(text) != std::string::npos || errors().find(text) != std::string::npos;
}

bool ChildProcess::says(std::string_view text, TimeNs patience) {
  bool found = false;
  eventually(
      [&] {
        const bool ended = !running();
        found = said(text);
        return found || ended;
      },
      patience);
  return found;
}

std::size_t ChildProcess::open_descriptors() const {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry(fmt::format("/proc/{}/fd", pid()), error), end;
       !error && entry != end; entry.increment(error)) {
    ++count;
  }
  return count;
}

std::size_t ChildProcess::resident_bytes() const {
  std::ifstream file(fmt::format("/proc/{}/statm", pid()));
  std::size_t total_pages = 0;
  std::size_t resident_pages = 0;
  file >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace wsfleet
