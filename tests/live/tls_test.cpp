// SPDX-License-Identifier: Apache-2.0
// TLS: peers that check the certificate, a certificate that changes while the server runs, and
// plain bytes where TLS is expected.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "tests/live/testing/live_server_test.h"
#include "tests/live/testing/peers.h"

namespace wsfleet {
namespace {

/// The fixture's bystander speaks no TLS, so these have none.
class Tls : public LiveServerTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(directory_);
    make_certificate();
  }
  void TearDown() override {
    LiveServerTest::TearDown();
    std::filesystem::remove_all(directory_);
  }

  /// A new key and a certificate for 127.0.0.1 that signs itself, in place of the former ones.
  void make_certificate() {
    ChildProcess openssl({WSFLEET_OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                          "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                          "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                          key_ + ".new", "-out", certificate_ + ".new"});
    ASSERT_EQ(openssl.wait(), 0) << openssl.errors();
    std::filesystem::rename(key_ + ".new", key_);
    std::filesystem::rename(certificate_ + ".new", certificate_);
  }

  void start_with_tls(Arguments arguments = {}) {
    arguments.insert(arguments.end(), {"--tls-certificate", certificate_, "--tls-key", key_});
    start(arguments, Bystander::no);
  }
  std::string failed_checks_of(Peer peer) {
    return failed_checks(peer, fmt::format("wss://127.0.0.1:{}/ws/", port()), certificate_);
  }
  /// Whether a client that trusts the certificate on disk alone gets an answer.
  bool is_trusted() {
    ChildProcess client({WSFLEET_OPENSSL, "s_client", "-connect",
                         fmt::format("127.0.0.1:{}", port()), "-CAfile", certificate_,
                         "-verify_return_error", "-brief"});
    return client.wait() == 0;
  }

  const std::string directory_ = testing::TempDir() + fmt::format("tls-{}", getpid());
  const std::string certificate_ = directory_ + "/certificate.pem";
  const std::string key_ = directory_ + "/key.pem";
};

TEST_F(Tls, PythonWebsocketsPassesAllChecks) {
  start_with_tls({"--max-message-bytes", "1MiB", "--send-queue-bytes", "2MiB"});
  EXPECT_EQ(failed_checks_of(Peer::python_websockets), "");
}

TEST_F(Tls, NodeWsPassesAllChecks) {
  start_with_tls({"--max-message-bytes", "1MiB", "--send-queue-bytes", "2MiB"});
  EXPECT_EQ(failed_checks_of(Peer::node_ws), "");
}

TEST_F(Tls, CertificateThatChangesIsTakenUp) {
  start_with_tls();
  EXPECT_TRUE(is_trusted());
  make_certificate();
  EXPECT_TRUE(eventually([&] { return is_trusted(); }, 60 * kSecond))
      << "the former certificate is still presented";
}

TEST_F(Tls, PlainBytesEndTheConnection) {
  start_with_tls();
  Socket socket(port());
  socket.send(upgrade_request());
  EXPECT_TRUE(socket.ended());
  EXPECT_TRUE(is_trusted());
}

// Freed memory is overwritten: an answer that outlived its connection would end the server.
TEST_F(Tls, UpgradesThatAreRefusedLeaveTheServerAlone) {
  setenv("MALLOC_PERTURB_", "165", 1);
  start_with_tls();
  unsetenv("MALLOC_PERTURB_");
  for (const std::string version : {"12", "", "13, 8"}) {
    ChildProcess client(
        {"/bin/sh", "-c",
         fmt::format("printf 'GET /ws/ HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\n"
                     "Connection: Upgrade\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n"
                     "Sec-WebSocket-Version: {}\\r\\n\\r\\n' | {} s_client -quiet -connect "
                     "127.0.0.1:{} -CAfile '{}'",
                     version, WSFLEET_OPENSSL, port(), certificate_)});
    client.wait();
    EXPECT_NE(client.output().find("HTTP/1.1 426"), std::string::npos) << client.output();
  }
  EXPECT_TRUE(is_trusted());
}

// It sends and reads nothing of what comes back: a write is under way when the missing pong ends
// it.
TEST_F(Tls, AClientThatStopsReadingIsEndedAndTheServerLivesOn) {
  setenv("MALLOC_PERTURB_", "165", 1);
  start_with_tls({"--ping-interval", "300ms", "--send-queue-bytes", "64MiB"});
  unsetenv("MALLOC_PERTURB_");
  const std::string upgrade =
      "GET /ws/ HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n";
  ChildProcess client(
      {"/bin/sh", "-c",
       fmt::format("{{ printf '{}'; {} -c 'import sys; frame = bytes([0x82, 0xfe, 16, 0, 0, 0, 0, "
                   "0]) + bytes(4096); sys.stdout.buffer.write(frame * 4000)'; sleep 3; }} | "
                   "{} s_client -quiet -connect 127.0.0.1:{} -CAfile '{}' | sleep 4",
                   upgrade, WSFLEET_PYTHON, WSFLEET_OPENSSL, port(), certificate_)});
  client.wait();
  EXPECT_TRUE(is_trusted());
}

TEST_F(Tls, SilentClientsTimeOut) {
  start_with_tls({"--handshake-timeout", "300ms"});
  Socket silent(port());
  EXPECT_TRUE(silent.ended());
  Socket half(port());
  half.send(std::string("\x16\x03\x01\x02", 4));
  EXPECT_TRUE(half.ended());
}

TEST_F(Tls, FilesThatCannotBeReadAreTold) {
  const Ended ended =
      run_server({"--tls-certificate", directory_ + "/none.pem", "--tls-key", key_});
  EXPECT_TRUE(ended.status == 1 || ended.status == 104) << ended.status.value_or(-1);
  EXPECT_NE(ended.errors.find("none.pem"), std::string::npos) << ended.errors;
}

}  // namespace
}  // namespace wsfleet
