// SPDX-License-Identifier: Apache-2.0
// The opening handshake (RFC 6455, section 4.2): what is accepted, and how the rest is refused.
#include <fmt/format.h>

#include "tests/live/testing/live_server_test.h"

namespace wsfleet {
namespace {

class Upgrade : public LiveServerTest {
 protected:
  int status_of(std::string_view request) { return http_exchange(port(), request).status; }
  int status_without(std::string_view line) {
    return status_of(replaced(upgrade_request(), line, ""));
  }
  void expect_upgraded(std::string_view request) {
    EXPECT_EQ(upgrade_problem(http_exchange(port(), request)), "") << request;
  }
  void expect_client_error(const RawResponse& response) {
    EXPECT_GE(response.status, 400);
    EXPECT_LT(response.status, 500);
    EXPECT_FALSE(response.body.empty()) << "it does not say why";
  }
};

constexpr std::string_view kKeyLine = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr std::string_view kVersionLine = "Sec-WebSocket-Version: 13\r\n";

TEST_F(Upgrade, GoodRequestsAreAccepted) {
  start();
  expect_upgraded(upgrade_request("/ws/"));
  expect_upgraded(upgrade_request("/ws"));
  expect_upgraded(upgrade_request("/ws/room-1"));
  expect_upgraded(upgrade_request("/ws/?token=1"));
}

TEST_F(Upgrade, FieldsMayBeWrittenAsBrowsersWriteThem) {
  start();
  expect_upgraded(
      replaced(upgrade_request(), "Connection: Upgrade", "connection: keep-alive, Upgrade"));
  expect_upgraded(replaced(upgrade_request(), "Upgrade: websocket", "UPGRADE: WebSocket"));
  expect_upgraded(replaced(upgrade_request(), "Sec-WebSocket-Key: ", "sec-websocket-key:   "));
}

TEST_F(Upgrade, OfferedExtensionsAndSubprotocolsNeedNotBeTaken) {
  start();
  expect_upgraded(upgrade_request(
      "/ws/", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"));
  const RawResponse response =
      http_exchange(port(), upgrade_request("/ws/", "Sec-WebSocket-Protocol: chat, v2\r\n"));
  EXPECT_EQ(response.status, 101);
  const std::string chosen = response.header("Sec-WebSocket-Protocol");
  EXPECT_TRUE(chosen.empty() || chosen == "chat" || chosen == "v2") << chosen;
}

TEST_F(Upgrade, RequestThatArrivesByteByByte) {
  start();
  Socket socket(port());
  for (const char byte : upgrade_request()) socket.send(std::string_view(&byte, 1));
  std::string rest;
  EXPECT_EQ(upgrade_problem(read_response(socket, rest)), "");
}

TEST_F(Upgrade, Section421MissingKeyIsABadRequest) {
  start();
  EXPECT_EQ(status_without(kKeyLine), 400);
}

// "A base64-encoded value that, when decoded, is 16 bytes in length."
TEST_F(Upgrade, Section421KeyThatIsNot16BytesIsABadRequest) {
  start();
  for (const char* key : {"", "short", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                          "dGhlIHNhbXBsZSBub25jZQ=", "!!!!IHNhbXBsZSBub25jZQ=="}) {
    SCOPED_TRACE(key);
    EXPECT_EQ(status_of(replaced(upgrade_request(), kKeyLine,
                                 fmt::format("Sec-WebSocket-Key: {}\r\n", key))),
              400);
  }
}

TEST_F(Upgrade, Section44OtherVersionsAreToldWhichOneIsSpoken) {
  start();
  for (const char* version : {"8", "12", "14", "0", "13, 8", "thirteen", ""}) {
    SCOPED_TRACE(version);
    const RawResponse response =
        http_exchange(port(), replaced(upgrade_request(), kVersionLine,
                                       fmt::format("Sec-WebSocket-Version: {}\r\n", version)));
    EXPECT_TRUE(response.status == 426 || response.status == 400) << response.status;
    EXPECT_EQ(response.header("Sec-WebSocket-Version"), "13");
  }
}

TEST_F(Upgrade, Section421MissingFieldsAreRefused) {
  start();
  for (const std::string_view line :
       {kVersionLine, std::string_view("Upgrade: websocket\r\n"),
        std::string_view("Connection: Upgrade\r\n"), std::string_view("Host: 127.0.0.1\r\n")}) {
    SCOPED_TRACE(line);
    expect_client_error(http_exchange(port(), replaced(upgrade_request(), line, "")));
  }
}

TEST_F(Upgrade, Section421UpgradeToSomethingElseIsRefused) {
  start();
  expect_client_error(
      http_exchange(port(), replaced(upgrade_request(), "Upgrade: websocket", "Upgrade: h2c")));
}

TEST_F(Upgrade, Section421OnlyGetUpgrades) {
  start();
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    SCOPED_TRACE(method);
    expect_client_error(http_exchange(port(), replaced(upgrade_request(), "GET", method)));
  }
}

TEST_F(Upgrade, Section421OnlyHttp11Upgrades) {
  start();
  expect_client_error(http_exchange(port(), replaced(upgrade_request(), "HTTP/1.1", "HTTP/1.0")));
}

TEST_F(Upgrade, OtherPathsAreNotFound) {
  start();
  for (const char* path : {"/", "/wsx", "/other", "/WS/", "/metrics/ws/", "//ws/"}) {
    SCOPED_TRACE(path);
    EXPECT_EQ(status_of(upgrade_request(path)), 404);
    EXPECT_EQ(server().get(path).status, 404);
  }
}

TEST_F(Upgrade, VerbsOfTheAdminListenerAreNotFoundOnThePublicPort) {
  start({}, Bystander::yes, {.environment = kWithAdmin});
  const std::string token = fmt::format("Authorization: Bearer {}\r\n", kAdminToken);
  EXPECT_EQ(http_post(port(), "/drain", token).status, 404);
  EXPECT_EQ(http_post(port(), "/shed?share=1", token).status, 404);
  EXPECT_EQ(server().get("/readyz").status, 200);
}

TEST_F(Upgrade, PlainGetOfTheSocketIsToldToUpgrade) {
  start();
  const RawResponse response = server().get("/ws/");
  EXPECT_TRUE(response.status == 426 || response.status == 400) << response.status;
  EXPECT_FALSE(response.body.empty());
}

TEST_F(Upgrade, Section102OriginsThatAreNotAllowedAreForbidden) {
  start({"--allowed-origin", "https://one.example", "--allowed-origin", "https://two.example"});
  const auto status_from = [&](std::string_view origin) {
    return status_of(upgrade_request("/ws/", fmt::format("Origin: {}\r\n", origin)));
  };
  EXPECT_EQ(status_from("https://one.example"), 101);
  EXPECT_EQ(status_from("https://two.example"), 101);
  for (const char* origin : {"https://three.example", "http://one.example", "null",
                             "https://one.example.evil", "https://one.example:8443"}) {
    EXPECT_EQ(status_from(origin), 403) << origin;
  }
  EXPECT_EQ(server().count("wsfleet_connections_refused_total{reason=\"origin\"}"), 5);
}

TEST_F(Upgrade, WithoutAListEveryOriginIsAllowed) {
  start();
  EXPECT_EQ(status_of(upgrade_request("/ws/", "Origin: https://any.example\r\n")), 101);
}

}  // namespace
}  // namespace wsfleet
