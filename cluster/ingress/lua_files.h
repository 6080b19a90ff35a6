// SPDX-License-Identifier: Apache-2.0
#pragma once
// nginx.conf.in and the Lua files of lua/, compiled in by embed_lua.cmake so that a run needs no
// files of the source tree. Constant.

#include <string_view>
#include <vector>

namespace wsfleet {

struct LuaFile {
  std::string_view name;  // "ewma.lua"
  std::string_view text;
};

extern const std::string_view kNginxConf;  // with @placeholders@
const std::vector<LuaFile>& lua_files();

}  // namespace wsfleet
