// SPDX-License-Identifier: Apache-2.0
// The load generator's executable: exit statuses, outputs, TLS, and servers that misbehave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "loadgen/live/testing/certificate.h"
#include "loadgen/live/testing/loadgen_run.h"
#include "loadgen/live/testing/rogue_server.h"
#include "loadgen/live/testing/server_process.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(LoadgenCommand, MistakesAreAllToldWithStatus2) {
  ChildProcess process(loadgen_words({"http://x/", "--conections", "--rate", "fast"}));
  EXPECT_EQ(process.wait(), 2);
  EXPECT_THAT(process.errors(), HasSubstr("'http://x/' is no WebSocket address"));
  EXPECT_THAT(process.errors(), HasSubstr("did you mean '--connections'?"));
  EXPECT_THAT(process.errors(), HasSubstr("--rate: 'fast'"));
  EXPECT_EQ(process.output(), "");
}

TEST(LoadgenCommand, AnInvalidScenarioIsStatus104) {
  const std::string path = scratch_path("bad.toml");
  write_file(path, "format = 1\nduration = \"1m\"\n[workload.arivals]\n");
  ChildProcess process(loadgen_words({"ws://127.0.0.1:1/", "--scenario", path}));
  EXPECT_EQ(process.wait(), 104);
  EXPECT_THAT(process.errors(), HasSubstr(path + ":3:"));
  EXPECT_THAT(process.errors(), HasSubstr("did you mean 'arrivals'?"));
  unlink(path.c_str());
}

TEST(LoadgenCommand, HelpGoesToStdout) {
  ChildProcess process(loadgen_words({"--help"}));
  EXPECT_EQ(process.wait(), 0);
  EXPECT_THAT(process.output(), HasSubstr("--connections"));
}

TEST(LoadgenCommand, AMissedThresholdIsStatus99AndNamed) {
  ServerProcess server;
  ChildProcess process(loadgen_words({server.url(), "--connections", "2", "--duration", "300ms",
                                      "--threshold", "opened>=2", "--threshold", "opened>2"}));
  EXPECT_EQ(process.wait(), 99);
  EXPECT_THAT(process.errors(), HasSubstr("threshold missed: opened>2 (it is 2)"));
  EXPECT_THAT(process.errors(), Not(HasSubstr("opened>=2")));
  EXPECT_THAT(process.output(), HasSubstr("2 opened, 0 refused, 0 failed"));
}

TEST(LoadgenCommand, ItSpeaksLikeTheOriginalsClient) {
  ServerProcess server({"--max-connections", "2"});
  ChildProcess process(loadgen_words(
      {server.url(), "--like-original", "--connections", "3", "--interval", "300ms", "-q"}));
  ASSERT_TRUE(process.says("connection 3: failed")) << process.errors();
  const std::string words = process.output();
  EXPECT_TRUE(
      words.starts_with("connection 1: pending\nconnection 2: pending\nconnection 3: pending\n"
                        "connection 1: connecting\n"))
      << words;
  EXPECT_THAT(words, HasSubstr("connection 1: alive\n"));
  EXPECT_THAT(words, HasSubstr("connection 2: alive\n"));
  EXPECT_THAT(words, Not(HasSubstr("connection 3: alive\n")));
  int retries = 0;
  for (std::size_t at = 0; (at = words.find("connection 3: retrying\n", at)) != std::string::npos;
       ++at) {
    ++retries;
  }
  EXPECT_EQ(retries, 5);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 105);
}

TEST(LoadgenCommand, NobodyThereIsAFailureNotAnError) {
  const std::string url = "ws://127.0.0.1:" + std::to_string(unused_port()) + "/";
  const LoadgenRun run =
      run_loadgen({url, "--connections", "3", "--duration", "300ms", "--reconnect", "none"});
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.score("failed_connect_refused"), 3);
}

TEST(LoadgenCommand, AnUnknownHostIsStatus1) {
  ChildProcess process(loadgen_words({"ws://no.such.host.invalid/", "--connections", "1"}));
  EXPECT_EQ(process.wait(), 1);
  EXPECT_THAT(process.errors(), HasSubstr("'no.such.host.invalid' can't be resolved"));
}

TEST(LoadgenCommand, AHostsNameIsResolvedAndStaysInTheHostHeader) {
  ServerProcess server;
  const std::string port = std::to_string(server.port());
  const LoadgenRun run =
      run_loadgen({"ws://localhost:" + port + "/ws/", "--connections", "3", "--duration", "500ms"});
  EXPECT_EQ(run.score("opened"), 3);

  RogueServer rogue(Misdeed::wrong_accept_key);
  const std::string place = "localhost:" + std::to_string(rogue.port());
  const auto asked_with = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"ws://" + place + "/", "--connections", "1", "--duration", "300ms",
                                 "--reconnect", "none"});
    run_loadgen(words);
    return rogue.request();
  };
  EXPECT_THAT(asked_with({}), HasSubstr("\r\nHost: " + place + "\r\n"));
  const std::string other = asked_with({"--host", "websocket.local"});
  EXPECT_THAT(other, HasSubstr("\r\nHost: websocket.local\r\n"));
  EXPECT_THAT(other, Not(HasSubstr(place)));
}

TEST(LoadgenCommand, MetricsAreServedWhileItRuns) {
  ServerProcess server;
  ChildProcess process(loadgen_words({server.url(), "--connections", "4", "--message-rate", "20",
                                      "--duration", "60s", "--metrics-port", "0"}));
  const std::string metrics = wait_for_metric(process, "wsfleet_loadgen_connections 4");
  EXPECT_THAT(metrics, HasSubstr("200 OK"));
  EXPECT_THAT(metrics, HasSubstr("wsfleet_loadgen_attempts_refused_total{cause=\"503\"} 0\n"));
  EXPECT_THAT(metrics, HasSubstr("wsfleet_loadgen_message_latency_seconds{quantile=\"0.99\"}"));
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(), 105);
}

