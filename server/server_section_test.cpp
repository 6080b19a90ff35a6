// SPDX-License-Identifier: Apache-2.0
#include "server/server_section.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "build_paths/source_dir.h"

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

struct Read {
  ServerSettings settings;
  std::vector<Diagnostic> diagnostics;
  std::set<std::string> keys;
};

Read read(const std::string& text) {
  TomlDocument document = TomlDocument::parse(text, "test.toml");
  Read result;
  result.settings = read_server(document.root().table("server"));
  result.diagnostics = document.diagnostics();
  result.keys = document.known_keys();
  return result;
}

// The one mistake in `text`, rendered.
std::string mistake(const std::string& text) {
  const Read result = read(text);
  EXPECT_EQ(result.diagnostics.size(), 1U) << render(result.diagnostics);
  return render(result.diagnostics);
}

// Whether other keys lie below it: the page has a heading for it then, not a row.
bool is_table(const std::string& key, const std::set<std::string>& keys) {
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& other) {
    return other.rfind(key + ".", 0) == 0 || other.rfind(key + "[].", 0) == 0;
  });
}

TEST(ServerSection, AbsentSectionGivesDefaults) {
  const Read result = read("format = 1\n");
  EXPECT_TRUE(result.diagnostics.empty());
  EXPECT_EQ(result.settings.max_connections, 1000);
  EXPECT_TRUE(result.settings.ready_when_full);
  EXPECT_FALSE(result.settings.redis);
  EXPECT_EQ(result.settings.mode, MessageMode::echo);
  EXPECT_EQ(result.settings.drain.mode, DrainMode::paced);
  EXPECT_EQ(result.settings.drain.close_code, 1012);
  EXPECT_EQ(result.settings.termination_grace, kMinute);
}

TEST(ServerSection, ReadsEveryKey) {
  const Read result = read(R"(
[server]
max_connections = 10
ready_when_full = false
max_connection_rate = 2.5
tls = true
redis = true
mode = "broadcast"
ping_interval = "25s"
profile = "default"
termination_grace = "90s"
pre_stop = "5s"
drain = { mode = "immediate", over = "12s", close_code = 1001 }
[server.costs]
handshake_cpu = "1ms"
tls_handshake_cpu = "2ms"
message_cpu = "3us"
ping_cpu = "4us"
session_store_cpu = "8us"
delivery_cpu = "9us"
fanout_cpu = "10us"
user_memory_per_connection = "5KiB"
kernel_memory_per_connection = 6
base_memory = "7MiB"
)");
  EXPECT_TRUE(result.diagnostics.empty()) << render(result.diagnostics);
  const ServerSettings& settings = result.settings;
  EXPECT_EQ(settings.max_connections, 10);
  EXPECT_FALSE(settings.ready_when_full);
  EXPECT_EQ(settings.max_connection_rate, 2.5);
  EXPECT_TRUE(settings.tls);
  EXPECT_TRUE(settings.redis);
  EXPECT_EQ(settings.mode, MessageMode::broadcast);
  EXPECT_EQ(settings.ping_interval, 25 * kSecond);
  EXPECT_EQ(settings.termination_grace, 90 * kSecond);
  EXPECT_EQ(settings.pre_stop, 5 * kSecond);
  EXPECT_EQ(settings.drain.mode, DrainMode::immediate);
  EXPECT_EQ(settings.drain.over, 12 * kSecond);
  EXPECT_EQ(settings.drain.close_code, 1001);
  EXPECT_EQ(settings.costs.handshake_cpu, kMillisecond);
  EXPECT_EQ(settings.costs.tls_handshake_cpu, 2 * kMillisecond);
  EXPECT_EQ(settings.costs.message_cpu, 3 * kMicrosecond);
  EXPECT_EQ(settings.costs.ping_cpu, 4 * kMicrosecond);
  EXPECT_EQ(settings.costs.session_store_cpu, 8 * kMicrosecond);
  EXPECT_EQ(settings.costs.delivery_cpu, 9 * kMicrosecond);
  EXPECT_EQ(settings.costs.fanout_cpu, 10 * kMicrosecond);
  EXPECT_EQ(settings.costs.user_bytes_per_connection, 5 * 1024);
  EXPECT_EQ(settings.costs.kernel_bytes_per_connection, 6);
  EXPECT_EQ(settings.costs.base_bytes, 7 * 1024 * 1024);
}

