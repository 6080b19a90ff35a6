// SPDX-License-Identifier: Apache-2.0
#include "server/server_section.h"

#include <fmt/format.h>

#include <string>

#include "server/rules.h"

namespace wsfleet {
namespace {

DrainSettings read_drain(TomlTable table) {
  DrainSettings drain;
  drain.mode = table.choice("mode", drain.mode,
                            {{"none", DrainMode::none},
                             {"immediate", DrainMode::immediate},
                             {"paced", DrainMode::paced}});
  drain.over = table.duration("over", drain.over);
  drain.close_code =
      static_cast<int>(table.integer("close_code", drain.close_code, {.min = 1000, .max = 4999}));
  if (!is_sendable_close_code(drain.close_code)) {
    table.error("close_code",
                fmt::format("close code {} can't be sent in a close frame", drain.close_code),
                "1012 means 'service restart', 1001 'going away'");
  }
  table.finish();
  return drain;
}

CostProfile read_costs(TomlTable table, CostProfile costs) {
  costs.handshake_cpu = table.duration("handshake_cpu", costs.handshake_cpu);
  costs.tls_handshake_cpu = table.duration("tls_handshake_cpu", costs.tls_handshake_cpu);
  costs.message_cpu = table.duration("message_cpu", costs.message_cpu);
  costs.ping_cpu = table.duration("ping_cpu", costs.ping_cpu);
  costs.session_store_cpu = table.duration("session_store_cpu", costs.session_store_cpu);
  costs.delivery_cpu = table.duration("delivery_cpu", costs.delivery_cpu);
  costs.fanout_cpu = table.duration("fanout_cpu", costs.fanout_cpu);
  costs.user_bytes_per_connection =
      table.bytes("user_memory_per_connection", costs.user_bytes_per_connection);
  costs.kernel_bytes_per_connection =
      table.bytes("kernel_memory_per_connection", costs.kernel_bytes_per_connection);
  costs.base_bytes = table.bytes("base_memory", costs.base_bytes);
  table.finish();
  return costs;
}

// A pod has termination_grace from its deletion to SIGKILL; the preStop sleep is part of it.
void check_termination(TomlTable& table, TomlTable& drain_table, const ServerSettings& settings) {
  if (settings.pre_stop > settings.termination_grace) {
    table.error("pre_stop",
                fmt::format("'{0}.pre_stop' ({1}) is longer than '{0}.termination_grace' ({2}), "
                            "which it is part of",
                            table.path(), format_duration(settings.pre_stop),
                            format_duration(settings.termination_grace)));
    return;
  }
  const TimeNs left = settings.termination_grace - settings.pre_stop;
  if (settings.drain.mode != DrainMode::paced || settings.drain.over <= left) return;
  const std::string message = fmt::format(
      "a drain over {} does not end before the pod is killed, {} after its SIGTERM "
      "(termination_grace - pre_stop)",
      format_duration(settings.drain.over), format_duration(left));
  const std::string hint =
      fmt::format("drain over \"{}\" or less, or raise termination_grace to \"{}\"",
                  format_duration(left), format_duration(settings.drain.over + settings.pre_stop));
  if (drain_table.has("over")) {
    drain_table.error("over", message, hint);
  } else {
    table.error(table.has("termination_grace") ? "termination_grace" : "pre_stop", message, hint);
  }
}

}  // namespace

ServerSettings read_server(TomlTable table) {
  ServerSettings settings;
  settings.max_connections = table.integer("max_connections", settings.max_connections, {.min = 1});
  settings.ready_when_full = table.boolean("ready_when_full", settings.ready_when_full);
  settings.max_connection_rate =
      table.number("max_connection_rate", settings.max_connection_rate, {.min = 0});
  settings.tls = table.boolean("tls", settings.tls);
  settings.redis = table.boolean("redis", settings.redis);
  settings.mode = table.choice(
      "mode", settings.mode, {{"broadcast", MessageMode::broadcast}, {"echo", MessageMode::echo}});
  settings.ping_interval = table.duration("ping_interval", settings.ping_interval);

  table.choice("profile", "default", {"default"});  // CostProfile's defaults are that profile
  settings.costs = read_costs(table.table("costs"), CostProfile{});

  settings.termination_grace = table.duration("termination_grace", settings.termination_grace);
  settings.pre_stop = table.duration("pre_stop", settings.pre_stop);
  TomlTable drain_table = table.table("drain");
  settings.drain = read_drain(drain_table);
  check_termination(table, drain_table, settings);
  table.finish();
  return settings;
}

}  // namespace wsfleet
