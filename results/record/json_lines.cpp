// SPDX-License-Identifier: Apache-2.0
#include "results/record/json_lines.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace wsfleet {
namespace {

const char* name_of(PodPhase phase) {
  switch (phase) {
    case PodPhase::pending:
      return "\"Pending\"";
    case PodPhase::running:
      return "\"Running\"";
    case PodPhase::failed:
      break;
  }
  return "\"Failed\"";
}

const char* name_of(MetricsStatus status) {
  switch (status) {
    case MetricsStatus::ok:
      return "\"ok\"";
    case MetricsStatus::empty:
      return "\"empty\"";
    case MetricsStatus::error:
      break;
  }
  return "\"error\"";
}

void append_flag(std::string& out, bool value) { out += value ? "true" : "false"; }

void append_optional(std::string& out, const std::optional<double>& value) {
  if (value) {
    append_number(out, *value);
  } else {
    out += "null";
  }
}

/// The length of the well-formed UTF-8 sequence at the front of `text`, 0 when there is none
/// (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

// Printable ASCII at the front of `text` that needs no escape: nearly all of it, always.
std::size_t plain_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    const auto c = static_cast<unsigned char>(text[length]);
    if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
    ++length;
  }
  return length;
}

void append_escape(std::string& out, unsigned char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

void append_pod(std::string& out, const PodObservation& pod) {
  out += "{\"name\":";
  append_string(out, pod.name);
  out += ",\"uid\":";
  append_string(out, pod.uid);
  out += ",\"node\":";
  append_string(out, pod.node);
  out += ",\"phase\":";
  out += name_of(pod.phase);
  out += ",\"ready\":";
  append_flag(out, pod.ready);
  out += ",\"terminating\":";
  append_flag(out, pod.terminating);
  out += ",\"draining\":";
  append_flag(out, pod.draining);
  out += ",\"restarts\":";
  append_number(out, std::int64_t{pod.restarts});
  out += ",\"started_s\":";
  append_number(out, pod.started_s);
  out += ",\"connections\":";
  append_optional(out, pod.connections);
  out += ",\"sample_age_s\":";
  append_optional(out, pod.sample_age_s);
  out += '}';
}

void append_decision(std::string& out, const Decision& decision) {
  out += "{\"replicas\":";
  if (decision.replicas) {
    append_number(out, std::int64_t{*decision.replicas});
  } else {
    out += "null";
  }
  out += ",\"drain\":[";
  for (std::size_t i = 0; i < decision.drain.size(); ++i) {
    if (i > 0) out += ',';
    append_string(out, decision.drain[i]);
  }
  out += "],\"shed\":[";
  for (std::size_t i = 0; i < decision.shed.size(); ++i) {
    out += i > 0 ? ",{\"uid\":" : "{\"uid\":";
    append_string(out, decision.shed[i].uid);
    out += ",\"share\":";
    append_number(out, decision.shed[i].share);
    out += '}';
  }
  out += "],\"deletion_costs\":{";
  bool first = true;
  for (const auto& [uid, cost] : decision.deletion_costs) {
    if (!std::exchange(first, false)) out += ',';
    append_string(out, uid);
    out += ':';
    append_number(out, std::int64_t{cost});
  }
  out += "},\"reason\":";
  append_string(out, decision.reason);
  out += '}';
}

void append_held(std::string& out, const Held& held) {
  out += "{\"reason\":";
  append_string(out, held.reason);
  out += ",\"text\":";
  append_string(out, held.text);
  out += ",\"what\":[";
  for (std::size_t i = 0; i < held.what.size(); ++i) {
    if (i > 0) out += ',';
    append_string(out, held.what[i]);
  }
  out += "]}";
}

}  // namespace

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

void append_number(std::string& out, std::int64_t value) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_length(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto c = static_cast<unsigned char>(text.front());
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
      continue;
    }
    if (c < 0x20 || c == '"' || c == '\\') {
      append_escape(out, c);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  out += '"';
}

std::string hex_text(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%016llx", static_cast<unsigned long long>(value));
  return text;
}

void append_decision_line(std::string& out, const Observation& observation,
                          const Decision& decision) {
  out += "{\"time_s\":";
  append_number(out, observation.time_s);
  out += ",\"replicas\":";
  append_number(out, std::int64_t{observation.replicas});
  out += ",\"status_replicas\":";
  append_number(out, std::int64_t{observation.status_replicas});
  out += ",\"metrics\":";
  out += name_of(observation.metrics);
  out += ",\"pods\":[";
  for (std::size_t i = 0; i < observation.pods.size(); ++i) {
    if (i > 0) out += ',';
    append_pod(out, observation.pods[i]);
  }
  out += "],\"decision\":";
  append_decision(out, decision);
  out += ",\"held\":";
  if (decision.held) {
    append_held(out, *decision.held);
  } else {
    out += "null";
  }
  out += "}\n";
}

void append_event_line(std::string& out, const FleetEvent& event) {
  out += "{\"time_s\":";
  append_number(out, to_seconds(event.time));
  out += ",\"kind\":";
  append_string(out, event.kind);
  out += ",\"pod\":";
  append_string(out, event.pod);
  out += ",\"uid\":";
  append_string(out, event.uid);
  out += ",\"node\":";
  append_string(out, event.node);
  out += ",\"detail\":";
  append_string(out, event.detail);
  out += "}\n";
}

}  // namespace wsfleet
