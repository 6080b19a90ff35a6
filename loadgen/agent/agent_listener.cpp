// SPDX-License-Identifier: Apache-2.0
#include "loadgen/agent/agent_listener.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "core/live/live_clock.h"
#include "core/log.h"
#include "core/net/http_listener.h"

namespace wsfleet {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

constexpr std::uint64_t kLargestBody = 256ULL * 1024 * 1024;  // a scenario's trace may be long
constexpr std::uint32_t kLargestHeader = 32 * 1024;
constexpr TimeNs kHeaderWithin = 10 * kSecond;
constexpr TimeNs kExchangeWithin = 2 * kMinute;  // of the body, and of the answer
constexpr std::chrono::milliseconds kLook{100};
constexpr TimeNs kAnswersOutWithin = 2 * kSecond;

HttpPage page_of(AgentAnswer answer) {
  return {answer.status,
          std::move(answer.body),
          answer.json ? "application/json" : "text/plain",
          {{"Cache-Control", "no-store"}}};
}

AgentRequest request_of(const IncomingRequest& request) {
  return {.method = request.method,
          .target = request.target,
          .token = request.header(kAgentTokenHeader),
          .body = request.body};
}

/// Whoever has no token is told so before a body is read.
HttpService service_of(LoadAgent& agent) {
  HttpService service;
  service.refuse = [&agent](const IncomingRequest& request) -> std::optional<HttpPage> {
    if (auto refusal = agent.refuse(request_of(request))) return page_of(std::move(*refusal));
    return std::nullopt;
  };
  service.answer = [&agent](const IncomingRequest& request) {
    return page_of(agent.answer(request_of(request), monotonic_now()));
  };
  service.limits.head_bytes = kLargestHeader;
  service.limits.body_bytes = kLargestBody;
  service.limits.head_within = kHeaderWithin;
  service.limits.exchange_within = kExchangeWithin;
  return service;
}

class AgentListener {
 public:
  explicit AgentListener(const AgentOptions& options)
      : options_(options), agent_(options.agent, monotonic_now()) {}

  Result<int> run() {
    if (auto listening = listen(); !listening) return tl::unexpected(listening.error());
    signals_.async_wait([this](ErrorCode error, int) { on_signal(error); });
    look();
    io_.run();
    return status_.value_or(1);
  }

 private:
  Result<void> listen() {
    auto opened = HttpListener::open(io_, options_.listen, options_.port, service_of(agent_));
    if (!opened && opened.error().kind == ErrorKind::configuration) {
      return fail(ErrorKind::usage, "--listen: " + opened.error().message);
    }
    if (!opened) return tl::unexpected(opened.error());
    listener_ = std::move(*opened);
    log_info(fmt::format("waiting on {}:{}", options_.listen, listener_->port()));
    return {};
  }

  void on_signal(ErrorCode error) {
    if (error) return;
    agent_.terminate(monotonic_now());
    signals_.async_wait([this](ErrorCode again, int) { on_signal(again); });
  }

  void look() {
    timer_.expires_after(kLook);
    timer_.async_wait([this](ErrorCode) {
      const TimeNs now = monotonic_now();
      if (!status_) {
        status_ = agent_.advance(now);
        ends_ = now + kAnswersOutWithin;
      }
      if (status_ && (listener_->open_connections() == 0 || now > ends_)) return io_.stop();
      look();
    });
  }

  const AgentOptions& options_;
  LoadAgent agent_;
  std::optional<int> status_;  // to exit with, once that is known
  TimeNs ends_ = 0;
  asio::io_context io_{1};
  std::unique_ptr<HttpListener> listener_;
  asio::steady_timer timer_{io_};
  asio::signal_set signals_{io_, SIGTERM, SIGINT};
};

}  // namespace

Result<int> run_agent(const AgentOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  return AgentListener(options).run();
}

}  // namespace wsfleet
