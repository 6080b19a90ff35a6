// SPDX-License-Identifier: Apache-2.0
// The command line, environment and TOML file: precedence, mistakes and their exit status, ports
// that are taken.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

class Configuration : public LiveServerTest {
 protected:
  /// A file that is gone with the test.
  std::string file_with(std::string_view text) {
    path_ = testing::TempDir() + fmt::format("server-{}.toml", getpid());
    std::ofstream(path_) << text;
    return path_;
  }
  void TearDown() override {
    LiveServerTest::TearDown();
    if (!path_.empty()) std::remove(path_.c_str());
  }

  /// How many of ten clients the server takes.
  int admitted() {
    std::vector<RawClient> clients;
    int count = 0;
    for (int i = 0; i < 10; ++i) {
      clients.push_back(RawClient::with_request(port(), upgrade_request()));
      count += clients.back().response().status == 101 ? 1 : 0;
    }
    return count;
  }
  void start_with(const Arguments& arguments, const Environment& environment) {
    start(arguments, Bystander::no, {.environment = environment});
  }

 private:
  std::string path_;
};

class Mistakes : public Configuration {
 protected:
  /// `word` must be in what it says.
  void expect_refusal(int status, std::string_view word, const Arguments& arguments,
                      const Environment& environment = {}) {
    const Ended ended = run_server(arguments, {.environment = environment});
    EXPECT_EQ(ended.status, status) << ended.errors;
    EXPECT_NE(ended.errors.find(word), std::string::npos)
        << "'" << word << "' is not in: " << ended.errors;
    EXPECT_EQ(ended.output, "");
  }
};

TEST_F(Configuration, FileIsRead) {
  start_with({"--config", file_with("[server]\nmax_connections = 2\n")}, {});
  EXPECT_EQ(admitted(), 2);
}

TEST_F(Configuration, EnvironmentGoesBeforeTheFile) {
  start_with({"--config", file_with("[server]\nmax_connections = 2\n")},
             {{"WSFLEET_MAX_CONNECTIONS", "3"}});
  EXPECT_EQ(admitted(), 3);
}

TEST_F(Configuration, CommandLineGoesBeforeEnvironmentAndFile) {
  start_with({"--max-connections", "4", "--config", file_with("[server]\nmax_connections = 2\n")},
             {{"WSFLEET_MAX_CONNECTIONS", "3"}});
  EXPECT_EQ(admitted(), 4);
}

TEST_F(Configuration, FileMayBeNamedByTheEnvironment) {
  start_with({}, {{"WSFLEET_CONFIG", file_with("[server]\nmax_connections = 2\n")}});
  EXPECT_EQ(admitted(), 2);
}

TEST_F(Configuration, NamesOfTheOriginalAreRead) {
  start_with({}, {{"MAX_CONNECTIONS", "5"}});
  EXPECT_EQ(admitted(), 5);
}

TEST_F(Configuration, OwnNamesGoBeforeThoseOfTheOriginal) {
  start_with({}, {{"MAX_CONNECTIONS", "5"}, {"WSFLEET_MAX_CONNECTIONS", "3"}});
  EXPECT_EQ(admitted(), 3);
}

TEST_F(Configuration, FlagsHaveVariablesToo) {
  start_with({"--max-connections", "1"}, {{"WSFLEET_READY_WHEN_FULL", "false"}});
  RawClient client = connect();
  EXPECT_EQ(server().get("/readyz").status, 503);
}

TEST_F(Configuration, DurationsAndSizesHaveVariablesToo) {
  start_with({}, {{"WSFLEET_MAX_MESSAGE_BYTES", "1KiB"}, {"WSFLEET_HANDSHAKE_TIMEOUT", "300ms"}});
  EXPECT_EQ(close_code_for(text_frame(std::string(1025, 'x'))), 1009);
  EXPECT_TRUE(Socket(port()).ended());
}

