// SPDX-License-Identifier: Apache-2.0
// The files of tests/vectors/, which hold the C++ balancers (cluster/balancers/vectors_test.cpp),
// fed to the Lua ones inside of real nginx.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "build_paths/source_dir.h"
#include "core/process/free_port.h"
#include "tests/live/testing/nginx_process.h"

namespace wsfleet {
namespace {

using Json = nlohmann::json;

constexpr const char* kConf = R"(
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off;
master_process off;
pid nginx.pid;
error_log error.log warn;
events {{ }}
http {{
  access_log off;
  client_body_temp_path temp/body;
  proxy_temp_path temp/proxy;
  fastcgi_temp_path temp/fastcgi;
  scgi_temp_path temp/scgi;
  uwsgi_temp_path temp/uwsgi;
  lua_package_path "$prefix/lua/?.lua;;";
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 4m;
    client_body_buffer_size 4m;
    location /livez {{ return 200; }}
    location /vectors {{ content_by_lua_file {folder}/cluster/ingress/testing/vectors.lua; }}
  }}
}}
)";

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// nginx with the Lua files of a real ingress and a configuration of its own.
class VectorNginx {
 public:
  VectorNginx() {
    NginxSettings settings;
    settings.directory = directory_.path();
    settings.admin_token = "unused";
    settings.port = settings.admin_port = port_ = free_port().value();
    auto command = write_nginx(settings);
    if (!command) throw std::runtime_error(command.error().message);
    directory_.write("vectors.conf", fmt::format(kConf, fmt::arg("port", port_),
                                                 fmt::arg("folder", WSFLEET_SOURCE_DIR)));
    for (std::string& argument : *command) {
      if (argument == "nginx.conf") argument = "vectors.conf";
    }
    process_.emplace(*command);
    eventually([this] { return is_up() || !process_->running(); });
  }

  Json results_of(const std::string& vectors) {
    const RawResponse response = http_exchange(
        port_, fmt::format("POST /vectors HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                           "Content-Length: {}\r\n\r\n{}",
                           vectors.size(), vectors));
    EXPECT_EQ(response.status, 200) << process_->errors() << directory_.read("error.log");
    const Json answer = Json::parse(response.body, nullptr, false);
    EXPECT_EQ(answer.value("jit", false), true) << "it is LuaJIT's compiler that runs live";
    return answer.value("results", Json::array());
  }

 private:
  bool is_up() const {
    try {
      return http_get(port_, "/livez").status == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  ScratchDirectory directory_;
  std::uint16_t port_ = 0;
  std::optional<ChildProcess> process_;
};

class LuaVectors : public testing::TestWithParam<std::pair<const char*, BalancerKind>> {};

TEST_P(LuaVectors, AreFollowed) {
  const std::string text =
      text_of(fmt::format("{}/tests/vectors/{}.json", WSFLEET_SOURCE_DIR, GetParam().first));
  const Json vectors = Json::parse(text);
  VectorNginx nginx;
  const Json results = nginx.results_of(text);
  const Json& steps = vectors["steps"];
  ASSERT_EQ(results.size(), steps.size());
  int compared = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Json& step = steps[i];
    const std::string what = step["do"];
    if (what == "pick" || what == "picks") {
      EXPECT_EQ(results[i], step[what == "pick" ? "endpoint" : "endpoints"]) << step;
      ++compared;
    } else if (step.contains("score_s")) {
      EXPECT_NEAR(results[i].get<double>(), step["score_s"].get<double>(), 2e-9) << step;
      ++compared;
    }
  }
  EXPECT_GT(compared, 7);
}

INSTANTIATE_TEST_SUITE_P(Table, LuaVectors, testing::ValuesIn(balancer_names()),
                         [](const auto& param) { return std::string(param.param.first); });

}  // namespace
}  // namespace wsfleet
