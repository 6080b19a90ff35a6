// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/access/exec_plugin.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVersion = "client.authentication.k8s.io/v1";

class ExecPlugins : public testing::Test {
 protected:
  ExecPlugins() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / fmt::format("exec-{}", test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~ExecPlugins() override { fs::remove_all(folder_); }

  /// A shell script; `status` is what it prints as the credential's.
  ExecPlugin plugin(const std::string& commands, const std::string& status = "{}") const {
    const fs::path path = folder_ / "plugin";
    std::ofstream(path) << "#!/bin/sh\n"
                        << commands << "\ncat <<END\n"
                        << R"({"kind": "ExecCredential", "apiVersion": ")" << kVersion
                        << R"(", "status": )" << status << "}\nEND\n";
    fs::permissions(path, fs::perms::owner_all);
    ExecPlugin made;
    made.api_version = kVersion;
    made.command = path.string();
    return made;
  }

  /// Without the folder of the test.
  std::string error_of(const Result<ExecCredential>& credential) const {
    if (credential) return "no error";
    std::string words = credential.error().message;
    for (std::size_t at; (at = words.find(folder_.string())) != std::string::npos;) {
      words.replace(at, folder_.string().size(), "FOLDER");
    }
    return words;
  }

  fs::path folder_;
};

TEST_F(ExecPlugins, ArgumentsEnvironmentAndWhatItIsTold) {
  setenv("WSFLEET_TEST_WHO", "inherited", 1);
  setenv("WSFLEET_TEST_STAYS", "stays", 1);
  ExecPlugin asked = plugin(R"(info=$(printf %s "$KUBERNETES_EXEC_INFO" | tr -d '"'))",
                            R"({"token": "$1/$2/$WSFLEET_TEST_WHO/$WSFLEET_TEST_STAYS/$info"})");
  asked.arguments = {"get token", "--json"};
  asked.environment = {{"WSFLEET_TEST_WHO", "ann"}};
  const auto credential = run_exec_plugin(asked);
  unsetenv("WSFLEET_TEST_WHO");
  unsetenv("WSFLEET_TEST_STAYS");
  ASSERT_TRUE(credential) << credential.error().message;
  EXPECT_EQ(credential->token,
            "get token/--json/ann/stays/{apiVersion:client.authentication.k8s.io/v1,kind:"
            "ExecCredential,spec:{interactive:false}}");
}

TEST_F(ExecPlugins, ACommandWithoutASlashIsLookedForInPATH) {
  ExecPlugin asked = plugin("");
  asked.command = "sh";
  asked.arguments = {"-c", fmt::format(R"(echo '{{"kind": "ExecCredential", "apiVersion": "{}",
                     "status": {{"token": "found"}}}}')",
                                       kVersion)};
  const auto credential = run_exec_plugin(asked);
  ASSERT_TRUE(credential) << credential.error().message;
  EXPECT_EQ(credential->token, "found");
}

TEST_F(ExecPlugins, AnEndWithAnErrorTellsWhatWasSaid) {
  const auto credential = run_exec_plugin(plugin("echo 'no session, log in' >&2; exit 1"));
  EXPECT_EQ(error_of(credential), "the exec plugin FOLDER/plugin failed: no session, log in");
  EXPECT_EQ(credential.error().kind, ErrorKind::configuration);
}

TEST_F(ExecPlugins, OneThatIsNotThereComesWithItsHint) {
  ExecPlugin missing = plugin("");
  missing.command = (folder_ / "none").string();
  missing.install_hint = "install it with: get none\n";
  EXPECT_EQ(error_of(run_exec_plugin(missing)),
            "the exec plugin does not start: can't run FOLDER/none: No such file or directory\n"
            "install it with: get none");
}

