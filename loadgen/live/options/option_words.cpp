// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/options/option_words.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "core/toml/toml_reader.h"

namespace wsfleet {
namespace {

constexpr const char* kWho = "Sessions";
constexpr const char* kMessages = "Messages";
constexpr const char* kNetwork = "Network";
constexpr const char* kRun = "Run";
constexpr const char* kOutput = "Output";

constexpr std::array kOptions = {
    OptionInfo{"--scenario", "FILE", kWho,
               "scenario whose [workload], duration, warmup, seed and start it takes"},
    OptionInfo{"--set", "PATH=VALUE", kWho, "overrides a value of the scenario", true},
    OptionInfo{"--connections", "N", kWho,
               "closed population: so many sessions, each followed by another when it ends"},
    OptionInfo{"--ramp", "DURATION", kWho, "spreads their starts evenly over it (0s)"},
    OptionInfo{"--rate", "R", kWho, "open model: sessions that arrive per second, by chance"},
    OptionInfo{"--stage", "DURATION:N", kWho,
               "linear ramp from the level before to N connections; repeat for more", true},
    OptionInfo{"--session-length", "[exponential:]DURATION", kWho,
               "connected time of a session; needed with --rate (else: to the end)"},
    OptionInfo{"--reconnect", "POLICY", kWho,
               "after a cut, refusal or failure: none|fixed|exponential|full_jitter (full_jitter)"},
    OptionInfo{"--reconnect-base", "DURATION", kWho, "fixed: the wait; others: the first (1s)"},
    OptionInfo{"--reconnect-cap", "DURATION", kWho, "longest wait (30s)"},
    OptionInfo{"--max-attempts", "N", kWho,
               "attempts in a row that do not open; then the session is lost (20)"},
    OptionInfo{"--retry-after", "", kWho, "wait at least as long as a 503's Retry-After says"},
    OptionInfo{"--like-original", "", kWho,
               "as the original's client: N connections (30), one after the other, each retried "
               "five times; prints `connection i: WORD`"},
    OptionInfo{"--interval", "DURATION", kWho,
               "with --like-original: between connections, and between retries (5s)"},

    OptionInfo{"--message-rate", "R", kMessages,
               "open model: messages per second of each connection, at fixed times"},
    OptionInfo{"--in-flight", "D", kMessages,
               "closed model: so many messages in flight on each connection"},
    OptionInfo{"--think-time", "DURATION", kMessages,
               "closed model: from an answer to the next message (0s)"},
    OptionInfo{"--message-bytes", "BYTES", kMessages, "payload of a message (100)"},
    OptionInfo{"--replies", "KIND", kMessages,
               "what comes back: echo|room|none (echo); room: the others' messages as well"},

    OptionInfo{"--targets-file", "FILE", kNetwork,
               "endpoints of a fleet instead of URLs, as JSON; read anew whenever it is replaced"},
    OptionInfo{"--balancer", "NAME", kNetwork,
               "with --targets-file: how each attempt picks its endpoint (round_robin)"},
    OptionInfo{"--affinity-timeout", "DURATION", kNetwork,
               "with --balancer client_ip: a source keeps its endpoint for so long (3h)"},
    OptionInfo{"--connect-timeout", "DURATION", kNetwork, "of TCP, TLS and upgrade together (10s)"},
    OptionInfo{"--idle-timeout", "DURATION", kNetwork,
               "nothing came, pings neither: the connection counts as cut; 0s: never (0s)"},
    OptionInfo{"--close-timeout", "DURATION", kNetwork,
               "for the last replies, then for the server's close frame (5s)"},
    OptionInfo{"--source-addresses", "LIST", kNetwork,
               "addresses to connect from: 127.0.0.2,127.0.0.3 or 127.0.1.1-127.0.1.20"},
    OptionInfo{"--tls-ca", "FILE", kNetwork, "PEM file to verify wss:// servers with"},
    OptionInfo{"--tls-insecure", "", kNetwork, "do not verify them"},
    OptionInfo{"--host", "NAME[:PORT]", kNetwork,
               "Host header, and with wss:// the name to verify, where they are not the URL's"},
    OptionInfo{"--origin", "ORIGIN", kNetwork, "Origin header"},
    OptionInfo{"--header", "NAME:VALUE", kNetwork, "another header of the upgrade; repeatable",
               true},

    OptionInfo{"--duration", "DURATION", kRun, "of the run (30s; that of the scenario or stages)"},
    OptionInfo{"--warmup", "DURATION", kRun, "histograms begin after it (0s)"},
    OptionInfo{"--lead-in", "DURATION", kRun,
               "start = \"steady\": the sessions of t = 0 connect within this before it (1s per "
               "500 of them)"},
    OptionInfo{"--seed", "N", kRun, "of all chance (1)"},
    OptionInfo{"--threads", "N", kRun, "event loops, which share the sessions (1)"},
    OptionInfo{"--shard", "I/N", kRun, "takes the sessions whose serial modulo N is I, from 0"},
    OptionInfo{"--start-at", "TIME", kRun,
               "when t = 0 is: seconds since 1970, or monotonic:SECONDS (as soon as possible)"},
    OptionInfo{"--late-connect", "DURATION", kRun,
               "attempts that open later than this, or fail, count as attempts_late (0s: none)"},
    OptionInfo{"--late-message", "DURATION", kRun,
               "replies later than this, or lost, count as messages_late (0s: none)"},
    OptionInfo{"--threshold", "CONDITION", kRun,
               "condition on a score, as in 'time_to_connect_p99_s<1'; missed: exit status 99",
               true},

    OptionInfo{"--json", "FILE", kOutput, "all figures as JSON; - for stdout, without the summary"},
    OptionInfo{"--csv", "FILE", kOutput, "one row per second; - for stdout"},
    OptionInfo{"--session-log", "FILE", kOutput, "a CSV row per session; - for stdout"},
    OptionInfo{"--metrics-port", "N", kOutput, "GET /metrics while it runs; 0: any free port"},
    OptionInfo{"--metrics-listen", "ADDRESS", kOutput, "where (127.0.0.1)"},
    OptionInfo{"--quiet", "", kOutput, "no summary and no status line; -q"},
    OptionInfo{"--no-color", "", kOutput, "no colours; so does NO_COLOR"},
};

template <class T>
std::optional<T> parse(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

}  // namespace

std::span<const OptionInfo> load_option_table() { return kOptions; }

std::vector<std::string> OptionWords::all(std::string_view name) const {
  const auto found = words.find(name);
  return found == words.end() ? std::vector<std::string>() : found->second;
}

std::string OptionWords::text(std::string_view name) const {
  const auto found = words.find(name);
  return found == words.end() ? "" : found->second.back();
}

void OptionWords::duration(std::string_view name, TimeNs& value, TimeNs least) {
  if (!given(name)) return;
  const auto read = parse_duration(text(name));
  if (!read) return mistake(fmt::format("{}: {}", name, read.error().message));
  if (*read < least) {
    return mistake(fmt::format("{} must be at least {}", name, format_duration(least)));
  }
  value = *read;
}

void OptionWords::bytes(std::string_view name, std::int64_t& value, std::int64_t most) {
  if (!given(name)) return;
  const auto read = parse_bytes(text(name));
  if (!read) return mistake(fmt::format("{}: {}", name, read.error().message));
  if (*read > most) return mistake(fmt::format("{} must be at most {} bytes", name, most));
  value = *read;
}

void OptionWords::number(std::string_view name, double& value, double most) {
  if (!given(name)) return;
  const auto read = parse<double>(text(name));
  if (!read || !std::isfinite(*read) || *read <= 0 || *read > most) {
    return mistake(
        fmt::format("{}: '{}' is no number over 0 and up to {}", name, text(name), most));
  }
  value = *read;
}

void OptionWords::integer(std::string_view name, std::int64_t& value, std::int64_t least,
                          std::int64_t most) {
  if (!given(name)) return;
  const auto read = parse<std::int64_t>(text(name));
  if (!read || *read < least || *read > most) {
    return mistake(
        fmt::format("{}: '{}' is no whole number from {} to {}", name, text(name), least, most));
  }
  value = *read;
}

}  // namespace wsfleet
