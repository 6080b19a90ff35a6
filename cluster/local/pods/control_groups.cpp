// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/pods/control_groups.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPeriodUs = 100'000;  // of CFS bandwidth control, as the kubelet sets it
constexpr std::int64_t kLeastQuotaUs = 1'000;

Result<void> write_value(const std::string& path, const std::string& value) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool written =
      file >= 0 && write(file, value.data(), value.size()) == static_cast<ssize_t>(value.size());
  const int error = errno;
  if (file >= 0) close(file);
  if (written) return {};
  return fail(fmt::format("can't write '{}' to {}: {}", value, path, std::strerror(error)));
}

Result<void> make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return {};
  return fail(fmt::format("can't make {}: {}", path, std::strerror(errno)));
}

bool has_word(const std::string& path, const std::string& wanted) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    if (word == wanted) return true;
  }
  return false;
}

std::int64_t quota_us(const PodSettings& limits) {
  return std::max(kLeastQuotaUs,
                  static_cast<std::int64_t>(limits.cpu_limit * static_cast<double>(kPeriodUs)));
}

}  // namespace

std::vector<std::string> control_group_directories(const std::string& name,
                                                   const std::string& root) {
  return {root + "/" + name, root + "/cpu/" + name, root + "/memory/" + name};
}

Result<std::unique_ptr<ControlGroups>> ControlGroups::make(const std::string& name,
                                                           const std::string& root) {
  std::vector<Hierarchy> hierarchies;
  std::error_code ignored;
  if (fs::exists(root + "/cgroup.controllers", ignored)) {
    if (!has_word(root + "/cgroup.controllers", "cpu")) {
      return fail("the kernel's cgroup hierarchy has no cpu controller here");
    }
    const bool memory = has_word(root + "/cgroup.controllers", "memory");
    hierarchies.push_back({root + "/" + name, true, memory, true});
  } else {
    for (const std::string controller : {"cpu", "memory"}) {
      const std::string mount = root + "/" + controller;
      if (!fs::is_directory(mount, ignored)) return fail("there is no " + mount);
      hierarchies.push_back(
          {mount + "/" + name, controller == "cpu", controller == "memory", false});
    }
  }
  for (const Hierarchy& hierarchy : hierarchies) {
    if (auto made = make_directory(hierarchy.directory); !made) {
      return tl::unexpected(made.error());
    }
  }
  std::unique_ptr<ControlGroups> groups(new ControlGroups(hierarchies));
  if (!hierarchies.front().version_2) return groups;
  const std::string controllers = hierarchies.front().memory ? "+cpu +memory" : "+cpu";
  for (const std::string& parent : {root, hierarchies.front().directory}) {
    if (auto passed_on = write_value(parent + "/cgroup.subtree_control", controllers); !passed_on) {
      return tl::unexpected(passed_on.error());
    }
  }
  return groups;
}

ControlGroups::~ControlGroups() {
  for (const Hierarchy& hierarchy : hierarchies_) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(hierarchy.directory, ignored)) {
      if (entry.is_directory(ignored)) rmdir(entry.path().c_str());
    }
    rmdir(hierarchy.directory.c_str());
  }
}

Result<void> ControlGroups::confine(const std::string& uid, pid_t pid, const PodSettings& limits) {
  for (const Hierarchy& hierarchy : hierarchies_) {
    const std::string group = hierarchy.directory + "/" + uid;
    std::vector<std::pair<std::string, std::string>> values;
    if (hierarchy.cpu && hierarchy.version_2) {
      values.emplace_back("cpu.max", fmt::format("{} {}", quota_us(limits), kPeriodUs));
    } else if (hierarchy.cpu) {
      values.emplace_back("cpu.cfs_period_us", std::to_string(kPeriodUs));
      values.emplace_back("cpu.cfs_quota_us", std::to_string(quota_us(limits)));
    }
    if (hierarchy.memory && limits.memory_limit_bytes > 0) {
      values.emplace_back(hierarchy.version_2 ? "memory.max" : "memory.limit_in_bytes",
                          std::to_string(limits.memory_limit_bytes));
    }
    values.emplace_back("cgroup.procs", std::to_string(pid));
    if (auto made = make_directory(group); !made) return made;
    for (const auto& [name, value] : values) {
      if (auto written = write_value(group + "/" + name, value); !written) return written;
    }
  }
  return {};
}

void ControlGroups::remove(const std::string& uid) {
  for (const Hierarchy& hierarchy : hierarchies_) rmdir((hierarchy.directory + "/" + uid).c_str());
}

}  // namespace wsfleet