TEST_F(Configuration, HelpAndVersionGoToStdout) {
  const Ended help = run_server({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.output.find("--max-connections"), std::string::npos);
  EXPECT_EQ(help.errors, "");
  const Ended version = run_server({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_TRUE(version.output.starts_with("wsfleet-server ")) << version.output;
}

TEST_F(Configuration, LogsAreLinesOfJsonWhenAskedFor) {
  start({"--log-format", "json"});
  close_code_for(close_frame(1000));
  EXPECT_TRUE(server().process().says("connection_closed"));
  const std::string log = server().process().errors();
  for (std::size_t begin = 0; begin < log.size(); begin = log.find('\n', begin) + 1) {
    EXPECT_EQ(log[begin], '{') << log.substr(begin, 100);
  }
}

TEST_F(Mistakes, UnknownOptionsAreUsageErrors) {
  expect_refusal(2, "--max-conections", {"--max-conections", "5"});
  expect_refusal(2, "stray", {"stray"});
}

TEST_F(Mistakes, ValuesThatAreNoneAreUsageErrors) {
  expect_refusal(2, "--max-connections", {"--max-connections", "many"});
  expect_refusal(2, "--max-connections", {"--max-connections", "0"});
  expect_refusal(2, "--max-connections", {"--max-connections"});
  expect_refusal(2, "--ping-interval", {"--ping-interval", "5 parsecs"});
  expect_refusal(2, "--max-message-bytes", {"--max-message-bytes", "lots"});
  expect_refusal(2, "--mode", {"--mode", "shout"});
  expect_refusal(2, "--port", {"--port", "65536"});
  expect_refusal(2, "--port", {"--port", "-1"});
  expect_refusal(2, "--threads", {"--threads", "0"});
}

TEST_F(Mistakes, ValuesOfVariablesAreUsageErrors) {
  expect_refusal(2, "--max-connections: Value many", {}, {{"WSFLEET_MAX_CONNECTIONS", "many"}});
  expect_refusal(2, "--ping-interval: 'often'", {}, {{"WSFLEET_PING_INTERVAL", "often"}});
}

TEST_F(Mistakes, OfTheFileAreToldWithTheirPlace) {
  const std::string path = file_with("[server]\nmax_conections = 5\n");
  expect_refusal(104, path + ":2:1: error: unknown key 'max_conections'", {"--config", path});
}

TEST_F(Mistakes, OfTheFileAreToldAllAtOnce) {
  const std::string path =
      file_with("[server]\nmax_connections = \"many\"\nping_interval = \"often\"\n[lisen]\n");
  expect_refusal(104, ":2:", {"--config", path});
  expect_refusal(104, ":3:", {"--config", path});
  expect_refusal(104, "lisen", {"--config", path});
}

TEST_F(Mistakes, SyntaxOfTheFileIsToldWithItsPlace) {
  const std::string path = file_with("[server]\nmax_connections = = 5\n");
  expect_refusal(104, path + ":2:", {"--config", path});
}

TEST_F(Mistakes, FileThatIsNotThere) {
  expect_refusal(104, "no-such-file.toml", {"--config", "no-such-file.toml"});
}

TEST_F(Mistakes, TokenFileThatIsNotThere) {
  expect_refusal(1, "no-such-token", {"--admin-token-file", "no-such-token"});
}

TEST_F(Mistakes, SettingsThatContradictEachOther) {
  expect_refusal(104, "--tls-key", {"--tls-certificate", "certificate.pem"});
  expect_refusal(104, "1006", {"--drain-close-code", "1006"});
  expect_refusal(104, "grace", {"--drain-over", "2m", "--termination-grace", "1m"});
}

TEST_F(Mistakes, AddressesThatAreNone) { expect_refusal(104, "nowhere", {"--listen", "nowhere"}); }

TEST_F(Mistakes, PortInUse) {
  const TakenPort taken;
  const std::string port = std::to_string(taken.port());
  expect_refusal(1, port + " is in use", {"--port", port});
  expect_refusal(1, port + " is in use", {"--port", port, "--threads", "2"});
}

TEST_F(Mistakes, AdminPortInUse) {
  const TakenPort taken;
  const std::string port = std::to_string(taken.port());
  expect_refusal(1, port, {"--admin-port", port}, kWithAdmin);
  expect_refusal(1, "in use", {"--admin-port", port}, kWithAdmin);
}

// Sharing a port is for the loops of one server: a second server must not take half of the clients
// of the first.
TEST_F(Mistakes, PortInUseByAServerWithSeveralThreads) {
  start({"--threads", "2"});
  const std::string taken = std::to_string(port());
  expect_refusal(1, taken + " is in use", {"--port", taken, "--threads", "2"});
  expect_refusal(1, taken + " is in use", {"--port", taken});
}

}  // namespace
}  // namespace wsfleet