TEST_F(ExecPlugins, WhatIsNoCredentialIsRefused) {
  EXPECT_EQ(error_of(run_exec_plugin(plugin("echo nonsense"))),
            "the exec plugin FOLDER/plugin printed no ExecCredential");
  EXPECT_EQ(error_of(run_exec_plugin(plugin(""))),
            "the exec plugin FOLDER/plugin gave neither a token nor a certificate");
  EXPECT_EQ(error_of(run_exec_plugin(plugin("", R"({"token": 7})"))),
            "the exec plugin FOLDER/plugin gave neither a token nor a certificate");
  EXPECT_EQ(error_of(run_exec_plugin(plugin("", R"({"clientCertificateData": "c"})"))),
            "the exec plugin FOLDER/plugin gave a certificate without its key, or the key alone");
  EXPECT_EQ(
      error_of(run_exec_plugin(plugin("", R"({"token": "t", "expirationTimestamp": "soon"})"))),
      "the exec plugin FOLDER/plugin gave the expirationTimestamp 'soon'");
  ExecPlugin older = plugin("", R"({"token": "t"})");
  older.api_version = "client.authentication.k8s.io/v1beta1";
  EXPECT_EQ(error_of(run_exec_plugin(older)),
            "the exec plugin FOLDER/plugin printed the version 'client.authentication.k8s.io/v1', "
            "not client.authentication.k8s.io/v1beta1");
}

TEST_F(ExecPlugins, OneThatDoesNotEndIsKilled) {
  ExecPlugin slow = plugin("exec sleep 600");
  slow.within = 200 * kMillisecond;
  const auto credential = run_exec_plugin(slow);
  EXPECT_EQ(error_of(credential), "the exec plugin FOLDER/plugin did not end within 200ms");
  EXPECT_EQ(credential.error().kind, ErrorKind::unavailable);
}

// Each run counts one up in a file and gives the count as its token.
constexpr const char* kCount = R"sh(cd "$(dirname "$0")"
n=$(($(cat count 2>&- || echo 0) + 1))
echo $n > count)sh";

TEST_F(ExecPlugins, ItRunsAgainWhenItsCredentialHasExpiredNotBefore) {
  const ExecPlugin counting =
      plugin(kCount, R"({"token": "run $n", "expirationTimestamp": "2001-01-01T00:00:00Z"})");
  const auto credential = renewed_credential(counting, *run_exec_plugin(counting));
  EXPECT_EQ(credential().value().token, "run 2");
  EXPECT_EQ(credential().value().token, "run 3");
  const std::string far = format_utc(wall_now() + kHour);
  const ExecPlugin lasting =
      plugin(kCount, fmt::format(R"({{"token": "run $n", "expirationTimestamp": "{}"}})", far));
  const auto kept = renewed_credential(lasting, *run_exec_plugin(lasting));
  EXPECT_EQ(kept().value().token, "run 4");
  EXPECT_EQ(kept().value().token, "run 4");
}

TEST_F(ExecPlugins, WithoutAnExpiryItRunsOnce) {
  const ExecPlugin counting = plugin(kCount, R"({"token": "run $n"})");
  const auto credential = renewed_credential(counting, *run_exec_plugin(counting));
  EXPECT_EQ(credential().value().token, "run 1");
  EXPECT_EQ(credential().value().token, "run 1");
}

TEST_F(ExecPlugins, CertificatesAreRenewedToo) {
  const ExecPlugin counting =
      plugin(kCount,
             R"({"clientCertificateData": "certificate $n", "clientKeyData": "key $n",
              "expirationTimestamp": "2001-01-01T00:00:00Z"})");
  const auto credential = renewed_credential(counting, *run_exec_plugin(counting));
  const auto renewed = credential();
  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_EQ(renewed->certificate_pem, "certificate 2");
  EXPECT_EQ(renewed->key_pem, "key 2");
}

TEST_F(ExecPlugins, ARenewalThatFailsCanBeTriedAgain) {
  ExecPlugin failing = plugin("exit 1");
  ExecCredential old{"old", "", "", "2001-01-01T00:00:00Z"};
  const auto credential = renewed_credential(failing, old);
  ASSERT_FALSE(credential());
  EXPECT_EQ(credential().error().kind, ErrorKind::unavailable);
  plugin("", R"({"token": "new"})");
  EXPECT_EQ(credential().value().token, "new");
}

}  // namespace
}  // namespace wsfleet
