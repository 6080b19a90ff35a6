// SPDX-License-Identifier: Apache-2.0
// What of a kubeconfig is honoured, and what is refused in which words.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cluster/kubernetes/access/access.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

/// "ca" in base64: what stands in certificate-authority-data is not looked into before use.
constexpr const char* kCluster = "server: https://10.0.0.1:6443, certificate-authority-data: Y2E=";

class Kubeconfig : public testing::Test {
 protected:
  Kubeconfig() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / fmt::format("kubeconfig-{}", test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Kubeconfig() override {
    fs::remove_all(folder_);
    unsetenv("KUBECONFIG");
  }

  std::string write(const std::string& name, const std::string& content) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
    return (folder_ / name).string();
  }

  /// A whole kubeconfig of one context "c", cluster "k" and user "u".
  std::string write_one(const std::string& cluster, const std::string& user) {
    return write("config", fmt::format("current-context: c\n"
                                       "contexts: [{{name: c, context: {{cluster: k, user: u}}}}]\n"
                                       "clusters: [{{name: k, cluster: {{{}}}}}]\n"
                                       "users: [{{name: u, user: {{{}}}}}]\n",
                                       cluster, user));
  }

  static Result<ClusterAccess> read(const std::string& file, const std::string& context = "") {
    return kubeconfig_access({.files = {file}, .context = context});
  }

  /// The error's words, with FOLDER for the test's own.
  std::string error_of(const Result<ClusterAccess>& access) const {
    if (access) return "no error";
    EXPECT_EQ(access.error().kind, ErrorKind::configuration);
    std::string words = access.error().message;
    for (std::size_t at; (at = words.find(folder_.string())) != std::string::npos;) {
      words.replace(at, folder_.string().size(), "FOLDER");
    }
    return words;
  }

  std::string refused(const std::string& cluster, const std::string& user) {
    return error_of(read(write_one(cluster, user)));
  }

  fs::path folder_;
};

TEST_F(Kubeconfig, InlineDataAndAToken) {
  const auto access = read(write("config", R"(
apiVersion: v1
kind: Config
current-context: chat@lab
contexts:
- name: chat@lab
  context: {cluster: lab, user: ann, namespace: chat}
clusters:
- name: lab
  cluster:
    server: https://lab.example:6443/path
    tls-server-name: kubernetes.default
    certificate-authority-data: Y2E=
users:
- name: ann
  user: {token: secret, client-certificate-data: Y2VydA==, client-key-data: a2V5}
)"));
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->context, "chat@lab");
  EXPECT_EQ(access->name_space, "chat");
  EXPECT_EQ(access->server, "https://lab.example:6443/path");
  EXPECT_EQ(access->tls_name, "kubernetes.default");
  EXPECT_EQ(access->ca_pem, "ca");
  EXPECT_EQ(access->certificate_pem, "cert");
  EXPECT_EQ(access->key_pem, "key");
  EXPECT_EQ(access->token().value(), "secret");
}

TEST_F(Kubeconfig, FilesAreRelativeToTheFileThatNamesThem) {
  write("sub/pki/ca.pem", "the ca");
  write("sub/me.crt", "the certificate");
  write("sub/me.key", "the key");
  write("sub/token", "from a file\n");
  const std::string file = write("sub/config", R"(
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "https://h", certificate-authority: pki/ca.pem}}]
users: [{name: u, user: {client-certificate: me.crt, client-key: ./me.key, tokenFile: token}}]
)");
  const auto access = read(file);
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->ca_pem, "the ca");
  EXPECT_EQ(access->certificate_pem, "the certificate");
  EXPECT_EQ(access->key_pem, "the key");
  EXPECT_EQ(access->token().value(), "from a file");
  EXPECT_EQ(access->name_space, "default");
}

TEST_F(Kubeconfig, DataCountsBeforeAFileAndATokenFileBeforeAToken) {
  write("ca.pem", "of the file");
  write("token", "of the file");
  const auto access = read(write_one(std::string(kCluster) + ", certificate-authority: ca.pem",
                                     "token: in line, tokenFile: token"));
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->ca_pem, "ca");
  EXPECT_EQ(access->token().value(), "of the file");
}

TEST_F(Kubeconfig, NoCredentialsAreNoCredentials) {
  const auto access = read(write_one(kCluster, "username: '', auth-provider: null, as-groups: []"));
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_FALSE(access->token);
  EXPECT_FALSE(access->identity);
  EXPECT_EQ(access->certificate_pem, "");
}

