// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/programs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNginxLua = "/usr/lib/nginx/modules/ngx_http_lua_module.so";

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

/// In PATH, and where administrators' programs are, which not everybody has in PATH.
std::string find_in_path(const std::string& name) {
  const char* variable = std::getenv("PATH");
  std::string path = fmt::format("{}:/usr/sbin:/sbin", variable != nullptr ? variable : "");
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const fs::path candidate = fs::path(path.substr(at, end - at)) / name;
    if (candidate.is_absolute() && is_program(candidate)) return candidate.string();
    at = end + 1;
  }
  return {};
}

struct Search {
  std::vector<std::string> missing;
  std::vector<std::string> packages;

  std::string debian(const std::string& name, const std::string& package) {
    std::string found = find_in_path(name);
    if (found.empty()) {
      missing.push_back(name);
      packages.push_back(package);
    }
    return found;
  }
};

}  // namespace

Result<Programs> find_programs(const NeededPrograms& needed, const std::string& own_directory) {
  std::error_code error;
  const fs::path own = own_directory.empty()
                           ? fs::read_symlink("/proc/self/exe", error).parent_path()
                           : fs::path(own_directory);
  Programs programs;
  programs.server = own / "wsfleet-server";
  programs.loadgen = own / "wsfleet-loadgen";
  for (const std::string& program : {programs.server, programs.loadgen}) {
    if (is_program(program)) continue;
    return fail(fmt::format("{} is missing; build it with `./dev build`", program));
  }
  Search search;
  programs.prometheus = search.debian("prometheus", "prometheus");
  if (needed.redis) programs.redis = search.debian("redis-server", "redis-server");
  if (needed.nginx) {
    programs.nginx = search.debian("nginx", "nginx");
    if (!fs::exists(kNginxLua, error)) {
      search.missing.push_back("nginx' Lua module");
      search.packages.push_back("libnginx-mod-http-lua");
    }
  }
  if (search.missing.empty()) return programs;
  return fail(fmt::format("the local backend needs {}; on Debian: apt-get install {}",
                          fmt::join(search.missing, ", "), fmt::join(search.packages, " ")));
}

}  // namespace wsfleet
