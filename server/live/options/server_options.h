// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the server executable can be told: on the command line, by environment variables, in a TOML
// file, in that order of precedence. Plain data and its reader; docs/formats/server.md describes
// every option.

#include <cstdint>
#include <string>
#include <vector>

#include "core/live/event_log.h"
#include "core/result.h"
#include "core/time.h"
#include "server/settings.h"

namespace wsfleet {

enum class RefusalForm {
  http,   // 503 with Retry-After instead of the upgrade
  close,  // upgrade, then close 1013: browsers can read that
};

struct ServerOptions {
  ServerSettings rules;  // the `[server]` section, as in a scenario

  std::string listen_address = "0.0.0.0";
  std::uint16_t port = 3000;  // 0: any free one
  std::string admin_address = "127.0.0.1";
  std::uint16_t admin_port = 3001;
  std::string admin_token;  // empty: no admin listener
  int threads = 1;

  MessageMode mode = MessageMode::echo;
  RefusalForm refuse_with = RefusalForm::http;
  TimeNs retry_after = 5 * kSecond;
  TimeNs handshake_timeout = 10 * kSecond;
  TimeNs close_timeout = 5 * kSecond;  // for the peer's answer to a close frame
  std::int64_t max_message_bytes = 64 * 1024;
  std::int64_t send_queue_bytes = 256 * 1024;
  std::vector<std::string> allowed_origins;  // empty: any

  std::string tls_certificate;  // PEM files; both or none
  std::string tls_key;

  std::string redis_url;  // empty: no Redis
  TimeNs session_ttl = kMinute;
  std::string pod_name;  // POD_NAME; the host's name where that is not set

  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;
};

/// What to do after the command line was read: serve, or end with this status (help, a mistake that
/// was told on stderr).
struct ServerCommand {
  ServerOptions options;
  bool serve = false;
  int exit_status = 0;
};

ServerCommand read_server_command(int argc, const char* const* argv);

}  // namespace wsfleet
