// SPDX-License-Identifier: Apache-2.0
#include "server/live/admin/process_metrics.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace wsfleet {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double resident_bytes() {
  std::ifstream stream("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  stream >> total_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// From Linux 6.2 on the directory's size; before, one has to count.
double open_descriptors() {
  constexpr const char* kDirectory = "/proc/self/fd";
  struct stat status {};
  if (stat(kDirectory, &status) == 0 && status.st_size > 0) {
    return static_cast<double>(status.st_size);
  }
  std::error_code error;
  std::filesystem::directory_iterator entry(kDirectory, error);
  double count = 0;
  while (!error && entry != std::filesystem::directory_iterator()) {
    ++count;
    entry.increment(error);
  }
  return count > 0 ? count - 1 : 0;  // without the one that reads the directory
}

/// When the machine started, and how many ticks later this process did.
double started_seconds() {
  double booted = 0;
  std::ifstream machine("/proc/stat");
  for (std::string word; machine >> word;) {
    if (word == "btime") {
      machine >> booted;
      break;
    }
  }
  std::ifstream stream("/proc/self/stat");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t name_end = text.rfind(')');  // the name may hold anything
  if (booted == 0 || name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 19; ++i) fields >> skipped;
  double ticks = 0;
  fields >> ticks;
  return booted + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

ProcessLevels process_levels() {
  static const double kStarted = started_seconds();
  return {.cpu_s = cpu_seconds(),
          .resident_bytes = resident_bytes(),
          .open_descriptors = open_descriptors(),
          .started_s = kStarted};
}

}  // namespace wsfleet
