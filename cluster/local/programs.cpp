// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/programs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "core/process/process.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNginxLua = "/usr/lib/nginx/modules/ngx_http_lua_module.so";

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

/// Where administrators' programs are, which not everybody has in PATH.
constexpr const char* kAdministrators = "/usr/sbin:/sbin";

struct Search {
  std::vector<std::string> missing;
  std::vector<std::string> packages;

  std::string debian(const std::string& name, const std::string& package) {
    std::string found = find_program(name, kAdministrators);
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