TEST_F(Kubeconfig, OfSeveralFilesTheFirstThatSaysSomethingCounts) {
  const std::string first = write("first", R"(
contexts: [{name: a, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "https://first"}}]
)");
  const std::string second = write("second", R"(
current-context: a
contexts: [{name: a, context: {cluster: other, user: other}}]
clusters: [{name: k, cluster: {server: "https://second"}}]
users: [{name: u, user: {token: of the second}}]
)");
  const std::string third = write("third", "current-context: b\n");
  const std::string missing = (folder_ / "missing").string();
  const std::string list = fmt::format("{}:{}::{}:{}", missing, first, second, third);
  setenv("KUBECONFIG", list.c_str(), 1);
  const auto access = kubeconfig_access({});
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->context, "a");
  EXPECT_EQ(access->server, "https://first");
  EXPECT_EQ(access->token().value(), "of the second");
}

TEST_F(Kubeconfig, NamedFilesCountBeforeTheVariable) {
  setenv("KUBECONFIG", write("other", "current-context: other\n").c_str(), 1);
  const auto access = read(write_one(kCluster, "token: t"));
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->context, "c");
}

TEST_F(Kubeconfig, TheDefaultFileIsInTheHomeFolder) {
  const std::string home = getenv("HOME") != nullptr ? getenv("HOME") : "";
  write(".kube/config", fmt::format("current-context: c\n"
                                    "contexts: [{{name: c, context: {{cluster: k, user: u}}}}]\n"
                                    "clusters: [{{name: k, cluster: {{{}}}}}]\n"
                                    "users: [{{name: u, user: {{token: t}}}}]\n",
                                    kCluster));
  unsetenv("KUBECONFIG");
  setenv("HOME", folder_.c_str(), 1);
  const auto access = kubeconfig_access({});
  setenv("HOME", home.c_str(), 1);
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->context, "c");
}