TEST(ServerSection, RejectsImpossibleNumbers) {
  EXPECT_THAT(mistake("[server]\nmax_connections = 0\n"), HasSubstr("test.toml:2:"));
  EXPECT_THAT(mistake("[server]\nmax_connection_rate = -1\n"), HasSubstr("max_connection_rate"));
  EXPECT_THAT(mistake("[server.costs]\nmessage_cpu = 10\n"), HasSubstr("duration"));
  EXPECT_THAT(mistake("[server.costs]\nbase_memory = -1\n"), HasSubstr("base_memory"));
}

TEST(ServerSection, RejectsAnUnknownProfile) {
  EXPECT_THAT(mistake("[server]\nprofile = \"defualt\"\n"), HasSubstr("did you mean 'default'?"));
}

TEST(ServerSection, RejectsUnknownKeysAtEveryDepth) {
  EXPECT_THAT(mistake("[server]\nmax_conections = 5\n"), HasSubstr("'max_connections'"));
  EXPECT_THAT(mistake("[server]\ndrain = { mod = \"none\" }\n"), HasSubstr("'mode'"));
  EXPECT_THAT(mistake("[server.costs]\nping = \"5us\"\n"), HasSubstr("unknown key 'ping'"));
}

TEST(ServerSection, RejectsCloseCodesThatCantBeSent) {
  for (const char* code : {"999", "5000", "1004", "1005", "1006", "1015"}) {
    const std::string text = std::string("[server]\ndrain = { close_code = ") + code + " }\n";
    EXPECT_THAT(mistake(text), HasSubstr(code));
  }
  EXPECT_TRUE(read("[server]\ndrain = { close_code = 1000 }\n").diagnostics.empty());
  EXPECT_TRUE(read("[server]\ndrain = { close_code = 4999 }\n").diagnostics.empty());
}

TEST(ServerSection, RejectsADrainThatTheGraceCutsOff) {
  const std::string message = mistake(
      "[server]\ntermination_grace = \"30s\"\npre_stop = \"5s\"\ndrain = { over = \"26s\" }\n");
  EXPECT_THAT(message, HasSubstr("test.toml:4:"));
  EXPECT_THAT(message, HasSubstr("\"25s\" or less, or raise termination_grace to \"31s\""));
  EXPECT_TRUE(read("[server]\ntermination_grace = \"30s\"\npre_stop = \"5s\"\n"
                   "drain = { over = \"25s\" }\n")
                  .diagnostics.empty());
  // Only a paced drain takes that long.
  EXPECT_TRUE(read("[server]\ntermination_grace = \"10s\"\ndrain = { mode = \"immediate\" }\n")
                  .diagnostics.empty());
}

TEST(ServerSection, PointsAtTheGraceWhenTheDrainIsTheDefault) {
  EXPECT_THAT(mistake("[server]\ntermination_grace = \"20s\"\n"), HasSubstr("test.toml:2:"));
  EXPECT_THAT(mistake("[server]\n\npre_stop = \"40s\"\n"), HasSubstr("test.toml:3:"));
}

TEST(ServerSection, RejectsAPreStopLongerThanTheGrace) {
  EXPECT_THAT(mistake("[server]\npre_stop = \"61s\"\n"), HasSubstr("pre_stop"));
}

TEST(ServerSection, EveryKeyIsDocumented) {
  std::ifstream file(WSFLEET_SOURCE_DIR "/docs/formats/scenario-server.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::set<std::string> keys = read("[server]\n").keys;
  for (const std::string& key : keys) {
    if (is_table(key, keys)) continue;
    const std::string leaf = key.substr(key.rfind('.') + 1);
    EXPECT_THAT(page.str(), HasSubstr("`" + leaf + "`")) << key;
  }
}

}  // namespace
}  // namespace wsfleet
