// SPDX-License-Identifier: Apache-2.0
#include "server/live/options/server_config.h"

#include <fmt/format.h>

#include "core/toml/toml_reader.h"
#include "server/rules.h"
#include "server/server_section.h"

namespace wsfleet {
namespace {

constexpr std::int64_t kLargestMessage = std::int64_t{1} << 30;

std::uint16_t read_port(TomlTable& table, std::string_view key, std::uint16_t fallback) {
  return static_cast<std::uint16_t>(table.integer(key, fallback, {.min = 0, .max = 65535}));
}

void read_listen(TomlTable table, ServerOptions& options, std::string& token_file) {
  options.listen_address = table.string("address", options.listen_address);
  options.port = read_port(table, "port", options.port);
  options.admin_address = table.string("admin_address", options.admin_address);
  options.admin_port = read_port(table, "admin_port", options.admin_port);
  token_file = table.string("admin_token_file", "");
  options.threads =
      static_cast<int>(table.integer("threads", options.threads, {.min = 1, .max = 256}));
  table.finish();
}

void read_websocket(TomlTable table, ServerOptions& options) {
  options.mode = table.choice("mode", options.mode,
                              {{"echo", MessageMode::echo}, {"broadcast", MessageMode::broadcast}});
  options.refuse_with = table.choice("refuse_with", options.refuse_with,
                                     {{"http", RefusalForm::http}, {"close", RefusalForm::close}});
  options.retry_after = table.duration("retry_after", options.retry_after);
  options.handshake_timeout = table.duration("handshake_timeout", options.handshake_timeout);
  options.close_timeout = table.duration("close_timeout", options.close_timeout);
  options.max_message_bytes = table.bytes("max_message_bytes", options.max_message_bytes);
  options.send_queue_bytes = table.bytes("send_queue_bytes", options.send_queue_bytes);
  if (const std::string origin = table.string("allowed_origin", ""); !origin.empty()) {
    options.allowed_origins = {origin};
  }
  table.finish();
}

void read_rest(TomlTable& root, ServerOptions& options) {
  TomlTable tls = root.table("tls");
  options.tls_certificate = tls.string("certificate", options.tls_certificate);
  options.tls_key = tls.string("key", options.tls_key);
  tls.finish();
  TomlTable redis = root.table("redis");
  options.redis_url = redis.string("url", options.redis_url);
  options.session_ttl = redis.duration("session_ttl", options.session_ttl);
  redis.finish();
  TomlTable log = root.table("log");
  options.log_level = log.choice("level", options.log_level,
                                 {{"debug", LogLevel::debug},
                                  {"info", LogLevel::info},
                                  {"warning", LogLevel::warning},
                                  {"error", LogLevel::error}});
  options.log_format = log.choice("format", options.log_format,
                                  {{"text", LogFormat::text}, {"json", LogFormat::json}});
  log.finish();
}

tl::unexpected<Error> wrong(std::string message) {
  return fail(ErrorKind::configuration, std::move(message));
}

}  // namespace

std::vector<Diagnostic> read_server_config(const std::string& path, ServerOptions& options,
                                           std::string& token_file) {
  TomlDocument document = TomlDocument::load(path);
  if (document.diagnostics().empty()) {
    TomlTable root = document.root();
    options.rules = read_server(root.table("server"));
    options.mode = options.rules.mode;
    read_listen(root.table("listen"), options, token_file);
    read_websocket(root.table("websocket"), options);
    read_rest(root, options);
    root.finish();
  }
  return document.diagnostics();
}

Result<void> check_server_options(const ServerOptions& options) {
  const int code = options.rules.drain.close_code;
  if (!is_sendable_close_code(code)) {
    return wrong(
        fmt::format("close code {} can't be sent in a close frame; 1012 means 'service "
                    "restart', 1001 'going away'",
                    code));
  }
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return wrong("TLS needs both --tls-certificate and --tls-key");
  }
  if (options.rules.tls && options.tls_certificate.empty()) {
    return wrong("'server.tls' is true: give --tls-certificate and --tls-key");
  }
  if (options.rules.redis && options.redis_url.empty()) {
    return wrong("'server.redis' is true: give --redis");
  }
  if (options.handshake_timeout <= 0 || options.close_timeout <= 0) {
    return wrong("--handshake-timeout and --close-timeout must be over 0s");
  }
  if (options.max_message_bytes < 1 || options.max_message_bytes > kLargestMessage) {
    return wrong("--max-message-bytes must be from 1 to 1GiB");
  }
  if (options.send_queue_bytes < options.max_message_bytes) {
    return wrong(
        fmt::format("--send-queue-bytes ({}) must have room for one message of "
                    "--max-message-bytes ({})",
                    options.send_queue_bytes, options.max_message_bytes));
  }
  const DrainSettings& drain = options.rules.drain;
  if (drain.mode == DrainMode::paced && drain.over > options.rules.termination_grace) {
    return wrong(fmt::format("a drain over {} does not end within the grace of {}",
                             format_duration(drain.over),
                             format_duration(options.rules.termination_grace)));
  }
  if (options.session_ttl < kSecond) return wrong("--session-ttl must be at least 1s");
  return {};
}

}  // namespace wsfleet
