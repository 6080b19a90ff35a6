// SPDX-License-Identifier: Apache-2.0
// wsfleet-loadgen against independent servers, and against the server of this project, whose
// counters must agree with its report.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/live/testing/live_server_test.h"
#include "tests/live/testing/peers.h"

namespace wsfleet {
namespace {

/// Five connections for two seconds, 20 messages a second on each.
ChildProcess loadgen_against(std::uint16_t port) {
  return ChildProcess({WSFLEET_LOADGEN, fmt::format("ws://127.0.0.1:{}/ws/", port), "--connections",
                       "5", "--message-rate", "20", "--duration", "2s", "--json", "-"});
}

/// Its JSON report when it has ended well.
nlohmann::json report_of(ChildProcess& loadgen) {
  EXPECT_EQ(loadgen.wait(60 * kSecond), 0) << loadgen.errors();
  const std::string text = loadgen.output();
  const nlohmann::json report = nlohmann::json::parse(text, nullptr, false);
  EXPECT_TRUE(report.is_object()) << text;
  return report;
}

std::int64_t number(const nlohmann::json& report, const std::string& pointer) {
  return report.value(nlohmann::json::json_pointer(pointer), std::int64_t{-1});
}

void expect_all_echoed(const nlohmann::json& report) {
  EXPECT_EQ(number(report, "/attempts/opened"), 5);
  EXPECT_GT(number(report, "/messages/sent"), 0);
  EXPECT_EQ(number(report, "/messages/mismatched"), 0);
  EXPECT_EQ(number(report, "/messages/lost"), 0);
  EXPECT_EQ(number(report, "/messages/received") + number(report, "/messages/in_flight_at_end"),
            number(report, "/messages/sent"));
  EXPECT_TRUE(report.value("balanced", false)) << "opened is not closed by cause + still open";
}

class LoadgenAgainst : public testing::TestWithParam<Peer> {};
class LoadgenAndServer : public LiveServerTest {};

TEST_P(LoadgenAgainst, GetsEachMessageBack) {
  const PeerServer server(GetParam());
  ChildProcess loadgen = loadgen_against(server.port());
  expect_all_echoed(report_of(loadgen));
}

TEST_F(LoadgenAndServer, CountTheSameMessages) {
  start({}, Bystander::no);
  ChildProcess loadgen = loadgen_against(port());
  const nlohmann::json report = report_of(loadgen);
  expect_all_echoed(report);
  EXPECT_EQ(server().count("wsfleet_connections_accepted_total"), 5);
  EXPECT_EQ(server().count("wsfleet_messages_received_total"), number(report, "/messages/sent"));
  EXPECT_EQ(server().count("wsfleet_received_bytes_total"), number(report, "/messages/bytes_sent"));
  EXPECT_GE(server().count("wsfleet_messages_sent_total"), number(report, "/messages/received"));
}

TEST_F(LoadgenAndServer, CountTheSameRefusals) {
  start({"--max-connections", "3"}, Bystander::no);
  ChildProcess loadgen = loadgen_against(port());
  const nlohmann::json report = report_of(loadgen);
  EXPECT_EQ(number(report, "/attempts/opened"), 3);
  EXPECT_GE(number(report, "/attempts/refused/503"), 2);
  EXPECT_EQ(server().count("wsfleet_connections_refused_total{reason=\"full\"}"),
            number(report, "/attempts/refused/503"));
}

TEST_F(LoadgenAndServer, CountTheSameClosesOfAShed) {
  start({"--drain-mode", "immediate"}, Bystander::no, {.environment = kWithAdmin});
  ChildProcess loadgen = loadgen_against(port());
  ASSERT_TRUE(eventually([&] {
    return server().count("wsfleet_connections_accepted_total") == 5 &&
           server().count("wsfleet_messages_received_total") >= 20;
  }));
  EXPECT_EQ(server().post("/shed?share=0.5").status, 202);
  const nlohmann::json report = report_of(loadgen);
  EXPECT_EQ(number(report, "/connections/closed/1012"), 3);
  EXPECT_EQ(server().count("wsfleet_connections_closed_total{cause=\"shed\",code=\"1012\"}"), 3);
  EXPECT_TRUE(report.value("balanced", false));
}

INSTANTIATE_TEST_SUITE_P(Each, LoadgenAgainst,
                         testing::Values(Peer::python_websockets, Peer::node_ws),
                         [](const auto& parameter) { return name_of(parameter.param); });

}  // namespace
}  // namespace wsfleet