TEST(LoadgenCommand, CertificatesAreVerified) {
  const TestCertificate certificate;
  ServerProcess server(
      {"--tls-certificate", certificate.path(), "--tls-key", certificate.key_path()});
  const std::string url = "wss://127.0.0.1:" + std::to_string(server.port()) + "/ws/";
  const std::vector<std::string> load = {url,    "--connections", "3",   "--in-flight",
                                         "2",    "--duration",    "1s",  "--message-bytes",
                                         "2000", "--reconnect",   "none"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), load.begin(), load.end());
    return run_loadgen(more);
  };
  const LoadgenRun unknown = with({});
  EXPECT_EQ(unknown.score("failed_tls"), 3);
  const LoadgenRun verified = with({"--tls-ca", certificate.path()});
  EXPECT_EQ(verified.score("opened"), 3);
  EXPECT_GT(verified.score("messages_received"), 6);
  EXPECT_EQ(verified.score("messages_mismatched"), 0);
  EXPECT_EQ(with({"--tls-insecure"}).score("opened"), 3);
}

TEST(LoadgenCommand, ACertificateOfAnotherHostIsNotTaken) {
  const TestCertificate certificate;
  ServerProcess server(
      {"--tls-certificate", certificate.path(), "--tls-key", certificate.key_path()});
  const std::string url = "wss://127.0.0.2:" + std::to_string(server.port()) + "/ws/";
  const LoadgenRun run = run_loadgen({url, "--connections", "1", "--duration", "500ms",
                                      "--reconnect", "none", "--tls-ca", certificate.path()});
  EXPECT_EQ(run.score("opened"), 0);
}

TEST(LoadgenCommand, ACertificateMustBeForTheHostThatIsSaid) {
  const TestCertificate certificate;
  ServerProcess server(
      {"--tls-certificate", certificate.path(), "--tls-key", certificate.key_path()});
  const auto run_as = [&](const std::string& name, const std::string& host) {
    return run_loadgen({"wss://" + name + ":" + std::to_string(server.port()) + "/ws/",
                        "--connections", "1", "--duration", "1s", "--reconnect", "none", "--tls-ca",
                        certificate.path(), "--host", host});
  };
  EXPECT_EQ(run_as("127.0.0.1", "websocket.local").score("failed_tls"), 1);
  EXPECT_EQ(run_as("127.0.0.1", "127.0.0.1:8443").score("opened"), 1);
}

LoadgenRun run_against(Misdeed misdeed, std::vector<std::string> words) {
  RogueServer server(misdeed);
  words.insert(words.begin(), {server.url(), "--connections", "1", "--in-flight", "1",
                               "--message-bytes", "32", "--duration", "1s", "--reconnect", "none"});
  return run_loadgen(words);
}

TEST(LoadgenAgainstRogues, EachFailureToOpenHasItsCause) {
  EXPECT_EQ(run_against(Misdeed::silent, {"--connect-timeout", "200ms"}).score("failed_timeout"),
            1);
  EXPECT_EQ(run_against(Misdeed::hangs_up, {}).score("failed_reset"), 1);
  EXPECT_EQ(run_against(Misdeed::not_http, {}).score("failed_protocol"), 1);
  EXPECT_EQ(run_against(Misdeed::wrong_accept_key, {}).score("failed_protocol"), 1);
}

TEST(LoadgenAgainstRogues, AnAlteredEchoIsNoticed) {
  const LoadgenRun run = run_against(Misdeed::alters_echo, {});
  EXPECT_GT(run.score("messages_mismatched"), 0);
  EXPECT_EQ(run.score("messages_mismatched"), run.score("messages_received"));
  EXPECT_THAT(run.json["warnings"].dump(), HasSubstr("altered or out of order"));
}

TEST(LoadgenAgainstRogues, EachEndHasItsCauseAndItsMessagesAreLost) {
  const LoadgenRun dropped = run_against(Misdeed::drops_tcp, {});
  EXPECT_EQ(dropped.score("closed_no_close_frame") + dropped.score("closed_reset"), 1);
  EXPECT_EQ(dropped.score("messages_lost"), 1);
  EXPECT_EQ(dropped.json["histograms"]["message_latency"]["infinite"], 1);
  const LoadgenRun odd = run_against(Misdeed::odd_close_code, {});
  EXPECT_EQ(odd.score("closed_other_code"), 1);
  EXPECT_EQ(odd.json["connections"]["close_codes"]["4001"], 1);
  EXPECT_EQ(run_against(Misdeed::reserved_bits, {}).score("closed_protocol_error"), 1);
}

TEST(LoadgenAgainstRogues, AnUnansweredCloseEndsWithItsTimeout) {
  const LoadgenRun run =
      run_against(Misdeed::ignores_close, {"--think-time", "50ms", "--session-length", "300ms",
                                           "--close-timeout", "200ms", "--idle-timeout", "30s"});
  EXPECT_GE(run.score("closed_close_timeout"), 1);
  EXPECT_EQ(run.score("sessions_completed"), run.score("closed_close_timeout"));
}

TEST(LoadgenAgainstRogues, SilenceIsACutWhenThereIsAnIdleTimeout) {
  ServerProcess server({"--ping-interval", "0s"});
  const LoadgenRun run = run_loadgen({server.url(), "--connections", "2", "--duration", "2s",
                                      "--idle-timeout", "200ms", "--reconnect", "none"});
  EXPECT_EQ(run.score("closed_idle_timeout"), 2);
}

}  // namespace
}  // namespace wsfleet
