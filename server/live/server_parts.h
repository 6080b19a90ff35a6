// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the event loops of one server share. Everything in it is thread-safe or constant while they
// run.

#include <string>
#include <string_view>
#include <vector>

#include "core/live/event_log.h"
#include "server/live/admin/server_metrics.h"
#include "server/live/connections/admission_gate.h"
#include "server/live/options/server_options.h"

namespace wsfleet {

class EventLoop;

/// Who wants to know of sessions and rooms: Redis, where it is used. Called on any loop's thread.
class SessionObserver {
 public:
  virtual ~SessionObserver() = default;
  virtual void opened(const std::string& session_id) = 0;
  virtual void closed(const std::string& session_id) = 0;
  /// The first member of a room in one loop, the last one.
  virtual void joined(const std::string& room) = 0;
  virtual void left(const std::string& room) = 0;
  virtual void publish(const std::string& room, std::string_view payload, bool text) = 0;
  virtual RedisLevels levels() const = 0;
};

struct ServerParts {
  const ServerOptions& options;
  EventLog& log;
  ServerMetrics& metrics;
  AdmissionGate& gate;
  SessionObserver* sessions = nullptr;  // null without Redis
  std::vector<EventLoop*> loops;

  std::string metrics_text() const;
};

}  // namespace wsfleet
