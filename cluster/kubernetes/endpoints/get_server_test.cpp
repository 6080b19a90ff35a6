// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/endpoints/get_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/net/http_client.h"

namespace wsfleet {
namespace {

GetAnswer answer(const std::string& path) {
  if (path == "/list") return {200, "[1]", "application/json"};
  return {404, "no such path\n"};
}

std::unique_ptr<GetServer> started() {
  auto server = GetServer::open("127.0.0.1", 0, answer);
  EXPECT_TRUE(server) << server.error().message;
  return std::move(*server);
}

HttpResponse asked(std::uint16_t port, const std::string& method, const std::string& path) {
  HttpRequest request;
  request.method = method;
  request.port = port;
  request.target = path;
  const auto response = http_exchange(request, 20 * kSecond);
  EXPECT_TRUE(response) << response.error().message;
  return response.value_or(HttpResponse{});
}

int connected_to(std::uint16_t port) {
  const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return file;
}

TEST(GetServer, AnswersWhatItsHandlerSays) {
  const auto server = started();
  EXPECT_EQ(asked(server->port(), "GET", "/list").body, "[1]");
  EXPECT_EQ(asked(server->port(), "GET", "/other").status, 404);
  EXPECT_EQ(asked(server->port(), "POST", "/list").status, 405);
}

TEST(GetServer, OneThatSaysNothingKeepsNobodyElseForLong) {
  const auto server = started();
  const int silent = connected_to(server->port());
  EXPECT_EQ(asked(server->port(), "GET", "/list").status, 200);
  close(silent);
}

TEST(GetServer, NonsenseIsABadRequest) {
  const auto server = started();
  const int file = connected_to(server->port());
  const std::string nonsense = "nonsense\r\n\r\n";
  EXPECT_EQ(send(file, nonsense.data(), nonsense.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(nonsense.size()));
  char block[64] = {};
  ASSERT_GT(recv(file, block, sizeof block - 1, 0), 0);
  EXPECT_EQ(std::string(block).substr(0, 12), "HTTP/1.1 400");
  close(file);
}

TEST(GetServer, APortInUseIsAnError) {
  const auto server = started();
  const auto second = GetServer::open("127.0.0.1", server->port(), answer);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("can't listen"), std::string::npos);
  EXPECT_FALSE(GetServer::open("nowhere", 0, answer));
}

}  // namespace
}  // namespace wsfleet
