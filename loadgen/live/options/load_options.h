// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a load run is asked to do, from the command line and, with --scenario, from the workload of
// a scenario. docs/formats/loadgen.md describes every option. Plain data.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/net/address/websocket_url.h"
#include "core/time.h"
#include "loadgen/live/clients/message_flow.h"
#include "loadgen/live/figures/load_scores.h"
#include "loadgen/live/sessions/session_plan.h"
#include "loadgen/live/targets/target_choice.h"

namespace wsfleet {

/// When t = 0 is: nanoseconds on the wall clock, or on the machine's monotonic one.
struct StartTime {
  bool monotonic = false;
  TimeNs at = 0;
};

struct LoadOptions {
  std::vector<WebSocketUrl> targets;
  std::string targets_file;               // instead of targets; "" for none
  TargetChoiceSettings choice;            // with targets_file
  std::vector<std::string> target_texts;  // as written
  std::string scenario;                   // its name; "" without

  PlanSettings plan;
  MessageSettings messages;
  TimeNs warmup = 0;
  TimeNs late_connect = 0;  // 0: late attempts are not counted
  TimeNs late_message = 0;
  TimeNs idle_timeout = 0;
  TimeNs close_timeout = 5 * kSecond;
  bool respect_retry_after = false;
  bool like_original = false;

  std::vector<std::string> source_addresses;
  std::string host;  // for the Host header; "": the URL's
  std::string origin;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string tls_ca;
  bool tls_insecure = false;

  Share shard;
  int threads = 1;
  std::optional<StartTime> start_at;
  std::vector<Threshold> thresholds;

  std::string json;  // a path, "-" for stdout, "" for none
  std::string csv;
  std::string session_log;
  std::optional<std::uint16_t> metrics_port;
  std::string metrics_listen = "127.0.0.1";
  bool quiet = false;
  bool color = true;
};

/// What the words of the command line came to.
struct LoadCommand {
  enum class Kind { run, merge, none };
  Kind kind = Kind::none;
  int exit_status = 0;  // with `none`: it was all done while reading, or there were mistakes
  LoadOptions options;  // of a merge: outputs and thresholds
  std::vector<std::string> merge_files;
};

/// Reads a whole command line; `balancers` are the names that --balancer takes. Mistakes have been
/// told on stderr, all of them.
LoadCommand read_load_command(int argc, const char* const* argv,
                              const std::vector<std::string>& balancers);

/// Every option as it is written, "--connections", for the documentation's test.
std::vector<std::string> load_option_names();

}  // namespace wsfleet
