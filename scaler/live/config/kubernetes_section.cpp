// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/config/kubernetes_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/live/utc.h"
#include "core/net/address/host_names.h"
#include "core/net/address/url.h"

namespace wsfleet {
namespace {

/// A name as Kubernetes' objects have it (RFC 1123).
bool is_object_name(const std::string& name) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 253 && alphanumeric(name.front()) &&
         alphanumeric(name.back()) && std::all_of(name.begin(), name.end(), [&](char c) {
           return alphanumeric(c) || c == '-' || c == '.';
         });
}

std::string read_name(TomlTable& table, std::string_view key, const std::string& fallback) {
  const std::string name = table.string(key, fallback);
  if (table.has(key) && !is_object_name(name)) {
    table.error(key, fmt::format("'kubernetes.{}' can't be the name of an object: '{}'", key, name),
                "use small letters, digits, '-' and '.'");
  }
  return name;
}

std::string read_text(TomlTable& table, std::string_view key, const std::string& fallback) {
  const std::string text = table.string(key, fallback);
  if (table.has(key) && text.empty()) {
    table.error(key, fmt::format("'kubernetes.{}' must not be empty", key));
  }
  return text;
}

std::uint16_t read_port(TomlTable& table, std::string_view key, std::uint16_t fallback,
                        std::int64_t least) {
  return static_cast<std::uint16_t>(table.integer(key, fallback, {.min = least, .max = 65535}));
}

void read_metrics(TomlTable& table, const Variables& variable, KubernetesSection& section) {
  section.from_prometheus =
      table.choice<bool>("metrics", false, {{"pods", false}, {"prometheus", true}});
  const std::string written = table.string("prometheus", "");
  section.prometheus_selector =
      read_text(table, "prometheus_selector", section.prometheus_selector);
  section.uid_label = read_text(table, "uid_label", section.uid_label);
  if (!section.from_prometheus) return;
  if (!table.has("prometheus")) {
    table.error("metrics", "metrics from Prometheus need its address",
                "write prometheus = \"http://host:port\"");
    return;
  }
  const auto text = expand_variables(written, variable);
  const auto place =
      text ? parse_http_address(*text) : Result<HostAndPort>(tl::unexpected(text.error()));
  if (!place) {
    table.error("prometheus", "'kubernetes.prometheus': " + place.error().message);
    return;
  }
  section.prometheus_host = place->host;
  section.prometheus_port = place->port;
}

void read_lease(TomlTable& table, KubernetesSection& section) {
  section.lease_name = read_name(table, "lease_name", section.lease_name);
  section.lease_duration =
      table.duration("lease_duration", section.lease_duration, {.min = kSecond, .max = kHour});
  section.renew_deadline = table.duration("renew_deadline", section.renew_deadline,
                                          {.min = 100 * kMillisecond, .max = kHour});
  section.retry_period = table.duration("retry_period", section.retry_period,
                                        {.min = 10 * kMillisecond, .max = kHour});
  if (section.lease_duration % kSecond != 0) {
    table.error("lease_duration", "'kubernetes.lease_duration' must be a whole number of seconds");
  }
  if (section.renew_deadline >= section.lease_duration) {
    table.error("renew_deadline",
                fmt::format("'kubernetes.renew_deadline' ({}) must be shorter than lease_duration "
                            "({}): what a leader still does must end before another one begins",
                            format_duration(section.renew_deadline),
                            format_duration(section.lease_duration)));
  }
  if (2 * section.retry_period >= section.renew_deadline) {
    table.error("retry_period",
                fmt::format("'kubernetes.retry_period' ({}) must be less than half of "
                            "renew_deadline ({}): one lost renewal must not end leadership",
                            format_duration(section.retry_period),
                            format_duration(section.renew_deadline)));
  }
}

}  // namespace

KubernetesSection read_kubernetes(TomlTable table, const Variables& variable) {
  KubernetesSection section;
  section.name_space = read_name(table, "namespace", "");
  section.is_deployment =
      table.choice<bool>("kind", false, {{"statefulset", false}, {"deployment", true}});
  section.name = read_name(table, "name", section.name);
  section.selector = read_text(table, "selector", section.selector);
  section.container = read_name(table, "container", section.container);
  section.admin_port = read_port(table, "admin_port", section.admin_port, 1);
  section.admin_token_given = table.has("admin_token_file");
  section.admin_token_file = table.string("admin_token_file", section.admin_token_file);
  read_metrics(table, variable, section);
  if (const std::string epoch = table.string("epoch", ""); table.has("epoch")) {
    const auto time = parse_utc(epoch);
    if (time) section.epoch = *time;
    if (!time) table.error("epoch", "'kubernetes.epoch': " + time.error().message);
  }
  read_lease(table, section);
  section.dry_run = table.boolean("dry_run", section.dry_run);
  section.listen = read_text(table, "listen", section.listen);
  section.port = read_port(table, "port", section.port, 0);
  table.finish();
  return section;
}

Result<std::string> expand_variables(std::string_view text, const Variables& variable) {
  std::string expanded;
  while (true) {
    const std::size_t begin = text.find("${");
    expanded += text.substr(0, begin);
    if (begin == std::string_view::npos) return expanded;
    const std::size_t end = text.find('}', begin);
    if (end == std::string_view::npos) {
      return fail(ErrorKind::configuration, "a '${' has no '}'");
    }
    const std::string name(text.substr(begin + 2, end - begin - 2));
    const char* value = variable(name);
    if (value == nullptr || *value == '\0') {
      return fail(ErrorKind::configuration,
                  fmt::format("the environment has no variable '{}'", name));
    }
    expanded += value;
    text.remove_prefix(end + 1);
  }
}

Result<HostAndPort> parse_http_address(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorKind::configuration,
                fmt::format("'{}' is not an address like http://host:port: {}", text, why));
  };
  const auto url = parse_url(text);
  if (!text.starts_with("http://")) return wrong("it does not begin with http://");
  if (!url) return wrong(url.error().text());
  if (!url->is_bare()) return wrong("only host and port belong there");
  HostAndPort place{std::string(url->place.host), url->place.port_or(80)};
  if (!is_host(place.host)) return wrong("this can't be a host");
  return place;
}

}  // namespace wsfleet
