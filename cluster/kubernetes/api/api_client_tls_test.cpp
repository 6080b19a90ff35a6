// SPDX-License-Identifier: Apache-2.0
// Whom the client trusts, and what it says of itself, against a TLS server that shares no code with
// it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "cluster/kubernetes/api/api_client.h"
#include "cluster/kubernetes/testing/test_authority.h"
#include "cluster/kubernetes/testing/tls_server.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

TlsServer::Handler always_fine() {
  return [](const RawRequest&, RawConnection& client) { client.send(raw_answer(200, "{}")); };
}

/// Of a GET; "" when it worked.
Error error_of(const ClusterAccess& access) {
  ApiClient client(access);
  const auto answer = client.get("/version");
  return answer ? Error{ErrorKind::failed, ""} : answer.error();
}

/// Refused at once, for good, with nothing sent.
void expect_refused(const TlsServer& server, const ClusterAccess& access, const char* why) {
  const Error error = error_of(access);
  EXPECT_EQ(error.kind, ErrorKind::failed);
  EXPECT_THAT(error.message, HasSubstr("its certificate is refused"));
  EXPECT_THAT(error.message, HasSubstr(why));
  EXPECT_TRUE(server.requests().empty());
}

TEST(ApiClientTls, AServerOfTheContextsAuthorityIsTrusted) {
  TlsServer server(always_fine());
  EXPECT_EQ(error_of(server.access()).message, "");
  EXPECT_EQ(server.requests().at(0).server_name, "");  // an address is no name to ask for
}

TEST(ApiClientTls, TheWrongAuthorityIsRefused) {
  TlsServer server(always_fine());
  ClusterAccess access = server.access();
  access.ca_pem = TestAuthority().pem();
  expect_refused(server, access, "unable to get local issuer certificate");
}

TEST(ApiClientTls, WithoutAnAuthorityTheSystemsAreTrustedAndNoOther) {
  TlsServer server(always_fine());
  ClusterAccess access = server.access();
  access.ca_pem.clear();
  expect_refused(server, access, "unable to get local issuer certificate");
}

TEST(ApiClientTls, ACertificateForAnotherAddressIsRefused) {
  TlsServer server(always_fine(), {.certificate = {.names = "IP:127.0.0.2,DNS:127.0.0.1"}});
  expect_refused(server, server.access(), "IP address mismatch");
}

TEST(ApiClientTls, ACertificateForAnotherNameIsRefused) {
  TlsServer server(always_fine(), {.certificate = {.names = "DNS:other.example"}});
  ClusterAccess access = server.access();
  access.server = fmt::format("https://localhost:{}", server.port());
  expect_refused(server, access, "hostname mismatch");
}

TEST(ApiClientTls, TheCommonNameAloneNamesNoServer) {
  TlsServer server(always_fine(), {.certificate = {.names = "", .common_name = "localhost"}});
  ClusterAccess access = server.access();
  access.server = fmt::format("https://localhost:{}", server.port());
  expect_refused(server, access, "hostname mismatch");
}

TEST(ApiClientTls, AnExpiredCertificateIsRefused) {
  TlsServer server(always_fine(), {.certificate = {.until_hours = -1}});
  expect_refused(server, server.access(), "certificate has expired");
}

TEST(ApiClientTls, HostNamesAreResolvedAndSent) {
  TlsServer server(always_fine());
  ClusterAccess access = server.access();
  access.server = fmt::format("https://localhost:{}/prefix/", server.port());
  EXPECT_EQ(error_of(access).message, "");
  const RawRequest asked = server.requests().at(0);
  EXPECT_EQ(asked.server_name, "localhost");
  EXPECT_EQ(asked.target, "/prefix/version");
  EXPECT_EQ(asked.headers.at("host"), fmt::format("localhost:{}", server.port()));
  EXPECT_EQ(asked.headers.count("authorization"), 0U);
}

