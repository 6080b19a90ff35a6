// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/access/token_source.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cluster/kubernetes/access/access.h"
#include "cluster/kubernetes/access/base64.h"
#include "cluster/kubernetes/api/api_address.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("tokens-") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Files() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name) << content;
    return (folder_ / name).string();
  }

  fs::path folder_;
};

using TokenFile = Files;
using InCluster = Files;

TEST_F(TokenFile, IsReadAgainWhenDue) {
  const std::string path = write("token", " one\n");
  const TokenSource token = token_from_file(path, 0);
  EXPECT_EQ(token().value(), "one");
  write("token", "two\n");
  EXPECT_EQ(token().value(), "two");
}

TEST_F(TokenFile, IsNotReadAgainBefore) {
  const std::string path = write("token", "one");
  const TokenSource token = token_from_file(path, kHour);
  EXPECT_EQ(token().value(), "one");
  write("token", "two");
  EXPECT_EQ(token().value(), "one");
}

TEST_F(TokenFile, TheLastOneGoesOnWhileThereIsNone) {
  const std::string path = write("token", "one");
  const TokenSource token = token_from_file(path, 0);
  EXPECT_EQ(token().value(), "one");
  fs::remove(path);
  EXPECT_EQ(token().value(), "one");
  write("token", "\n");
  EXPECT_EQ(token().value(), "one");
  write("token", "two");
  EXPECT_EQ(token().value(), "two");
}

TEST_F(TokenFile, WithoutAnyIsAnError) {
  const std::string empty = write("token", "\n");
  EXPECT_EQ(token_from_file(empty)().error().message, empty + " holds no token");
  const auto folder = token_from_file(folder_.string())();
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().message, folder_.string() + " can't be read: Is a directory");
}

TEST_F(InCluster, IsWhatTheServiceAccountSays) {
  write("token", "of the pod\n");
  write("ca.crt", "the ca");
  write("namespace", "chat\n");
  setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1", 1);
  setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  const auto access = in_cluster_access(folder_.string());
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->context, "in-cluster");
  EXPECT_EQ(access->name_space, "chat");
  EXPECT_EQ(access->server, "https://10.96.0.1:443");
  EXPECT_EQ(access->ca_pem, "the ca");
  EXPECT_EQ(access->token().value(), "of the pod");
  setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
  EXPECT_EQ(in_cluster_access(folder_.string()).value().server, "https://[fd00::1]:443");
}

TEST_F(InCluster, OutsideOfAPodSaysSo) {
  unsetenv("KUBERNETES_SERVICE_HOST");
  const auto access = in_cluster_access(folder_.string());
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().kind, ErrorKind::configuration);
  EXPECT_EQ(access.error().message,
            "this is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; use "
            "a kubeconfig");
}

TEST_F(InCluster, WithoutTheServiceAccountsFilesNamesTheOneThatIsMissing) {
  setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1", 1);
  setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  const auto access = in_cluster_access(folder_.string());
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().message,
            (folder_ / "ca.crt").string() + " can't be read: No such file or directory");
}

TEST(Base64, DecodesWhatKubeconfigsHave) {
  EXPECT_EQ(base64_decode("").value(), "");
  EXPECT_EQ(base64_decode("YQ==").value(), "a");
  EXPECT_EQ(base64_decode("YWI=").value(), "ab");
  EXPECT_EQ(base64_decode("YWJj").value(), "abc");
  EXPECT_EQ(base64_decode(" YW\nJj\r\n").value(), "abc");
  EXPECT_EQ(base64_decode("AP/+").value(), std::string("\0\xFF\xFE", 3));
}

TEST(Base64, RefusesEverythingElse) {
  for (const char* text : {"a", "YQ=", "YQ", "====", "Y===", "YQ==YQ==", "Y*==", "YW-j", "YWé"}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

TEST(ApiAddress, HostPortAndPath) {
  const auto plain = parse_api_address("https://api.example");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->text(), "api.example:443");
  const auto path = parse_api_address("https://10.0.0.1:6443/k8s/clusters/c-1/");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->text(), "10.0.0.1:6443");
  EXPECT_EQ(path->path, "/k8s/clusters/c-1");
  const auto six = parse_api_address("https://[fd00::1]:6443");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "fd00::1");
  EXPECT_EQ(six->text(), "[fd00::1]:6443");
}

TEST(ApiAddress, WhatIsNone) {
  for (const char* url : {"", "http://h", "h:443", "https://", "https://:443", "https://h:0",
                          "https://h:65536", "https://h:4x", "https://a b", "https://u@h"}) {
    const auto address = parse_api_address(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().kind, ErrorKind::configuration) << url;
  }
}

}  // namespace
}  // namespace wsfleet