TEST_F(Kubeconfig, WhatCanNotBeFoundIsNamed) {
  EXPECT_EQ(error_of(read((folder_ / "none").string())),
            "there is no kubeconfig (tried: FOLDER/none); set KUBECONFIG");
  EXPECT_EQ(error_of(read(write("empty", "contexts: []\n"))),
            "no context is named and the kubeconfig has no current-context");
  const std::string file = write_one(kCluster, "token: t");
  EXPECT_EQ(error_of(read(file, "d")), "the kubeconfig has no context 'd'; it has: c");
  EXPECT_EQ(error_of(read(write("half", R"(
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
)"))),
            "the kubeconfig has no cluster 'k'; it has: none");
  EXPECT_EQ(error_of(read(write("nobody", R"(
current-context: c
contexts: [{name: c, context: {cluster: k}}]
)"))),
            "kubeconfig FOLDER/nobody: context 'c': it has no user");
}

TEST_F(Kubeconfig, WhatIsNoKubeconfigIsRefused) {
  EXPECT_EQ(error_of(read(write("list", "- a\n"))), "kubeconfig FOLDER/list is no mapping");
  EXPECT_EQ(error_of(read(write("yaml", "a: [1\n"))),
            "kubeconfig FOLDER/yaml: yaml-cpp: error at line 2, column 1: end of sequence flow not "
            "found");
  EXPECT_NE(error_of(read(write("odd", "current-context: c\ncontexts: [c, 7]\n"))), "no error");
}

TEST_F(Kubeconfig, WhatIsUnsafeIsRefused) {
  EXPECT_EQ(refused("server: 'http://h'", "token: t"),
            "kubeconfig FOLDER/config: cluster 'k': its server 'http://h' is not https://…: "
            "credentials are not sent in clear");
  EXPECT_EQ(refused("", "token: t"),
            "kubeconfig FOLDER/config: cluster 'k': its server '' is not https://…: credentials "
            "are not sent in clear");
  for (const char* yes : {"true", "True", "yes"}) {
    EXPECT_EQ(
        refused(std::string("server: 'https://h', insecure-skip-tls-verify: ") + yes, "token: t"),
        "kubeconfig FOLDER/config: cluster 'k': insecure-skip-tls-verify is not done here; "
        "give certificate-authority instead");
  }
  EXPECT_TRUE(read(write_one("server: 'https://h', insecure-skip-tls-verify: false", "token: t")));
}

TEST_F(Kubeconfig, WhatIsNotSupportedIsRefusedWithItsRemedy) {
  EXPECT_EQ(refused(std::string(kCluster) + ", proxy-url: 'http://p'", ""),
            "kubeconfig FOLDER/config: cluster 'k': proxy-url is not supported; give an address "
            "that is reached directly");
  EXPECT_EQ(refused(kCluster, "auth-provider: {name: gcp}"),
            "kubeconfig FOLDER/config: user 'u': auth-provider is no more; use the exec plugin of "
            "that provider");
  EXPECT_EQ(refused(kCluster, "username: ann, password: x"),
            "kubeconfig FOLDER/config: user 'u': user names with passwords are not supported; use "
            "a token or a certificate");
  EXPECT_EQ(refused(kCluster, "token: t, as: root"),
            "kubeconfig FOLDER/config: user 'u': impersonation (as) is not supported; use "
            "credentials of that user");
  EXPECT_EQ(refused(kCluster, "exec: {apiVersion: client.authentication.k8s.io/v1alpha1}"),
            "kubeconfig FOLDER/config: user 'u': exec.apiVersion "
            "'client.authentication.k8s.io/v1alpha1' is neither client.authentication.k8s.io/v1 "
            "nor …/v1beta1");
  EXPECT_EQ(refused(kCluster, "exec: {apiVersion: client.authentication.k8s.io/v1}"),
            "kubeconfig FOLDER/config: user 'u': exec.command is missing");
  EXPECT_EQ(refused(kCluster,
                    "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, "
                    "interactiveMode: Always}"),
            "kubeconfig FOLDER/config: user 'u': exec.interactiveMode is Always, and there is no "
            "terminal for the plugin");
}

TEST_F(Kubeconfig, CredentialsThatCanNotBeReadAreNamed) {
  EXPECT_EQ(
      refused("server: 'https://h', certificate-authority: none.pem", ""),
      "kubeconfig FOLDER/config: cluster 'k': certificate-authority: FOLDER/none.pem can't be "
      "read: No such file or directory");
  EXPECT_EQ(refused("server: 'https://h', certificate-authority-data: '===='", ""),
            "kubeconfig FOLDER/config: cluster 'k': certificate-authority-data is no base64");
  EXPECT_EQ(refused(kCluster, "client-certificate-data: YQ=="),
            "kubeconfig FOLDER/config: user 'u': client-certificate and client-key go together");
  EXPECT_EQ(refused(kCluster, "tokenFile: none"),
            "kubeconfig FOLDER/config: user 'u': tokenFile: FOLDER/none can't be read: No such "
            "file or directory");
}

TEST_F(Kubeconfig, AnExecPluginBesideTheKubeconfigGivesTheToken) {
  const std::string plugin = write("bin/login", R"(#!/bin/sh
echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
       "status": {"token": "'$1-$WHO'"}}'
)");
  fs::permissions(plugin, fs::perms::owner_all);
  const auto access = read(write_one(kCluster, R"(exec: {
    apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [for],
    env: [{name: WHO, value: ann}], interactiveMode: IfAvailable, provideClusterInfo: false})"));
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->token().value(), "for-ann");
  EXPECT_FALSE(access->identity);
}

TEST_F(Kubeconfig, AnExecPluginGivesACertificateThatIsAskedForAgain) {
  const std::string plugin = write("login", R"sh(#!/bin/sh
cd "${0%/*}"
echo run >> runs
cat <<END
{"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential",
 "status": {"clientCertificateData": "certificate $(wc -l < runs)", "clientKeyData": "key",
            "expirationTimestamp": "2001-01-01T00:00:00Z"}}
END
)sh");
  fs::permissions(plugin, fs::perms::owner_all);
  const auto access = read(write_one(
      kCluster, "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./login}"));
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_FALSE(access->token);
  ASSERT_TRUE(access->identity);
  EXPECT_EQ(access->identity().value().certificate_pem, "certificate 2");
  EXPECT_EQ(access->identity().value().certificate_pem, "certificate 3");
  EXPECT_EQ(access->identity().value().key_pem, "key");
}

TEST_F(Kubeconfig, AnExecPluginThatFailsIsAnErrorWithItsWords) {
  const std::string plugin = write("login", "#!/bin/sh\necho 'log in first' >&2; exit 3\n");
  fs::permissions(plugin, fs::perms::owner_all);
  EXPECT_EQ(refused(kCluster,
                    "exec: {apiVersion: client.authentication.k8s.io/v1beta1, "
                    "command: ./login}"),
            "kubeconfig FOLDER/config: user 'u': the exec plugin FOLDER/./login failed: log in "
            "first");
}

}  // namespace
}  // namespace wsfleet
