// SPDX-License-Identifier: Apache-2.0
// Health endpoints, the metrics' names, and the verbs of the admin listener.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/live/testing/crowd.h"
#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

class Probes : public LiveServerTest {
 protected:
  void expect_statuses(int livez, int readyz, int healthz) {
    EXPECT_EQ(server().get("/livez").status, livez);
    EXPECT_EQ(server().get("/readyz").status, readyz);
    EXPECT_EQ(server().get("/healthz").status, healthz);
    EXPECT_EQ(server().count("wsfleet_ready"), readyz == 200 ? 1 : 0);
  }
};

class Admin : public LiveServerTest {
 protected:
  void start_with_admin(Arguments arguments = {}) {
    start(arguments, Bystander::no, {.environment = kWithAdmin});
  }
  /// The upgrade is answered before the connection counts as open.
  void wait_until_counted(double connections) {
    ASSERT_TRUE(eventually(
        [&] { return server().count("wsfleet_connections_accepted_total") == connections; }));
  }
  int unauthorised(std::string_view fields) {
    return http_post(server().admin_port(), "/drain", fields).status;
  }
};

TEST_F(Probes, IdleServerIsWell) {
  start();
  expect_statuses(200, 200, 200);
}

TEST_F(Probes, FullServerIsReadyByDefault) {
  start({"--max-connections", "1"});
  expect_statuses(200, 200, 503);
}

TEST_F(Probes, FullServerFailsReadinessWhenAskedTo) {
  start({"--max-connections", "1", "--no-ready-when-full"});
  expect_statuses(200, 503, 503);
}

TEST_F(Probes, ReadinessComesBackWhenThereIsRoom) {
  start({"--max-connections", "1", "--no-ready-when-full"}, Bystander::no);
  {
    RawClient client = connect();
    expect_statuses(200, 503, 503);
  }
  EXPECT_TRUE(eventually([&] { return server().get("/readyz").status == 200; }));
  expect_statuses(200, 200, 200);
}

TEST_F(Probes, ProbesAndScrapesDoNotCountAsConnections) {
  start({"--max-connections", "1"});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(server().get("/livez").status, 200);
  EXPECT_EQ(server().count("wsfleet_connections"), 1);
  EXPECT_EQ(server().count("wsfleet_connections_accepted_total"), 1);
  EXPECT_EQ(server().sum("wsfleet_connections_refused_total"), 0);
}

TEST_F(Probes, KeptAliveConnectionAnswersSeveralRequests) {
  start();
  Socket socket(port());
  std::string rest;
  for (const char* path : {"/livez", "/metrics", "/readyz", "/nothing", "/livez"}) {
    socket.send(fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path));
    EXPECT_EQ(read_response(socket, rest).status, std::string(path) == "/nothing" ? 404 : 200);
  }
}

TEST_F(Probes, RequestsInOneSegmentAreAnsweredInOrder) {
  start();
  Socket socket(port());
  const std::string first = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
  socket.send(first + replaced(first, "/livez", "/nothing") + first);
  std::string rest;
  for (const int status : {200, 404, 200}) EXPECT_EQ(read_response(socket, rest).status, status);
}

TEST_F(Probes, UpgradeMayFollowAnotherRequest) {
  start();
  Socket socket(port());
  std::string rest;
  socket.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(read_response(socket, rest).status, 200);
  socket.send(upgrade_request());
  EXPECT_EQ(upgrade_problem(read_response(socket, rest)), "");
}

// RFC 9110, 9.3.2: whatever the status, no body follows the head.
TEST_F(Probes, HeadIsAnsweredWithoutABody) {
  start();
  Socket socket(port());
  socket.send("HEAD /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  std::string answer;
  while (socket.receive(answer) == Received::data) {
  }
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 ")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(Probes, WrongMethodsAreNotAllowed) {
  start();
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    const std::string request = fmt::format(
        "{} /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        method);
    EXPECT_EQ(http_exchange(port(), request).status, 405) << method;
  }
}

TEST_F(Probes, MetricsAreInPrometheusTextFormat) {
  start();
  const RawResponse response = server().get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.header("Content-Type").starts_with("text/plain; version=0.0.4"))
      << response.header("Content-Type");
  for (const char* name :
       {"websockets_connections_total", "wsfleet_connections", "wsfleet_connections_accepted_total",
        "wsfleet_connections_refused_total", "wsfleet_messages_received_total",
        "wsfleet_messages_sent_total", "wsfleet_received_bytes_total", "wsfleet_sent_bytes_total",
        "wsfleet_send_queue_bytes", "wsfleet_ping_round_trip_seconds", "wsfleet_ready",
        "wsfleet_draining"}) {
    EXPECT_NE(response.body.find(fmt::format("# HELP {} ", name)), std::string::npos) << name;
    EXPECT_NE(response.body.find(fmt::format("# TYPE {} ", name)), std::string::npos) << name;
  }
  EXPECT_NE(response.body.find("# TYPE websockets_connections_total gauge"), std::string::npos);
}

TEST_F(Probes, MessagesAndBytesAreCounted) {
  start();
  RawClient client = connect();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.echo("0123456789"), "0123456789");
  client.send(encode(text_frame("01234", false)) + encode(continuation_frame("56789")));
  EXPECT_EQ(client.message(), (Message{kText, "0123456789"}));
  EXPECT_EQ(server().count("wsfleet_messages_received_total"), 6);
  EXPECT_EQ(server().count("wsfleet_messages_sent_total"), 6);
  EXPECT_EQ(server().count("wsfleet_received_bytes_total"), 60);
  EXPECT_EQ(server().count("wsfleet_sent_bytes_total"), 60);
}