TEST(ApiClientTls, TlsServerNameIsAskedForAndChecked) {
  TlsServer server(always_fine(), {.certificate = {.names = "DNS:kubernetes.default"}});
  ClusterAccess access = server.access();
  access.tls_name = "kubernetes.default";
  EXPECT_EQ(error_of(access).message, "");
  EXPECT_EQ(server.requests().at(0).server_name, "kubernetes.default");
  access.tls_name = "kubernetes.other";
  EXPECT_THAT(error_of(access).message, HasSubstr("it must be for 'kubernetes.other'"));
}

TEST(ApiClientTls, TheClientsCertificateIsSent) {
  const TestAuthority people;
  TlsServer server(always_fine(), {.client_authority = people.pem()});
  ClusterAccess access = server.access();
  const ClientIdentity ann = people.issue({.common_name = "ann"});
  access.certificate_pem = ann.certificate_pem;
  access.key_pem = ann.key_pem;
  EXPECT_EQ(error_of(access).message, "");
  EXPECT_EQ(server.requests().at(0).client_name, "ann");
}

TEST(ApiClientTls, APluginsCertificateIsAskedForBeforeEachRequest) {
  const TestAuthority people;
  TlsServer server(always_fine(), {.client_authority = people.pem()});
  ClusterAccess access = server.access();
  const ClientIdentity first = people.issue({.common_name = "first"});
  const ClientIdentity second = people.issue({.common_name = "second"});
  int asked = 0;
  access.identity = [&]() -> Result<ClientIdentity> { return asked++ == 0 ? first : second; };
  ApiClient client(access);
  ASSERT_TRUE(client.get("/a"));
  ASSERT_TRUE(client.get("/b"));
  EXPECT_EQ(server.requests().at(0).client_name, "first");
  EXPECT_EQ(server.requests().at(1).client_name, "second");
}

TEST(ApiClientTls, AServerThatWantsACertificateSaysSo) {
  const TestAuthority people;
  TlsServer server(always_fine(), {.client_authority = people.pem()});
  ApiClient client(server.access(), {.deadline = kSecond});
  const auto answer = client.get("/version");
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("certificate required"));
}

TEST(ApiClientTls, CertificatesThatAreNoneAreConfigurationErrors) {
  TlsServer server(always_fine());
  ClusterAccess access = server.access();
  access.ca_pem = "no certificate";
  EXPECT_EQ(error_of(access).kind, ErrorKind::configuration);
  EXPECT_THAT(error_of(access).message,
              HasSubstr("context test: its certificate authority can't be used"));
  access = server.access();
  access.certificate_pem = "no certificate";
  EXPECT_THAT(error_of(access).message,
              HasSubstr("context test: the client certificate can't be used"));
  const TestAuthority people;
  access.certificate_pem = people.issue().certificate_pem;
  access.key_pem = people.issue().key_pem;  // of another certificate
  EXPECT_THAT(error_of(access).message, HasSubstr("context test: the client's key can't be used"));
  EXPECT_TRUE(server.requests().empty());
}

TEST(ApiClientTls, TheTokenIsAskedForBeforeEachRequest) {
  TlsServer server(always_fine());
  ClusterAccess access = server.access();
  int asked = 0;
  access.token = [&]() -> Result<std::string> { return fmt::format("token-{}", ++asked); };
  ApiClient client(access, {.user_agent = "wsfleet-test"});
  ASSERT_TRUE(client.get("/a"));
  ASSERT_TRUE(client.get("/b"));
  EXPECT_EQ(server.requests().at(0).headers.at("authorization"), "Bearer token-1");
  EXPECT_EQ(server.requests().at(1).headers.at("authorization"), "Bearer token-2");
  EXPECT_EQ(server.requests().at(1).headers.at("user-agent"), "wsfleet-test");
}

TEST(ApiClientTls, ATokenIsNoWayToAddHeaders) {
  TlsServer server(always_fine());
  ClusterAccess access = server.access();
  access.token = []() -> Result<std::string> { return std::string("a\r\nX-Remote-User: root"); };
  EXPECT_EQ(error_of(access).kind, ErrorKind::configuration);
  EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace wsfleet
