// SPDX-License-Identifier: Apache-2.0
// From words to options, with every mistake noted.
#include "loadgen/live/options/read_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/toml/diagnostics.h"
#include "loadgen/live/clients/source_addresses.h"
#include "loadgen/sessions.h"

namespace wsfleet {
namespace {

constexpr std::int64_t kMostConnections = 10'000'000;
constexpr std::int64_t kLongestMessage = 16 * 1024 * 1024;
constexpr std::int64_t kMostInFlight = 65'536;
constexpr int kOriginalConnections = 30;
constexpr int kOriginalAttempts = 6;  // a first try and five retries

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || stopped != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

/// Names of headers, in any case; `lower` is written small.
bool is_name(std::string_view name, std::string_view lower) {
  return std::equal(name.begin(), name.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// The endpoints of a fleet, in a file.
void read_fleet(const std::vector<std::string>& texts, OptionWords& words,
                const std::vector<std::string>& balancers, LoadOptions& options) {
  options.targets_file = words.text("--targets-file");
  options.target_texts = {options.targets_file};
  if (!texts.empty()) words.mistake("targets are URLs or --targets-file, not both");
  if (words.given("--balancer")) options.choice.balancer = words.text("--balancer");
  const std::string& name = options.choice.balancer;
  if (std::find(balancers.begin(), balancers.end(), name) == balancers.end()) {
    words.mistake(fmt::format("--balancer: '{}' is none of {}", name, fmt::join(balancers, ", ")));
  }
  if (!words.given("--affinity-timeout")) return;
  if (name != "client_ip") words.mistake("--affinity-timeout goes with --balancer client_ip");
  words.duration("--affinity-timeout", options.choice.affinity_timeout.emplace(0), kMillisecond);
}

void read_targets(const std::vector<std::string>& texts, OptionWords& words,
                  const std::vector<std::string>& balancers, LoadOptions& options) {
  if (words.given("--targets-file")) return read_fleet(texts, words, balancers, options);
  for (const char* name : {"--balancer", "--affinity-timeout"}) {
    if (words.given(name)) words.mistake(fmt::format("{} goes with --targets-file", name));
  }
  if (texts.empty()) {
    words.mistake("a target is missing: ws://HOST[:PORT]/PATH or wss://..., or --targets-file");
  }
  for (const std::string& text : texts) {
    const auto url = parse_websocket_url(text);
    if (!url) {
      words.mistake(url.error().message);
      continue;
    }
    options.targets.push_back(*url);
    options.target_texts.push_back(text);
  }
}

void read_stages(OptionWords& words, PlanSettings& plan) {
  for (const std::string& text : words.all("--stage")) {
    const std::size_t colon = text.find(':');
    const auto duration = parse_duration(text.substr(0, colon));
    const std::string_view digits =
        colon == std::string::npos ? std::string_view() : std::string_view(text).substr(colon + 1);
    const std::int64_t level = number<std::int64_t>(digits).value_or(-1);
    if (!duration || level < 0 || level > kMostConnections) {
      words.mistake(fmt::format("--stage: '{}' is not DURATION:CONNECTIONS, as in 30s:1000", text));
      continue;
    }
    plan.stages.push_back({*duration, level});
    plan.duration = (plan.duration == kNever ? 0 : plan.duration) + *duration;
  }
}

void read_session_length(OptionWords& words, PlanSettings& plan) {
  LengthSettings& length = plan.workload.length;
  length.distribution = LengthDistribution::fixed;
  length.mean = kLongestSession;
  if (!words.given("--session-length")) return;
  std::string text = words.text("--session-length");
  if (text.starts_with("exponential:")) {
    length.distribution = LengthDistribution::exponential;
    text.erase(0, text.find(':') + 1);
  }
  const auto mean = parse_duration(text);
  if (!mean) {
    words.mistake(fmt::format("--session-length: {}", mean.error().message));
  } else if (*mean < kMillisecond) {
    words.mistake("--session-length must be at least 1ms");
  } else {
    length.mean = *mean;
    plan.endless = false;
  }
}

void read_reconnect(OptionWords& words, ReconnectSettings& reconnect) {
  static const std::vector<std::pair<std::string, ReconnectKind>> kKinds = {
      {"none", ReconnectKind::none},
      {"fixed", ReconnectKind::fixed},
      {"exponential", ReconnectKind::exponential},
      {"full_jitter", ReconnectKind::full_jitter}};
  if (words.given("--reconnect")) {
    const std::string word = words.text("--reconnect");
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const auto& candidate) { return candidate.first == word; });
    if (kind == kKinds.end()) {
      words.mistake(
          fmt::format("--reconnect: '{}' is none of none, fixed, exponential, full_jitter", word));
    } else {
      reconnect.kind = kind->second;
    }
  }
  words.duration("--reconnect-base", reconnect.base, 1);
  words.duration("--reconnect-cap", reconnect.cap, 1);
  std::int64_t attempts = reconnect.max_attempts;
  words.integer("--max-attempts", attempts, 1, 10'000);
  reconnect.max_attempts = static_cast<int>(attempts);
  words.duration("--connect-timeout", reconnect.connect_timeout, kMillisecond);
}

void read_original(OptionWords& words, PlanSettings& plan) {
  TimeNs interval = 5 * kSecond;
  words.duration("--interval", interval, kMillisecond);
  if (!words.given("--connections")) plan.connections = kOriginalConnections;
  plan.ramp = interval * plan.connections;
  plan.workload.reconnect.kind = ReconnectKind::fixed;
  plan.workload.reconnect.base = interval;
  plan.workload.reconnect.max_attempts = kOriginalAttempts;
}

/// The population that the flags ask for.
void read_population(OptionWords& words, LoadOptions& options) {
  PlanSettings& plan = options.plan;
  ArrivalSettings& arrivals = plan.workload.arrivals;
  const int kinds = int{words.given("--rate")} + int{words.given("--stage")} +
                    int{words.given("--connections") || words.given("--like-original")};
  if (kinds != 1) {
    words.mistake(
        "say who connects: one of --scenario, --connections, --rate, --stage, "
        "--like-original");
  }
  read_session_length(words, plan);
  read_reconnect(words, plan.workload.reconnect);
  words.integer("--connections", plan.connections, 1, kMostConnections);
  words.duration("--ramp", plan.ramp);
  words.number("--rate", arrivals.rate, 1e6);
  if (words.given("--ramp") && !words.given("--connections")) {
    words.mistake("--ramp goes with --connections");
  }
  read_stages(words, plan);
  if (words.given("--stage")) {
    plan.population = Population::stages;
    if (words.given("--session-length"))
      words.mistake("--stage and --session-length exclude each other");
  } else if (words.given("--rate")) {
    plan.population = Population::arrivals;
  }
  if (words.given("--like-original")) {
    options.like_original = true;
    read_original(words, plan);
  } else {
    if (words.given("--interval")) words.mistake("--interval goes with --like-original");
    if (plan.duration == kNever) plan.duration = 30 * kSecond;
  }
}

void take_scenario(const ScenarioWorkload& scenario, OptionWords& words, LoadOptions& options) {
  for (const char* name :
       {"--connections", "--ramp", "--rate", "--stage", "--session-length", "--reconnect",
        "--reconnect-base", "--reconnect-cap", "--max-attempts", "--connect-timeout",
        "--message-rate", "--message-bytes", "--like-original", "--interval"}) {
    if (words.given(name)) {
      words.mistake(fmt::format("{} is the scenario's: override it with --set", name));
    }
  }
  options.scenario = scenario.name;
  PlanSettings& plan = options.plan;
  plan.population = Population::arrivals;
  plan.workload = scenario.workload;
  plan.seed = scenario.seed;
  plan.duration = scenario.duration;
  plan.start_steady = scenario.start_steady;
  plan.endless = false;
  options.warmup = scenario.warmup;
  options.messages.bytes = scenario.workload.message_bytes;
  plan.in_rooms = scenario.broadcast;
  if (scenario.broadcast) options.messages.replies = Replies::room;
}

void read_messages(OptionWords& words, LoadOptions& options) {
  MessageSettings& messages = options.messages;
  double rate = options.plan.workload.messages_per_second;
  words.number("--message-rate", rate, 1e6);
  if (rate > 0) messages.period = std::max<TimeNs>(1, std::llround(1e9 / rate));
  std::int64_t in_flight = 0;
  words.integer("--in-flight", in_flight, 1, kMostInFlight);
  messages.in_flight = static_cast<int>(in_flight);
  words.duration("--think-time", messages.think_time);
  words.bytes("--message-bytes", messages.bytes, kLongestMessage);
  if (words.given("--replies")) {
    const std::string word = words.text("--replies");
    if (word == "room") {
      messages.replies = Replies::room;
    } else if (word == "none") {
      messages.replies = Replies::none;
    } else if (word == "echo") {
      messages.replies = Replies::echo;
    } else {
      words.mistake(fmt::format("--replies: '{}' is none of echo, room, none", word));
    }
  }
  if (in_flight > 0 && rate > 0) words.mistake("--in-flight and a message rate exclude each other");
  if (in_flight > 0 && messages.replies == Replies::none) {
    words.mistake("--in-flight waits for replies: not with --replies none");
  }
  if (words.given("--think-time") && in_flight == 0) {
    words.mistake("--think-time goes with --in-flight");
  }
  if (messages.replies == Replies::room && messages.bytes < 16) {
    words.mistake("rooms need messages of 16 bytes or more, to tell whose they are");
  }
}

void read_host(OptionWords& words, LoadOptions& options) {
  if (!words.given("--host")) return;
  options.host = words.text("--host");
  const bool one_word = options.host.find_first_of(" \t\r\n/@") == std::string::npos;
  const auto place = parse_host_port(options.host, 80);
  if (place && one_word) return;
  words.mistake(fmt::format("--host: '{}' is no name or address, with or without a port: {}",
                            options.host,
                            place ? "it has blanks, '/' or '@'" : place.error().message));
}

void read_network(OptionWords& words, LoadOptions& options) {
  words.duration("--idle-timeout", options.idle_timeout);
  words.duration("--close-timeout", options.close_timeout, kMillisecond);
  options.respect_retry_after = words.given("--retry-after");
  options.tls_ca = words.text("--tls-ca");
  options.tls_insecure = words.given("--tls-insecure");
  options.origin = words.text("--origin");
  read_host(words, options);
  if (words.given("--source-addresses")) {
    auto addresses = parse_source_addresses(words.text("--source-addresses"));
    if (addresses) {
      options.source_addresses = std::move(*addresses);
    } else {
      words.mistake(fmt::format("--source-addresses: {}", addresses.error().message));
    }
  }
  for (const std::string& text : words.all("--header")) {
    const std::size_t colon = text.find(':');
    const bool breaks = text.find_first_of("\r\n") != std::string::npos;
    if (colon == std::string::npos || colon == 0 || breaks) {
      words.mistake(fmt::format("--header: '{}' is not NAME:VALUE", text));
      continue;
    }
    if (is_name(text.substr(0, colon), "host")) {
      words.mistake("--header: the Host header is said by --host");
      continue;
    }
    const std::size_t value = text.find_first_not_of(" \t", colon + 1);
    options.headers.emplace_back(text.substr(0, colon),
                                 value == std::string::npos ? "" : text.substr(value));
  }
}

void read_run(OptionWords& words, LoadOptions& options) {
  PlanSettings& plan = options.plan;
  words.duration("--duration", plan.duration, kMillisecond);
  words.duration("--warmup", options.warmup);
  words.duration("--late-connect", options.late_connect);
  words.duration("--late-message", options.late_message);
  if (options.warmup >= plan.duration) {
    words.mistake(
        fmt::format("the warmup ({}) must be shorter than the duration ({}): set --warmup",
                    format_duration(options.warmup), format_duration(plan.duration)));
  }
  std::int64_t seed = static_cast<std::int64_t>(plan.seed);
  words.integer("--seed", seed, 0, INT64_MAX);
  plan.seed = static_cast<std::uint64_t>(seed);
  options.choice.seed = plan.seed;
  std::int64_t threads = 1;
  words.integer("--threads", threads, 1, 256);
  options.threads = static_cast<int>(threads);
  if (words.given("--shard")) {
    const std::string text = words.text("--shard");
    const std::size_t slash = text.find('/');
    const auto index = number<std::uint64_t>(std::string_view(text).substr(0, slash));
    const auto count = slash == std::string::npos
                           ? std::nullopt
                           : number<std::uint64_t>(std::string_view(text).substr(slash + 1));
    if (!index || !count || *count == 0 || *count > 65'536 || *index >= *count) {
      words.mistake(fmt::format("--shard: '{}' is not I/N with I from 0 to N - 1", text));
    } else {
      options.shard = {*index, *count};
    }
  }
  if (words.given("--start-at")) {
    const std::string text = words.text("--start-at");
    StartTime start;
    start.monotonic = text.starts_with("monotonic:");
    const std::string digits = text.substr(start.monotonic ? 10 : 0);
    const auto seconds = number<double>(digits);
    if (!seconds || !(*seconds >= 0) || *seconds > 9e9) {
      words.mistake("--start-at: write seconds since 1970, or monotonic:SECONDS");
    } else {
      start.at = from_seconds(*seconds);
      options.start_at = start;
    }
  }
  if (words.given("--lead-in") && !plan.start_steady) {
    words.mistake("--lead-in goes with a scenario whose start is \"steady\"");
  }
  if (plan.start_steady) {
    const auto sessions = static_cast<double>(initial_population(plan));
    plan.lead_in = std::max(kSecond, from_seconds(sessions / 500));
    words.duration("--lead-in", plan.lead_in);
  }
}

}  // namespace

void read_outputs(OptionWords& words, LoadOptions& options) {
  options.json = words.text("--json");
  options.csv = words.text("--csv");
  options.quiet = words.given("--quiet");
  options.color = !words.given("--no-color");
  options.session_log = words.text("--session-log");
  if ((options.json == "-") + (options.csv == "-") + (options.session_log == "-") > 1) {
    words.mistake("of --json, --csv and --session-log only one can go to stdout");
  }
  for (const std::string& text : words.all("--threshold")) {
    auto threshold = parse_threshold(text);
    if (threshold) {
      options.thresholds.push_back(std::move(*threshold));
    } else {
      words.mistake(threshold.error().message);
    }
  }
  std::int64_t port = 0;
  words.integer("--metrics-port", port, 0, 65'535);
  if (words.given("--metrics-port")) options.metrics_port = static_cast<std::uint16_t>(port);
  if (words.given("--metrics-listen")) {
    options.metrics_listen = words.text("--metrics-listen");
    if (!options.metrics_port) words.mistake("--metrics-listen goes with --metrics-port");
  }
}

LoadOptions read_load_options(OptionWords& words, const std::vector<std::string>& targets,
                              const ScenarioWorkload* scenario,
                              const std::vector<std::string>& balancers) {
  LoadOptions options;
  read_targets(targets, words, balancers, options);
  if (scenario != nullptr) {
    take_scenario(*scenario, words, options);
  } else {
    if (words.given("--set")) words.mistake("--set goes with --scenario");
    read_population(words, options);
  }
  read_messages(words, options);
  read_network(words, options);
  read_run(words, options);
  read_outputs(words, options);
  return options;
}

}  // namespace wsfleet
