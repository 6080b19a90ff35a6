// SPDX-License-Identifier: Apache-2.0
// Real nginx in front of real servers: what a client sees, where connections go, what is counted.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/process/free_port.h"
#include "tests/live/testing/crowd.h"
#include "tests/live/testing/nginx_process.h"
#include "tests/live/testing/raw_client.h"
#include "tests/live/testing/server_process.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;

class IngressLive : public testing::Test {
 protected:
  void start(BalancerKind balancer, int servers, const Arguments& arguments = {}) {
    nginx_.emplace(balancer);
    for (int i = 0; i < servers; ++i) add_server(arguments);
    nginx_->put(endpoints_);
  }
  void add_server(const Arguments& arguments = {}) {
    servers_.emplace_back(arguments);
    add_endpoint(servers_.back().port());
  }
  void add_endpoint(std::uint16_t port) {
    const auto id = static_cast<EndpointId>(endpoints_.size());
    endpoints_.push_back(
        {.id = id, .uid = fmt::format("pod-{}", id), .address = "127.0.0.1", .port = port});
  }

  NginxProcess& nginx() { return *nginx_; }
  RawClient connect() { return RawClient(nginx().port()); }
  std::int64_t open(int pod) { return nginx().count(fmt::format("pod-{}", pod)).open; }
  bool becomes_open(int pod, std::int64_t expected) {
    return eventually([&] { return open(pod) == expected; });
  }
  int status() { return http_exchange(nginx().port(), upgrade_request()).status; }

  void TearDown() override {
    if (!nginx_) return;
    const std::string log = nginx_->log();
    EXPECT_THAT(log, Not(HasSubstr("lua entry thread aborted")));
    EXPECT_THAT(log, Not(HasSubstr("failed to run"))) << "an error in the Lua";
    if (HasFailure()) std::printf("nginx' log:\n%s\n", log.c_str());
  }

  std::optional<NginxProcess> nginx_;
  std::deque<ServerProcess> servers_;
  std::vector<IngressEndpoint> endpoints_;
};

