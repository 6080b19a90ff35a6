// SPDX-License-Identifier: Apache-2.0
#include "engine/command_line/verb_options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>
#include <utility>

namespace wsfleet {
namespace {

template <class Options>
using VerbFunction = int (*)(const Options&, const Terminal&);

/// Adds the verb; its options live as long as `parsed.run`, which holds them.
template <class Options>
std::pair<CLI::App*, Options*> add_verb(CLI::App& app, Parsed& parsed, const char* name,
                                        const char* summary, const char* examples,
                                        VerbFunction<Options> function) {
  CLI::App* verb = app.add_subcommand(name, summary);
  verb->footer(std::string("\nExamples:\n") + examples);
  verb->add_flag("-q,--quiet", parsed.quiet, "Errors only: no warnings, no progress");
  verb->add_flag("--no-color", parsed.no_color, "Plain text (as does the variable NO_COLOR)");
  auto options = std::make_shared<Options>();
  verb->callback([&parsed, options, function] {
    parsed.run = [options, function](const Terminal& terminal) {
      return function(*options, terminal);
    };
  });
  return {verb, options.get()};
}

void add_sets(CLI::App* verb, std::vector<std::string>& sets) {
  verb->add_option("--set", sets, "Override a key: path.to.key=value, a TOML value; repeatable")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
}

void add_backend(CLI::App* verb, std::string& backend) {
  verb->add_option("--backend", backend,
                   "Where it runs: simulated, local (for real, on this machine), or kubernetes")
      ->type_name("NAME")
      ->capture_default_str();
}

void add_seed(CLI::App* verb, std::optional<std::uint64_t>& seed, const char* meaning) {
  verb->add_option("--seed", seed, meaning)->type_name("N");
}

void add_jobs(CLI::App* verb, int& jobs) {
  verb->add_option("-j,--jobs", jobs, "Runs at a time (default: one per core)")
      ->type_name("J")
      ->check(CLI::Range(1, 4096));
}

void add_seeds(CLI::App* verb, int& seeds) {
  verb->add_option("--seeds", seeds, "Seeds per policy: the scenario's and those after it")
      ->type_name("N")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
}

void add_init(CLI::App& app, Parsed& parsed) {
  auto [verb, options] = add_verb<InitOptions>(
      app, parsed, "init", "Write a commented scenario to start from; never overwrites",
      "  wsfleet init my-fleet.toml\n  wsfleet init my-fleet.toml --from match-day", init);
  verb->add_option("file", options->path, "The scenario to write")->required()->type_name("FILE");
  verb->add_option("--from", options->from, "Copy this bundled scenario instead")
      ->type_name("NAME");
}

void add_validate(CLI::App& app, Parsed& parsed) {
  auto [verb, options] = add_verb<ValidateOptions>(
      app, parsed, "validate", "Check scenarios; say all that is wrong, with its place",
      "  wsfleet validate scenarios/*.toml", validate);
  verb->add_option("scenarios", options->scenarios, "Files, or names of bundled scenarios")
      ->required()
      ->type_name("SCENARIO...");
  add_sets(verb, options->sets);
  add_backend(verb, options->backend);
}

void add_cluster(CLI::App* verb, ClusterOptions& cluster) {
  const auto add = [verb](const char* name, auto& value, const char* type, const char* meaning) {
    return verb->add_option(name, value, meaning)
        ->type_name(type)
        ->group("With --backend kubernetes");
  };
  add("--context", cluster.context, "NAME", "The kubeconfig's context; there is no default");
  add("--namespace", cluster.name_space, "NAME", "Where the fleet is; there is no default");
  add("--kubeconfig", cluster.kubeconfig, "FILE",
      "The kubeconfig (default: KUBECONFIG, else ~/.kube/config)");
  add("--url", cluster.url, "URL", "Where clients connect (default: the Ingress' address)");
  add("--host", cluster.host, "NAME", "The name that the ingress at --url knows the fleet by");
  add("--load-pods", cluster.load_pods, "N",
      "Load generators are a Job of N pods (default 0: processes on this machine)")
      ->check(CLI::Range(0, 1000));
  add("--load-image", cluster.load_image, "IMAGE",
      "Their image (default: localhost/wsfleet-loadgen:dev)");
  add("--prometheus", cluster.prometheus, "[NAMESPACE/]SERVICE:PORT",
      "The Prometheus that scrapes the fleet (default: prometheus:9090)");
  verb->add_flag(
          "--recover", cluster.recover,
          "Put back first what an experiment changed that was killed; refused while it lives")
      ->group("With --backend kubernetes");
}

void add_run(CLI::App& app, Parsed& parsed) {
  auto [verb, options] = add_verb<RunOptions>(
      app, parsed, "run", "Run one scenario under one policy",
      "  wsfleet run flash-crowd\n"
      "  wsfleet run flash-crowd --policy hpa:target_connections=300 --seed 7 -o runs/try\n"
      "  wsfleet run my-fleet.toml --set server.drain.mode=none --json\n"
      "  wsfleet run live-flash-crowd --backend kubernetes --context minikube --namespace wsfleet",
      run_verb);
  verb->add_option("scenario", options->scenario, "A file, or the name of a bundled scenario")
      ->required()
      ->type_name("SCENARIO");
  verb->add_option("-p,--policy", options->policy, "The policy (default: the scenario's)")
      ->type_name("POLICY[:KEY=VALUE,...]");
  add_seed(verb, options->seed, "The seed (default: the scenario's)");
  add_sets(verb, options->sets);
  add_backend(verb, options->backend);
  add_cluster(verb, options->cluster);
  verb->add_option("-o,--output", options->directory,
                   "Results (default: runs/<scenario>-<policy>-<seed>); never overwritten")
      ->type_name("DIR");
  verb->add_flag("--json", options->json, "One JSON object on stdout");
  verb->add_flag("--all-scores", options->all_scores, "Every score with its meaning");
}

void add_compare(CLI::App& app, Parsed& parsed) {
  auto [verb, options] = add_verb<CompareOptions>(
      app, parsed, "compare", "Compare policies over the same seeds, and say which one to use",
      "  wsfleet compare flash-crowd --policies original,hpa,oracle --seeds 10\n"
      "  wsfleet compare my-fleet.toml -p hpa,hpa:target_connections=300,tolerance=0.2\n"
      "  wsfleet compare my-fleet.toml -p hpa --baseline runs/last-week   (99 when worse)",
      compare);
  verb->add_option("scenarios", options->scenarios, "Files, or names of bundled scenarios")
      ->required()
      ->type_name("SCENARIO...");
  verb->add_option("-p,--policies", options->policies,
                   "Separated by commas (default: the scenario's); the first is the measure")
      ->type_name("POLICY[:KEY=VALUE,...],...");
  add_seeds(verb, options->seeds);
  add_seed(verb, options->seed, "The first seed (default: the scenario's)");
  add_jobs(verb, options->jobs);
  add_sets(verb, options->sets);
  add_backend(verb, options->backend);
  verb->add_option("--baseline", options->baseline,
                   "Exit with 99 when a score is significantly worse than in this comparison")
      ->type_name("DIR");
  verb->add_option("-o,--output", options->directory,
                   "Results (default: runs/<scenario>-compare-<n>); never overwritten")
      ->type_name("DIR");
  verb->add_flag("--json", options->json, "One JSON object on stdout: runs and comparisons");
  verb->add_flag("--all-scores", options->all_scores, "Every score, not only the decisive ones");
}

void add_sweep(CLI::App& app, Parsed& parsed) {
  auto [verb, options] = add_verb<SweepOptions>(
      app, parsed, "sweep", "Run a grid of settings under some policies and seeds",
      "  wsfleet sweep flash-crowd --over server.drain.mode=none,paced "
      "--over policy.hpa.target_connections=300,500,700",
      sweep);
  verb->add_option("scenario", options->scenario, "A file, or the name of a bundled scenario")
      ->required()
      ->type_name("SCENARIO");
  verb->add_option("--over", options->over, "A key and its values; repeat it for a grid")
      ->required()
      ->type_name("PATH=V1,V2,...")
      ->allow_extra_args(false);
  verb->add_option("-p,--policies", options->policies,
                   "Separated by commas (default: the scenario's)")
      ->type_name("POLICY[:KEY=VALUE,...],...");
  verb->add_option("--scores", options->scores, "Scores that the table shows, with commas")
      ->type_name("NAME,...")
      ->delimiter(',');
  add_seeds(verb, options->seeds);
  add_seed(verb, options->seed, "The first seed (default: the scenario's)");
  add_jobs(verb, options->jobs);
  add_sets(verb, options->sets);
  add_backend(verb, options->backend);
  verb->add_option("-o,--output", options->directory,
                   "Results (default: runs/<scenario>-sweep-<n>); never overwritten")
      ->type_name("DIR");
  verb->add_flag("--json", options->json, "One JSON object on stdout: runs and comparisons");
  verb->add_flag("--all-scores", options->all_scores, "Every score")->excludes("--scores");
}

void add_report(CLI::App& app, Parsed& parsed) {
  auto [verb, options] = add_verb<ReportOptions>(
      app, parsed, "report", "Write the HTML report of a results directory",
      "  wsfleet report runs/flash-crowd-hpa-1\n  wsfleet report runs/try -o try.html", report);
  verb->add_option("directory", options->directory, "What run or compare wrote")
      ->required()
      ->type_name("DIR");
  verb->add_option("-o,--output", options->output, "The page (default: report.html in DIR)")
      ->type_name("FILE");
}

void add_fidelity(CLI::App& app, Parsed& parsed) {
  auto [verb, options] = add_verb<FidelityOptions>(
      app, parsed, "fidelity", "Simulate a live run's scenario again and say how far they differ",
      "  wsfleet fidelity runs/live-flash-crowd-hpa-1\n"
      "  wsfleet fidelity runs/try --gate                (99 when they are too far apart)\n"
      "  wsfleet fidelity runs/try --threshold 'connections_mad_percent<10'   (99 when missed)",
      fidelity);
  verb->add_option("directory", options->directory, "What run wrote")->required()->type_name("DIR");
  verb->add_flag("--gate", options->gate,
                 "Conditions on sessions, replicas, connections and sockets moved; exit status 99");
  verb->add_option(
          "--threshold", options->thresholds,
          "A condition on a measure, instead of the gate's on it; repeatable; missed: exit "
          "status 99")
      ->type_name("CONDITION")
      ->allow_extra_args(false);
  verb->add_flag("--json", options->json, "One JSON object on stdout");
}

void add_decide(CLI::App& app, Parsed& parsed) {
  auto [verb, options] = add_verb<DecideOptions>(
      app, parsed, "decide", "Observations on stdin, a policy's decisions on stdout, line by line",
      "  wsfleet decide --policy hpa < runs/flash-crowd-hpa-1/decisions.ndjson", decide);
  verb->add_option("-p,--policy", options->policy, "The policy (default: the scenario's)")
      ->type_name("POLICY[:KEY=VALUE,...]");
  verb->add_option("--scenario", options->scenario, "Takes bounds and policy settings from it")
      ->type_name("SCENARIO");
  add_sets(verb, options->sets);
}

void add_policies(CLI::App& app, Parsed& parsed) {
  auto [verb, options] =
      add_verb<PoliciesOptions>(app, parsed, "policies", "List the policies and their keys",
                                "  wsfleet policies --json", list_policies);
  verb->add_flag("--json", options->json, "As one JSON object");
}

void add_completion(CLI::App& app, Parsed& parsed) {
  auto [verb, options] =
      add_verb<CompletionOptions>(app, parsed, "completion", "Print a shell's completion script",
                                  "  source <(wsfleet completion bash)", completion);
  verb->add_option("shell", options->shell, "bash")->check(CLI::IsMember({"bash"}))->type_name("");
}

}  // namespace

void add_verbs(CLI::App& app, Parsed& parsed) {
  add_init(app, parsed);
  add_validate(app, parsed);
  add_run(app, parsed);
  add_compare(app, parsed);
  add_sweep(app, parsed);
  add_report(app, parsed);
  add_fidelity(app, parsed);
  add_decide(app, parsed);
  add_policies(app, parsed);
  add_completion(app, parsed);
}

}  // namespace wsfleet
