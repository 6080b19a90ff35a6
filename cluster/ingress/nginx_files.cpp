// SPDX-License-Identifier: Apache-2.0
#include "cluster/ingress/nginx_files.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "cluster/balancers/balancer.h"
#include "cluster/ingress/lua_files.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

// Of nginx' own: logs, listening sockets, epoll.
constexpr int kSpareDescriptors = 32;

std::string name_of(BalancerKind wanted) {
  for (const auto& [name, kind] : balancer_names()) {
    if (kind == wanted) return name;
  }
  return {};  // balancers_test.cpp holds every kind to the table
}

int worker_connections(int wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) return wanted;
  const auto most = static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, 1 << 30));
  return static_cast<int>(std::min<std::int64_t>(wanted, most - kSpareDescriptors));
}

/// RFC 6750: what a bearer token may be made of; it needs no quoting in nginx.conf either.
bool is_token(const std::string& token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
  });
}

/// What can't be made a nginx.conf of; "" when all is well.
std::string problem_of(const NginxSettings& settings) {
  in_addr address{};
  if (inet_pton(AF_INET, settings.address.c_str(), &address) != 1) {
    return fmt::format("'{}' is no IPv4 address", settings.address);
  }
  if (settings.port == 0 || settings.admin_port == 0) return "nginx needs two ports";
  if (!is_token(settings.admin_token)) {
    return "the admin token may have letters, digits and -._~+/= only, and at least one";
  }
  // Lua separates its search path by ';' and replaces '?'.
  if (settings.directory.find_first_of(";?\"\n$") != std::string::npos) {
    return fmt::format("nginx can't run in a directory with such a name: {}", settings.directory);
  }
  std::error_code error;
  if (!fs::is_directory(settings.directory, error)) {
    return fmt::format("{} is no directory", settings.directory);
  }
  if (worker_connections(settings.connections) < 2 * kSpareDescriptors) {
    return "too few connections: raise the limit of open files (ulimit -n)";
  }
  return "";
}

std::string filled_in(std::string text, const NginxSettings& settings) {
  const std::pair<std::string_view, std::string> values[] = {
      {"@worker_connections@", fmt::to_string(worker_connections(settings.connections))},
      {"@balancer@", name_of(settings.balancer)},
      {"@affinity_timeout_ns@", fmt::to_string(settings.affinity_timeout)},
      {"@seed@", fmt::to_string(settings.seed)},
      {"@address@", settings.address},
      {"@port@", fmt::to_string(settings.port)},
      {"@admin_port@", fmt::to_string(settings.admin_port)},
      {"@admin_token@", settings.admin_token},
  };
  for (const auto& [placeholder, value] : values) {
    text.replace(text.find(placeholder), placeholder.size(), value);
  }
  return text;
}

Result<void> write_file(const fs::path& path, std::string_view text, fs::perms permissions) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  std::error_code error;
  fs::permissions(path, permissions, error);  // before there is anything in it to read
  file << text;
  file.close();
  if (!file || error) return fail(fmt::format("can't write {}", path.string()));
  return {};
}

Result<void> write_all(const fs::path& directory, const std::string& conf) {
  std::error_code error;
  for (const char* name : {"lua/wsfleet", "temp"}) {
    fs::create_directories(directory / name, error);
    if (error) return fail(fmt::format("can't create {}/{}", directory.string(), name));
  }
  constexpr auto kOwner = fs::perms::owner_read | fs::perms::owner_write;
  constexpr auto kAll = kOwner | fs::perms::group_read | fs::perms::others_read;
  for (const LuaFile& file : lua_files()) {
    if (auto done = write_file(directory / "lua/wsfleet" / file.name, file.text, kAll); !done) {
      return done;
    }
  }
  return write_file(directory / "nginx.conf", conf, kOwner);  // the token is in it
}

}  // namespace

Result<std::vector<std::string>> write_nginx(const NginxSettings& settings) {
  if (const std::string problem = problem_of(settings); !problem.empty()) return fail(problem);
  std::error_code error;
  const fs::path directory = fs::absolute(settings.directory, error);
  if (error) return fail(error.message());
  if (auto done = write_all(directory, filled_in(std::string(kNginxConf), settings)); !done) {
    return tl::unexpected(done.error());
  }
  return std::vector<std::string>{settings.program, "-p", directory.string(), "-c",
                                  "nginx.conf",     "-e", "error.log"};
}

}  // namespace wsfleet