TEST_F(IngressLive, AWebSocketEchoesThroughIt) {
  start(BalancerKind::round_robin, 1);
  RawClient client = connect();
  EXPECT_EQ(client.echo("hello"), "hello");
  EXPECT_EQ(client.echo(std::string(60'000, 'x')), std::string(60'000, 'x'));
  EXPECT_EQ(servers_[0].count("wsfleet_connections"), 1);
}

TEST_F(IngressLive, EndpointsComeWithoutAReload) {
  start(BalancerKind::round_robin, 0);
  const RawResponse none = http_exchange(nginx().port(), upgrade_request());
  EXPECT_EQ(none.status, 503);
  EXPECT_THAT(none.body, HasSubstr("no endpoint"));
  const pid_t pid = nginx().process().pid();
  add_server();
  nginx().put(endpoints_);
  RawClient first = connect();
  add_server();
  nginx().put(endpoints_);
  RawClient second = connect();
  EXPECT_EQ(first.echo("first"), "first");
  EXPECT_EQ(second.echo("second"), "second");
  EXPECT_EQ(open(0), 1);
  EXPECT_EQ(open(1), 1);
  EXPECT_EQ(nginx().process().pid(), pid);
  EXPECT_TRUE(nginx().process().running());
}

TEST_F(IngressLive, AnEndpointThatLeavesKeepsItsSockets) {
  start(BalancerKind::round_robin, 2);
  RawClient first = connect();
  RawClient second = connect();
  nginx().put({endpoints_[1]});
  EXPECT_EQ(first.echo("still here"), "still here");
  EXPECT_EQ(open(0), 1);
  EXPECT_FALSE(nginx().count("pod-0").listed);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(connect().echo("new"), "new");
  EXPECT_EQ(nginx().count("pod-0").picked, 1) << "new ones go elsewhere";

  // Forgotten while open: it stays in the answer until its socket has ended.
  EXPECT_EQ(nginx().admin("POST", "/forget", forget_json(0)).status, 200);
  EXPECT_EQ(open(0), 1);
  first.send(close_frame(1000));
  first.closure();
  EXPECT_TRUE(eventually([&] { return nginx().count("pod-0").uid.empty(); }));
  EXPECT_EQ(nginx().counts().size(), 1U);
}

TEST_F(IngressLive, ANumberThatIsAnotherPodsStartsAnew) {
  start(BalancerKind::least_connections, 2);
  std::deque<RawClient> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(connect());
  add_server();
  const IngressEndpoint replacement{
      .id = 0, .uid = "pod-0b", .address = "127.0.0.1", .port = endpoints_[2].port};
  nginx().put({replacement, endpoints_[1]});
  EXPECT_EQ(open(0), 3) << "of the pod that was";
  for (int i = 0; i < 3; ++i) clients.push_back(connect());
  EXPECT_EQ(nginx().count("pod-0b").open, 3) << "the new pod has none, so it gets them all";
  for (int i = 0; i < 6; ++i) clients.pop_front();
  EXPECT_TRUE(eventually([&] { return nginx().count("pod-0").uid.empty(); }));
  EXPECT_EQ(nginx().count("pod-0b").open, 3);
  EXPECT_TRUE(becomes_open(1, 0));
}

TEST_F(IngressLive, ARefusalPassesUnchanged) {
  start(BalancerKind::round_robin, 1, {"--max-connections", "1", "--retry-after", "7s"});
  RawClient client = connect();
  const RawResponse direct = http_exchange(servers_[0].port(), upgrade_request());
  const RawResponse proxied = http_exchange(nginx().port(), upgrade_request());
  EXPECT_EQ(proxied.status, 503);
  EXPECT_EQ(proxied.header("Retry-After"), "7");
  EXPECT_EQ(proxied.header("Content-Type"), direct.header("Content-Type"));
  EXPECT_EQ(proxied.body, direct.body);
  EXPECT_EQ(nginx().count("pod-0").failed, 0) << "a refusal is an answer";
  EXPECT_TRUE(becomes_open(0, 1));
}

TEST_F(IngressLive, ADeadEndpointIsPassedOver) {
  start(BalancerKind::round_robin, 1);
  add_endpoint(free_port().value());
  add_endpoint(free_port().value());
  nginx().put(endpoints_);
  std::deque<RawClient> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(connect());
    EXPECT_EQ(clients.back().echo("alive"), "alive");
  }
  EXPECT_EQ(open(0), 6);
  for (const int dead : {1, 2}) {
    const EndpointCount count = nginx().count(fmt::format("pod-{}", dead));
    EXPECT_EQ(count.open, 0);
    EXPECT_GE(count.picked, 5);
    EXPECT_EQ(count.failed, count.picked);
  }
}

TEST_F(IngressLive, ThreeTriesAreAllThereAre) {
  start(BalancerKind::round_robin, 0);
  for (int i = 0; i < 5; ++i) add_endpoint(free_port().value());
  nginx().put(endpoints_);
  EXPECT_EQ(status(), 502);
  std::int64_t picked = 0;
  std::int64_t failed = 0;
  for (const EndpointCount& count : nginx().counts()) {
    EXPECT_EQ(count.open, 0);
    picked += count.picked;
    failed += count.failed;
  }
  EXPECT_EQ(picked, 3);
  EXPECT_EQ(failed, 3);
}

TEST_F(IngressLive, CountsAreWhatIsOpen) {
  start(BalancerKind::ewma, 3);
  Crowd crowd(nginx().port());
  ASSERT_TRUE(crowd.open(120));
  std::int64_t all = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(static_cast<double>(open(i)), servers_[i].count("wsfleet_connections")) << i;
    all += open(i);
  }
  EXPECT_EQ(all, 120);
  crowd.close_each(1000);
  ASSERT_TRUE(crowd.run_until([&] { return crowd.ended() == 120; }));
  std::int64_t picked = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(becomes_open(i, 0)) << i;
    picked += nginx().count(fmt::format("pod-{}", i)).picked;
  }
  EXPECT_EQ(picked, 120);
}

