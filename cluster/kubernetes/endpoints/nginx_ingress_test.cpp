// SPDX-License-Identifier: Apache-2.0
// Against real nginx, with a small HTTP server as its pod.
#include "cluster/kubernetes/endpoints/nginx_ingress.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/net/http_client.h"
#include "core/net/http_listener.h"
#include "core/process/free_port.h"

namespace wsfleet {
namespace {

HttpService always(HttpPage page) {
  return pages_by_path([page](const std::string&) { return page; });
}

class NginxIngressLive : public testing::Test {
 protected:
  NginxIngressLive() {
    directory_ = testing::TempDir() + "nginx-ingress-" + std::to_string(getpid());
    std::filesystem::create_directories(directory_);
    settings_ = {.directory = directory_,
                 .address = "127.0.0.1",
                 .port = free_port().value(),
                 .admin_port = free_port().value()};
  }
  ~NginxIngressLive() override { std::filesystem::remove_all(directory_); }

  int status_for_a_client() const {
    HttpRequest request;
    request.port = settings_.port;
    const auto answer = http_exchange(request, 20 * kSecond);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? answer->status : 0;
  }

  std::string directory_;
  NginxIngressSettings settings_;
};

TEST_F(NginxIngressLive, SendsClientsToTheEndpointsThatItIsTold) {
  const auto nginx = NginxIngress::start(settings_);
  ASSERT_TRUE(nginx) << nginx.error().message;
  EXPECT_EQ(status_for_a_client(), 503);

  const auto pod = HttpListener::open("127.0.0.1", 0, always({404, "the pod's own answer\n"}));
  ASSERT_TRUE(pod);
  ASSERT_TRUE((*nginx)->put({{0, "a", "127.0.0.1", (*pod)->port()}}));
  EXPECT_EQ(status_for_a_client(), 404);

  ASSERT_FALSE((*nginx)->forget(0)) << "it is still listed";
  ASSERT_TRUE((*nginx)->put({}));
  ASSERT_TRUE((*nginx)->forget(0));
  EXPECT_EQ(status_for_a_client(), 503);
  EXPECT_TRUE((*nginx)->still_runs());
}

TEST_F(NginxIngressLive, EndsWithItsOwner) {
  { ASSERT_TRUE(NginxIngress::start(settings_)); }
  HttpRequest request;
  request.port = settings_.port;
  EXPECT_FALSE(http_exchange(request, 20 * kSecond));
}

TEST_F(NginxIngressLive, OneThatCannotStartSaysWhy) {
  const auto taken = HttpListener::open("127.0.0.1", settings_.port, always({}));
  ASSERT_TRUE(taken);
  const auto nginx = NginxIngress::start(settings_);
  ASSERT_FALSE(nginx);
  EXPECT_NE(nginx.error().message.find("Address already in use"), std::string::npos)
      << nginx.error().message;
}

}  // namespace
}  // namespace wsfleet