TEST_F(Admin, WithoutATokenThereIsNoListener) {
  start();
  EXPECT_EQ(server().admin_port(), 0);
  EXPECT_EQ(server().process().output().find("admin"), std::string::npos);
}

TEST_F(Admin, WrongTokensAreUnauthorised) {
  start_with_admin();
  EXPECT_EQ(unauthorised(""), 401);
  for (const char* value : {"Bearer wrong", "Bearer", "Bearer ", "Basic YTpi", kAdminToken,
                            "Bearer a-token-of-the-tests-and-more", "Bearer a-token-of-the-test"}) {
    EXPECT_EQ(unauthorised(fmt::format("Authorization: {}\r\n", value)), 401) << value;
  }
  EXPECT_EQ(server().get("/readyz").status, 200);
  EXPECT_EQ(server().count("wsfleet_draining"), 0);
}

TEST_F(Admin, OnlyPostToKnownPaths) {
  start_with_admin();
  const std::string token = fmt::format("Authorization: Bearer {}\r\n", kAdminToken);
  EXPECT_EQ(http_get(server().admin_port(), "/drain", token).status, 405);
  EXPECT_EQ(http_get(server().admin_port(), "/shed?share=1", token).status, 405);
  EXPECT_EQ(server().post("/nothing").status, 404);
  EXPECT_EQ(server().get("/readyz").status, 200);
}

TEST_F(Admin, TokenMayComeFromAFile) {
  const std::string path = testing::TempDir() + fmt::format("token-{}", getpid());
  { std::ofstream(path) << kAdminToken << "\n"; }
  start({"--admin-token-file", path}, Bystander::no);
  EXPECT_EQ(server().post("/drain").status, 202);
  std::remove(path.c_str());
}

TEST_F(Admin, DrainFailsReadinessRefusesAndCloses) {
  start_with_admin({"--drain-over", "300ms"});
  Crowd crowd(port());
  ASSERT_TRUE(crowd.open(10));
  const RawResponse response = server().post("/drain");
  EXPECT_EQ(response.status, 202);
  EXPECT_TRUE(nlohmann::json::accept(response.body)) << response.body;
  EXPECT_EQ(server().get("/livez").status, 200);
  EXPECT_EQ(server().get("/readyz").status, 503);
  EXPECT_EQ(server().get("/healthz").status, 503);
  EXPECT_EQ(server().count("wsfleet_ready"), 0);
  EXPECT_EQ(server().count("wsfleet_draining"), 1);
  EXPECT_EQ(http_exchange(port(), upgrade_request()).status, 503);
  EXPECT_EQ(server().count("wsfleet_connections_refused_total{reason=\"draining\"}"), 1);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 10; })) << crowd.ended();
  EXPECT_EQ(crowd.closed_with(1012), 10U);
  EXPECT_EQ(server().count("wsfleet_connections_closed_total{cause=\"drain\",code=\"1012\"}"), 10);
  EXPECT_TRUE(server().process().running());
}

TEST_F(Admin, SecondDrainChangesNothing) {
  start_with_admin({"--drain-over", "300ms"});
  Crowd crowd(port());
  ASSERT_TRUE(crowd.open(10));
  EXPECT_EQ(server().post("/drain").status, 202);
  EXPECT_EQ(server().post("/drain").status, 202);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 10; })) << crowd.ended();
  EXPECT_EQ(crowd.closed_with(1012), 10U);
}

TEST_F(Admin, ShedClosesExactlyItsShareRoundedUp) {
  start_with_admin({"--drain-over", "200ms", "--threads", "2"});
  Crowd crowd(port());
  ASSERT_TRUE(crowd.open(7));
  wait_until_counted(7);
  const RawResponse response = server().post("/shed?share=0.5");
  EXPECT_EQ(response.status, 202);
  EXPECT_TRUE(nlohmann::json::accept(response.body)) << response.body;
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 4; })) << crowd.ended();
  crowd.run_until([] { return false; }, 400 * kMillisecond);  // a fifth would be closed by now
  EXPECT_EQ(crowd.ended(), 4U);
  EXPECT_EQ(crowd.closed_with(1012), 4U);
  crowd.send_each("still here");
  EXPECT_TRUE(crowd.run_until([&] { return crowd.with_messages(1) == 3; }));
  EXPECT_EQ(server().count("wsfleet_connections"), 3);
  EXPECT_EQ(server().get("/readyz").status, 200) << "a shed is no drain";
  EXPECT_EQ(connect().echo("new"), "new");
}

TEST_F(Admin, ShedOfOneClosesAll) {
  start_with_admin({"--drain-mode", "immediate"});
  Crowd crowd(port());
  ASSERT_TRUE(crowd.open(5));
  wait_until_counted(5);
  EXPECT_EQ(server().post("/shed?share=1").status, 202);
  EXPECT_TRUE(crowd.run_until([&] { return crowd.ended() == 5; })) << crowd.ended();
}

TEST_F(Admin, SharesThatAreNoneAreBadRequests) {
  start_with_admin();
  RawClient client = connect();
  for (const char* query : {"", "?share=", "?share=half", "?share=-0.1", "?share=1.5", "?share=nan",
                            "?share=inf", "?share=0.5x", "?other=0.5"}) {
    const RawResponse response = server().post(fmt::format("/shed{}", query));
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_NE(response.body.find("share"), std::string::npos) << query << ": " << response.body;
  }
  EXPECT_EQ(client.echo("still here"), "still here");
}

}  // namespace
}  // namespace wsfleet
