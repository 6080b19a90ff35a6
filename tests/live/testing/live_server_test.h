// SPDX-License-Identifier: Apache-2.0
#pragma once
// A test with a server of its own. After whatever the test did, a connection that was open before
// must still echo, the server must hold no descriptor more than before, and SIGTERM must end it
// with status 0.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>

#include "tests/live/testing/raw_client.h"
#include "tests/live/testing/server_process.h"

namespace wsfleet {

class LiveServerTest : public testing::Test {
 protected:
  enum class Bystander { yes, no };

  void start(const Arguments& arguments = {}, Bystander bystander = Bystander::yes,
             const ChildOptions& options = {}) {
    server_.emplace(arguments, options);
    if (bystander == Bystander::yes)
      bystander_ = std::make_unique<RawClient>(port(), "/ws/bystander");
    baseline_ = server_->process().open_descriptors();
  }

  ServerProcess& server() { return *server_; }
  std::uint16_t port() const { return server_->port(); }
  RawClient connect(std::string_view target = "/ws/") { return RawClient(port(), target); }

  /// The close code with which the server answers these bytes on a new connection; also that TCP
  /// ends then.
  int close_code_for(std::string_view bytes) {
    RawClient client = connect();
    client.send(bytes);
    const Closure closure = client.closure();
    EXPECT_TRUE(closure.ended) << "TCP did not end after the close handshake";
    return closure.code;
  }
  int close_code_for(const Frame& frame) { return close_code_for(encode(frame)); }

  void expect_bystander_untouched() {
    if (bystander_) {
      EXPECT_EQ(bystander_->echo("still here"), "still here");
    }
  }
  void expect_descriptors_at_baseline() {
    EXPECT_TRUE(eventually([this] { return server_->process().open_descriptors() <= baseline_; }))
        << server_->process().open_descriptors() << " descriptors, " << baseline_ << " before";
  }

  /// Of every connection that was ever opened the server can say what became of it.
  void expect_accounts_balance() {
    const auto open = [this] {
      return server_->count("wsfleet_connections_accepted_total") -
             server_->sum("wsfleet_connections_closed_total");
    };
    const double left = bystander_ ? 1 : 0;
    EXPECT_TRUE(eventually([&] { return open() == left; }))
        << "accepted - closed = " << open() << ", open: " << left;
    EXPECT_EQ(server_->count("wsfleet_connections"), left);
  }

  void TearDown() override {
    if (!server_) return;
    if (server_->process().running()) {
      expect_bystander_untouched();
      expect_descriptors_at_baseline();
      expect_accounts_balance();
      bystander_.reset();
      server_->process().signal(SIGTERM);
    }
    EXPECT_EQ(server_->process().wait(), 0);
    if (HasFailure()) {
      const std::string log = server_->process().errors();
      std::printf("the server's log (its end):\n%s\n",
                  log.substr(log.size() > 3000 ? log.size() - 3000 : 0).c_str());
    }
  }

 private:
  std::optional<ServerProcess> server_;
  std::unique_ptr<RawClient> bystander_;
  std::size_t baseline_ = 0;
};

}  // namespace wsfleet
