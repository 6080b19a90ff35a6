// SPDX-License-Identifier: Apache-2.0
// wsfleet-scaler as a process: mistakes, --check, a cluster that can't be reached, a change of its
// file, SIGTERM.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <cstdio>
#include <fstream>

#include "core/live/entropy.h"
#include "core/net/http_client.h"
#include "core/process/testing/child_process.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kConfig = R"(format = 1
[scaler]
policy = "hpa"
[kubernetes]
namespace = "chat"
listen = "127.0.0.1"
port = 0
)";

std::string scratch_path(const std::string& name) {
  return testing::TempDir() + "wsfleet-" + random_uuid() + "-" + name;
}
void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

/// Of a cluster at a port of this machine where nobody listens (that of "discard").
std::string kubeconfig() {
  const std::string path = scratch_path("kubeconfig");
  write_file(path, R"(apiVersion: v1
kind: Config
current-context: nowhere
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
clusters: [{name: nowhere, cluster: {server: "https://127.0.0.1:9"}}]
users: [{name: nobody, user: {token: "secret"}}]
)");
  return path;
}

std::string config(const std::string& text = kConfig) {
  const std::string path = scratch_path("scaler.toml");
  write_file(path, text);
  return path;
}

class RunningScaler {
 public:
  explicit RunningScaler(std::string config_path = config())
      : config_(std::move(config_path)),
        process_({WSFLEET_SCALER, "--config", config_, "--kubeconfig", kubeconfig(), "--identity",
                  "me"}) {
    EXPECT_TRUE(process_.says(" listening ") && process_.says(" identity="));
    const std::string log = process_.errors();
    const std::size_t at = log.find(" port=");
    EXPECT_NE(at, std::string::npos) << log;
    port_ = at == std::string::npos ? 0 : std::stoi(log.substr(at + 6));
  }

  HttpResponse ask(const std::string& path) const {
    HttpRequest request;
    request.port = static_cast<std::uint16_t>(port_);
    request.target = path;
    const auto answer = http_exchange(request, kPatience);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(HttpResponse{});
  }
  void rewrite(const std::string& text) const {
    write_file(config_ + ".new", text);
    std::rename((config_ + ".new").c_str(), config_.c_str());
  }
  ChildProcess& process() { return process_; }

 private:
  std::string config_;
  ChildProcess process_;
  int port_ = 0;
};

TEST(ScalerProcess, CheckSaysFine) {
  ChildProcess process({WSFLEET_SCALER, "--check", "--config", config()});
  EXPECT_EQ(process.wait(), 0);
  EXPECT_THAT(process.errors(), HasSubstr(": fine"));
  EXPECT_THAT(process.output(), IsEmpty());
}

TEST(ScalerProcess, MistakesOfTheFileAreToldWithTheirPlaces) {
  const std::string path =
      config("format = 1\n[scaler]\npolicy = \"hpx\"\n[kubernetes]\nprot = 1\n");
  for (const bool check : {true, false}) {
    ChildProcess process({WSFLEET_SCALER, "--config", path, check ? "--check" : "--no-dry-run"});
    EXPECT_EQ(process.wait(), 104);
    EXPECT_THAT(process.errors(), HasSubstr(path + ":3:10: error: 'scaler.policy' must be one of"));
    EXPECT_THAT(process.errors(), HasSubstr(path + ":5:1: error: unknown key 'prot'"));
  }
}

TEST(ScalerProcess, AFileThatIsNotThereIsInvalidConfiguration) {
  ChildProcess process({WSFLEET_SCALER, "--config", scratch_path("no_such.toml")});
  EXPECT_EQ(process.wait(), 104);
  EXPECT_THAT(process.errors(), HasSubstr("no_such.toml"));
}

TEST(ScalerProcess, AKubeconfigThatIsNotThereEndsIt) {
  ChildProcess process(
      {WSFLEET_SCALER, "--config", config(), "--kubeconfig", scratch_path("no_such_kubeconfig")});
  EXPECT_EQ(process.wait(), 104);
  EXPECT_THAT(process.errors(), HasSubstr("no_such_kubeconfig"));
}

TEST(ScalerProcess, UsageAndVersion) {
  ChildProcess wrong({WSFLEET_SCALER, "--nonsense"});
  EXPECT_EQ(wrong.wait(), 2);
  ChildProcess version({WSFLEET_SCALER, "--version"});
  EXPECT_EQ(version.wait(), 0);
  EXPECT_THAT(version.output(), HasSubstr("wsfleet-scaler "));
}

TEST(ScalerProcess, WithoutAClusterItWaitsAndSaysSo) {
  RunningScaler scaler;
  EXPECT_TRUE(scaler.process().says(" lease_trouble "));
  EXPECT_EQ(scaler.ask("/livez").status, 200);
  const HttpResponse ready = scaler.ask("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("has not answered"));
  const HttpResponse metrics = scaler.ask("/metrics");
  EXPECT_THAT(metrics.body, HasSubstr("\nwsfleet_scaler_leader 0\n"));
  EXPECT_THAT(metrics.body, HasSubstr("\nwsfleet_scaler_policy{policy=\"hpa\"} 1\n"));
  EXPECT_THAT(metrics.body, HasSubstr("\nwsfleet_scaler_decisions_total 0\n"));
  EXPECT_EQ(scaler.ask("/nothing").status, 404);
  scaler.process().signal(SIGTERM);
  EXPECT_EQ(scaler.process().wait(), 0);
  EXPECT_THAT(scaler.process().output(), IsEmpty());
  EXPECT_THAT(scaler.process().errors(), Not(HasSubstr("secret")));
}

TEST(ScalerProcess, AChangedFileIsReadAndABadOneIsNotTaken) {
  RunningScaler scaler;
  scaler.rewrite(std::string(kConfig) + "prot = 1\n");
  EXPECT_TRUE(scaler.process().says(" config_invalid "));
  EXPECT_TRUE(scaler.process().says("unknown key 'prot'"));
  EXPECT_THAT(scaler.ask("/metrics").body, HasSubstr("\nwsfleet_scaler_config_valid 0\n"));
  scaler.rewrite(
      "format = 1\n[scaler]\npolicy = \"original\"\n[kubernetes]\nlisten = "
      "\"127.0.0.1\"\nport = 0\nnamespace = \"chat\"\n");
  EXPECT_TRUE(scaler.process().says(" config_changed "));
  const auto metrics = [&] { return scaler.ask("/metrics").body; };
  std::string text = metrics();
  for (int i = 0; i < 400 && text.find("policy=\"original\"") == std::string::npos; ++i) {
    poll(nullptr, 0, 50);
    text = metrics();
  }
  EXPECT_THAT(text, HasSubstr("\nwsfleet_scaler_policy{policy=\"original\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nwsfleet_scaler_config_valid 1\n"));
  EXPECT_THAT(text, HasSubstr("config_reloads_total{result=\"invalid\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("config_reloads_total{result=\"valid\"} 1\n"));
}

}  // namespace
}  // namespace wsfleet
