// SPDX-License-Identifier: Apache-2.0
#pragma once
// The verbs of `wsfleet`, one file each, and what the command line tells them. Data goes to stdout,
// messages to stderr; each returns the exit status. docs/formats/command-line.md is their contract.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wsfleet {

/// How to talk to whoever called.
struct Terminal {
  bool quiet = false;     // errors only
  bool color = false;     // of stdout
  bool progress = false;  // stderr is a terminal and nobody asked for quiet
};

struct InitOptions {
  std::string path;
  std::string from;  // a bundled scenario, or ""
};
int init(const InitOptions& options, const Terminal& terminal);

struct ValidateOptions {
  std::vector<std::string> scenarios;
  std::vector<std::string> sets;
  std::string backend = "simulated";
};
int validate(const ValidateOptions& options, const Terminal& terminal);

/// Where `--backend kubernetes` runs.
struct ClusterOptions {
  std::string kubeconfig;
  std::string context;
  std::string name_space;
  std::string url;
  std::string host;
  int load_pods = 0;
  std::string load_image;
  std::string prometheus;
  bool recover = false;
};

struct RunOptions {
  std::string scenario;
  std::string policy;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> sets;
  std::string backend = "simulated";
  ClusterOptions cluster;
  std::string directory;
  bool json = false;
  bool all_scores = false;
};
int run_verb(const RunOptions& options, const Terminal& terminal);

struct CompareOptions {
  std::vector<std::string> scenarios;
  std::string policies;
  int seeds = 5;
  std::optional<std::uint64_t> seed;
  int jobs = 0;
  std::vector<std::string> sets;
  std::string backend = "simulated";
  std::string baseline;
  std::string directory;
  bool json = false;
  bool all_scores = false;
};
int compare(const CompareOptions& options, const Terminal& terminal);

struct SweepOptions {
  std::string scenario;
  std::vector<std::string> over;  // "server.drain.mode=none,paced"
  std::string policies;
  int seeds = 3;
  std::optional<std::uint64_t> seed;
  int jobs = 0;
  std::vector<std::string> sets;
  std::string backend = "simulated";
  std::vector<std::string> scores;
  std::string directory;
  bool json = false;
  bool all_scores = false;
};
int sweep(const SweepOptions& options, const Terminal& terminal);

struct ReportOptions {
  std::string directory;
  std::string output;  // "": report.html in the directory
};
int report(const ReportOptions& options, const Terminal& terminal);

struct FidelityOptions {
  std::string directory;
  std::vector<std::string> thresholds;
  bool gate = false;
  bool json = false;
};
int fidelity(const FidelityOptions& options, const Terminal& terminal);

struct DecideOptions {
  std::string policy;
  std::string scenario;
  std::vector<std::string> sets;
};
int decide(const DecideOptions& options, const Terminal& terminal);

struct PoliciesOptions {
  bool json = false;
};
int list_policies(const PoliciesOptions& options, const Terminal& terminal);

struct CompletionOptions {
  std::string shell = "bash";
};
int completion(const CompletionOptions& options, const Terminal& terminal);

}  // namespace wsfleet
