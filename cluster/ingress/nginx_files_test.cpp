// SPDX-License-Identifier: Apache-2.0
#include "cluster/ingress/nginx_files.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "build_paths/source_dir.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class NginxFiles : public testing::Test {
 protected:
  NginxFiles() {
    std::string path = testing::TempDir() + "wsfleet-nginx-XXXXXX";
    directory_ = mkdtemp(path.data());
    settings_.directory = directory_;
    settings_.port = 8080;
    settings_.admin_port = 8081;
    settings_.admin_token = "abc-123";
  }
  ~NginxFiles() override { fs::remove_all(directory_); }

  std::string conf() const {
    std::ifstream file(directory_ / "nginx.conf");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::string problem() const {
    const auto command = write_nginx(settings_);
    return command ? "" : command.error().message;
  }

  fs::path directory_;
  NginxSettings settings_;
};

TEST_F(NginxFiles, TheCommandRunsInTheDirectory) {
  const auto command = write_nginx(settings_);
  ASSERT_TRUE(command) << command.error().message;
  EXPECT_THAT(*command, testing::ElementsAre("/usr/sbin/nginx", "-p", directory_.string(), "-c",
                                             "nginx.conf", "-e", "error.log"));
  EXPECT_TRUE(fs::is_directory(directory_ / "temp"));
}

TEST_F(NginxFiles, EverySettingIsInTheConfiguration) {
  settings_.balancer = BalancerKind::client_ip;
  settings_.affinity_timeout = 90 * kSecond;
  settings_.seed = UINT64_MAX;
  settings_.address = "127.0.0.9";
  settings_.connections = 1000;
  ASSERT_EQ(problem(), "");
  for (const char* part :
       {"balancer = \"client_ip\",", "affinity_timeout = 90000000000,",
        "seed = 18446744073709551615ULL,", "listen 127.0.0.9:8080 backlog=4096;",
        "listen 127.0.0.1:8081;", "admin_token = \"abc-123\"", "worker_connections 1000;"}) {
    EXPECT_THAT(conf(), HasSubstr(part));
  }
  EXPECT_THAT(conf(), Not(HasSubstr("@")));
}

TEST_F(NginxFiles, EveryLuaFileOfTheSourcesIsWritten) {
  ASSERT_EQ(problem(), "");
  int files = 0;
  for (const auto& entry : fs::directory_iterator(WSFLEET_SOURCE_DIR "/cluster/ingress/lua")) {
    std::ifstream source(entry.path());
    std::ifstream written(directory_ / "lua/wsfleet" / entry.path().filename());
    std::stringstream wanted;
    std::stringstream there;
    wanted << source.rdbuf();
    there << written.rdbuf();
    EXPECT_EQ(wanted.str(), there.str()) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 7);
}

TEST_F(NginxFiles, OnlyTheOwnerReadsTheToken) {
  ASSERT_EQ(problem(), "");
  EXPECT_EQ(fs::status(directory_ / "nginx.conf").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(NginxFiles, TheLimitOfOpenFilesCapsConnections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit before = limit;
  limit.rlim_cur = 500;
  setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(problem(), "");
  EXPECT_THAT(conf(), HasSubstr("worker_connections 468;"));
  limit.rlim_cur = 40;
  setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_THAT(problem(), HasSubstr("ulimit -n"));
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(NginxFiles, SaysWhatItCannotWrite) {
  const NginxSettings good = settings_;
  settings_.address = "localhost";
  EXPECT_EQ(problem(), "'localhost' is no IPv4 address");
  settings_ = good;
  settings_.port = 0;
  EXPECT_EQ(problem(), "nginx needs two ports");
  settings_ = good;
  for (const char* token : {"", "a\"b", "a b", "a;b", "a\nb"}) {
    settings_.admin_token = token;
    EXPECT_THAT(problem(), HasSubstr("admin token")) << token;
  }
  settings_ = good;
  settings_.directory += "/gone";
  EXPECT_THAT(problem(), HasSubstr("is no directory"));
  settings_.directory = directory_.string() + ";x";
  EXPECT_THAT(problem(), HasSubstr("such a name"));
  fs::create_directory(directory_ / "nginx.conf");
  settings_ = good;
  EXPECT_THAT(problem(), HasSubstr("can't write"));
}

}  // namespace
}  // namespace wsfleet
