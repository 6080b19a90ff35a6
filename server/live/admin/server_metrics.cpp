// SPDX-License-Identifier: Apache-2.0
#include "server/live/admin/server_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <deque>
#include <mutex>
#include <vector>

#include "server/live/admin/process_metrics.h"

namespace wsfleet {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

const prometheus::Histogram::BucketBoundaries kRoundTripBuckets = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

MetricFamily family(const char* name, const char* help, MetricType type, double value) {
  ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {name, help, type, {metric}};
}

/// Collects families in the order in which they are described.
class Families {
 public:
  template <class Number>
  void counter(const char* name, const char* help, Number value) {
    all.push_back(family(name, help, MetricType::Counter, static_cast<double>(value)));
  }
  template <class Number>
  void gauge(const char* name, const char* help, Number value) {
    all.push_back(family(name, help, MetricType::Gauge, static_cast<double>(value)));
  }

  std::vector<MetricFamily> all;
};

void add_levels(Families& families, const ServerLevels& levels) {
  families.gauge("websockets_connections_total",
                 "Open WebSocket connections, under the name that dashboards of the original use.",
                 levels.connections);
  families.gauge("wsfleet_connections", "Open WebSocket connections.", levels.connections);
  families.gauge("wsfleet_connections_limit", "Connections beyond which others are refused.",
                 levels.max_connections);
  families.gauge("wsfleet_ready", "1 while the readiness endpoint answers 200.", levels.ready);
  families.gauge("wsfleet_draining", "1 from the begin of a drain on.", levels.draining);
}

void add_redis(Families& families, const RedisLevels& redis) {
  if (!redis.configured) return;
  families.gauge("wsfleet_redis_up", "1 while both connections to Redis are ready.", redis.up);
  families.counter("wsfleet_redis_reconnects_total", "Connections to Redis made after a loss.",
                   redis.reconnects);
  families.counter("wsfleet_redis_commands_total", "Commands that Redis answered.", redis.commands);
  families.counter("wsfleet_redis_failed_commands_total",
                   "Commands that failed or were never answered.", redis.failed_commands);
  families.gauge("wsfleet_redis_sessions_pending",
                 "Sessions whose key is still to be written or removed.", redis.sessions_pending);
  families.counter("wsfleet_fanout_published_total", "Room messages sent to the other pods.",
                   redis.published);
  families.counter("wsfleet_fanout_dropped_total",
                   "Room messages not sent to the other pods: Redis was away.",
                   redis.publish_dropped);
  families.counter("wsfleet_fanout_received_total", "Room messages from other pods.",
                   redis.received);
}

void add_process(Families& families) {
  const ProcessLevels levels = process_levels();
  families.counter("process_cpu_seconds_total", "User and system CPU time of the process.",
                   levels.cpu_s);
  families.gauge("process_resident_memory_bytes", "Memory that the process has in RAM.",
                 levels.resident_bytes);
  families.gauge("process_open_fds", "Open file descriptors.", levels.open_descriptors);
  families.gauge("process_start_time_seconds", "When the process started, since 1970.",
                 levels.started_s);
}

}  // namespace

struct ServerMetrics::Impl {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& accepted_family =
      prometheus::BuildCounter()
          .Name("wsfleet_connections_accepted_total")
          .Help("WebSocket connections that were opened.")
          .Register(registry);
  prometheus::Counter& accepted = accepted_family.Add({});
  prometheus::Family<prometheus::Counter>& refused =
      prometheus::BuildCounter()
          .Name("wsfleet_connections_refused_total")
          .Help("Attempts that did not become a WebSocket connection, by reason.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& closed =
      prometheus::BuildCounter()
          .Name("wsfleet_connections_closed_total")
          .Help(
              "Connections that ended, by cause and close code (1005: a close frame without "
              "one, 1006: no close frame).")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& accept_errors =
      prometheus::BuildCounter()
          .Name("wsfleet_accept_errors_total")
          .Help("Connections that the operating system could not hand over, by error.")
          .Register(registry);
  prometheus::Histogram& round_trips = prometheus::BuildHistogram()
                                           .Name("wsfleet_ping_round_trip_seconds")
                                           .Help("From a ping to its pong.")
                                           .Register(registry)
                                           .Add({}, kRoundTripBuckets);
  prometheus::Histogram& handshakes =
      prometheus::BuildHistogram()
          .Name("wsfleet_handshake_seconds")
          .Help("From the accepted connection to the answered upgrade.")
          .Register(registry)
          .Add({}, kRoundTripBuckets);
  std::mutex loops_mutex;
  std::deque<LoopCounters> loops;  // a deque: their addresses stay

  template <class Pick>
  std::uint64_t sum(Pick pick) {
    std::uint64_t total = 0;
    for (const LoopCounters& loop : loops) total += pick(loop).value();
    return total;
  }
};

ServerMetrics::ServerMetrics() : impl_(std::make_unique<Impl>()) {
  // Series that exist from the start, so that a first increase is seen as one.
  for (const char* reason : {"full", "draining", "rate"}) impl_->refused.Add({{"reason", reason}});
}

ServerMetrics::~ServerMetrics() = default;

LoopCounters& ServerMetrics::add_loop() {
  const std::lock_guard lock(impl_->loops_mutex);
  return impl_->loops.emplace_back();
}

void ServerMetrics::accepted() { impl_->accepted.Increment(); }

void ServerMetrics::refused(std::string_view reason) {
  impl_->refused.Add({{"reason", std::string(reason)}}).Increment();
}

void ServerMetrics::closed(std::string_view cause, int code) {
  impl_->closed.Add({{"cause", std::string(cause)}, {"code", std::to_string(code)}}).Increment();
}

void ServerMetrics::accept_error(std::string_view error) {
  impl_->accept_errors.Add({{"error", std::string(error)}}).Increment();
}

void ServerMetrics::ping_round_trip(TimeNs time) { impl_->round_trips.Observe(to_seconds(time)); }

void ServerMetrics::handshake_time(TimeNs time) { impl_->handshakes.Observe(to_seconds(time)); }

std::string ServerMetrics::text(const ServerLevels& levels, const RedisLevels& redis) {
  Families families;
  add_levels(families, levels);
  {
    const std::lock_guard lock(impl_->loops_mutex);
    const auto total = [this](LoopCounter LoopCounters::*field) {
      return impl_->sum(
          [field](const LoopCounters& loop) -> const LoopCounter& { return loop.*field; });
    };
    families.counter("wsfleet_messages_received_total", "Messages from clients.",
                     total(&LoopCounters::messages_received));
    families.counter("wsfleet_messages_sent_total", "Messages to clients.",
                     total(&LoopCounters::messages_sent));
    families.counter("wsfleet_received_bytes_total", "Payload of messages from clients.",
                     total(&LoopCounters::received_bytes));
    families.counter("wsfleet_sent_bytes_total", "Payload of messages to clients.",
                     total(&LoopCounters::sent_bytes));
    families.counter("wsfleet_pings_sent_total", "Pings to clients.",
                     total(&LoopCounters::pings_sent));
    families.gauge("wsfleet_send_queue_bytes",
                   "Bytes that wait for clients to read, as of the last ping sweep.",
                   total(&LoopCounters::send_queue_bytes));
  }
  add_redis(families, redis);
  add_process(families);
  for (MetricFamily& collected : impl_->registry.Collect()) {
    families.all.push_back(std::move(collected));
  }
  return prometheus::TextSerializer().Serialize(families.all);
}

}  // namespace wsfleet