TEST_F(IngressLive, ClientsThatVanishAreCountedOff) {
  start(BalancerKind::least_connections, 1);
  std::deque<RawClient> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(connect());
  clients[0].socket().reset();
  clients[1].socket().close();
  EXPECT_TRUE(becomes_open(0, 1));
  servers_[0].process().signal(SIGKILL);
  EXPECT_TRUE(clients[2].socket().ended()) << "the end of a pod reaches its clients";
  EXPECT_TRUE(becomes_open(0, 0));
}

TEST_F(IngressLive, LeastConnectionsIsEven) {
  start(BalancerKind::least_connections, 3);
  Crowd crowd(nginx().port());
  ASSERT_TRUE(crowd.open(150));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(open(i), 50) << i;
  add_server();
  nginx().put(endpoints_);
  ASSERT_TRUE(crowd.open(50));
  EXPECT_EQ(open(3), 50) << "the new one, until it is level";
  ASSERT_TRUE(crowd.open(4));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(open(i), 51) << i;
}

TEST_F(IngressLive, ClientIpSticks) {
  start(BalancerKind::client_ip, 4);
  std::deque<Socket> sockets;
  std::map<std::int64_t, int> sources_by_pod;
  for (int source = 2; source < 18; ++source) {
    std::vector<std::int64_t> before;
    for (int i = 0; i < 4; ++i) before.push_back(open(i));
    for (int i = 0; i < 3; ++i) {
      sockets.emplace_back(nginx().port(), 0, fmt::format("127.0.0.{}", source));
      sockets.back().send(upgrade_request());
      std::string rest;
      ASSERT_EQ(read_response(sockets.back(), rest).status, 101);
    }
    int pods = 0;
    for (int i = 0; i < 4; ++i) {
      const std::int64_t more = open(i) - before[static_cast<std::size_t>(i)];
      EXPECT_TRUE(more == 0 || more == 3) << "source " << source << " has several pods";
      pods += more == 3 ? 1 : 0;
      if (more == 3) ++sources_by_pod[i];
    }
    EXPECT_EQ(pods, 1);
  }
  EXPECT_GT(sources_by_pod.size(), 1U) << "all sources have the same pod";
}

TEST_F(IngressLive, CloseFramesPassBothWays) {
  start(BalancerKind::round_robin, 1, {"--max-message-bytes", "1000"});
  RawClient leaving = connect();
  leaving.send(close_frame(3456, "bye"));
  const Closure echoed = leaving.closure();
  EXPECT_EQ(echoed.code, 3456) << "the server answers with the client's code";
  EXPECT_TRUE(echoed.ended);

  RawClient too_big = connect();
  too_big.send_text(std::string(2000, 'x'));
  EXPECT_EQ(too_big.closure().code, 1009) << "and closes by itself with its own";
}

TEST_F(IngressLive, ADrainReachesTheClients) {
  start(BalancerKind::round_robin, 1, {"--drain-mode", "immediate"});
  RawClient client = connect();
  servers_[0].process().signal(SIGTERM);
  const Closure closure = client.closure();
  EXPECT_EQ(closure.code, 1012);
  EXPECT_TRUE(closure.ended);
}

TEST_F(IngressLive, SigkillLeavesNothing) {
  start(BalancerKind::round_robin, 1);
  RawClient client = connect();
  const pid_t pid = nginx().process().pid();
  const std::filesystem::path tasks = fmt::format("/proc/{}/task/{}/children", pid, pid);
  EXPECT_TRUE(std::filesystem::exists(tasks));
  std::ifstream file(tasks);
  std::string child;
  file >> child;
  EXPECT_EQ(child, "") << "nginx has a process besides its own";
  nginx().process().signal(SIGKILL);
  EXPECT_EQ(nginx().process().wait(), 128 + SIGKILL);
  EXPECT_TRUE(client.socket().ended());
  EXPECT_THROW(Socket{nginx().port()}, std::runtime_error);
}

TEST_F(IngressLive, SigtermEndsItInOrder) {
  start(BalancerKind::round_robin, 1);
  RawClient client = connect();
  nginx().process().signal(SIGTERM);
  EXPECT_EQ(nginx().process().wait(), 0);
  EXPECT_TRUE(client.socket().ended());
}

}  // namespace
}  // namespace wsfleet
