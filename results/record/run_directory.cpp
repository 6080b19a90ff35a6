// SPDX-License-Identifier: Apache-2.0
// run.json: written whole at the end of a run, read back by `report`.
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "results/record/files.h"
#include "results/record/json_lines.h"
#include "results/summary/run_summary.h"

namespace wsfleet {
namespace {

using nlohmann::ordered_json;

ordered_json objective_to_json(const Objective& objective) {
  return {{"connections_per_pod", objective.connections_per_pod},
          {"time_to_connect_s", to_seconds(objective.time_to_connect)},
          {"message_latency_s", to_seconds(objective.message_latency)},
          {"min_replicas", objective.min_replicas},
          {"cores_per_pod", objective.cores_per_pod}};
}

/// Null where it is not known.
ordered_json seconds_or_null(double seconds) {
  return std::isnan(seconds) ? ordered_json() : ordered_json(seconds);
}

double seconds_from(const ordered_json& object, const char* key) {
  const auto found = object.find(key);
  const bool known = found != object.end() && found->is_number();
  return known ? found->get<double>() : std::numeric_limits<double>::quiet_NaN();
}

ordered_json surroundings_to_json(const Surroundings& met) {
  return {{"attempt_time_p50_s", seconds_or_null(met.attempt_time_p50_s)},
          {"pod_ready_p50_s", seconds_or_null(met.pod_ready_p50_s)},
          {"endpoints_known_p50_s", seconds_or_null(met.endpoints_known_p50_s)}};
}

Surroundings surroundings_from(const ordered_json& json) {
  return {.attempt_time_p50_s = seconds_from(json, "attempt_time_p50_s"),
          .pod_ready_p50_s = seconds_from(json, "pod_ready_p50_s"),
          .endpoints_known_p50_s = seconds_from(json, "endpoints_known_p50_s")};
}

ordered_json figures_to_json(const RunFigures& figures) {
  return {{"events", figures.events},
          {"superseded_events", figures.superseded_events},
          {"event_hash", hex_text(figures.event_hash)},
          {"connections_peak", figures.connections_peak},
          {"model_bytes_per_connection", figures.model_bytes_per_connection},
          {"initial_sessions", figures.initial_sessions},
          {"sessions_begun", figures.sessions_begun},
          {"session_digest", hex_text(figures.session_digest)},
          {"start_lateness_p99_s", seconds_or_null(figures.start_lateness_p99_s)},
          {"client_processes", figures.client_processes},
          {"surroundings", surroundings_to_json(figures.surroundings)}};
}

ordered_json ordered(const nlohmann::json& json) { return ordered_json(json); }

Histogram histogram_from(const ordered_json& json) {
  auto histogram = Histogram::from_json(nlohmann::json(json));
  // Caught below with nlohmann's own.
  if (!histogram) throw std::runtime_error(histogram.error().message);
  return std::move(*histogram);
}

Result<StoredRun> from_json(const ordered_json& json) {
  auto summary = run_summary_from_json(json);
  if (!summary) return tl::unexpected(summary.error());
  StoredRun run{.summary = std::move(*summary), .details = {}, .figures = {}, .clients = {}};
  run.details.version = json.at("version").get<std::string>();
  run.details.scenario_text = json.at("scenario_text").get<std::string>();
  run.details.duration = from_seconds(json.at("duration_s").get<double>());
  run.details.warmup = from_seconds(json.at("warmup_s").get<double>());
  run.details.scrape_interval = from_seconds(json.at("scrape_interval_s").get<double>());
  const ordered_json& objective = json.at("objective");
  run.details.objective.connections_per_pod = objective.at("connections_per_pod").get<int>();
  run.details.objective.time_to_connect =
      from_seconds(objective.at("time_to_connect_s").get<double>());
  run.details.objective.message_latency =
      from_seconds(objective.at("message_latency_s").get<double>());
  run.details.objective.min_replicas = objective.at("min_replicas").get<int>();
  run.details.objective.cores_per_pod = objective.at("cores_per_pod").get<double>();
  // Before there was a choice, decisions were held on Kubernetes alone.
  run.details.run_by =
      json.value("run_by", run.summary.backend == "kubernetes" ? "wsfleet-scaler" : "autoscaler");
  const ordered_json& figures = json.at("figures");
  run.figures.events = figures.at("events").get<std::int64_t>();
  run.figures.superseded_events = figures.at("superseded_events").get<std::int64_t>();
  run.figures.event_hash = std::stoull(figures.at("event_hash").get<std::string>(), nullptr, 16);
  run.figures.connections_peak = figures.at("connections_peak").get<std::int64_t>();
  run.figures.model_bytes_per_connection = figures.at("model_bytes_per_connection").get<double>();
  run.figures.initial_sessions = figures.at("initial_sessions").get<std::int64_t>();
  run.figures.sessions_begun = figures.value("sessions_begun", std::int64_t{0});
  run.figures.start_lateness_p99_s = seconds_from(figures, "start_lateness_p99_s");
  run.figures.surroundings =
      surroundings_from(figures.value("surroundings", ordered_json::object()));
  run.figures.client_processes = figures.value("client_processes", 0);
  run.figures.session_digest =
      std::stoull(figures.value("session_digest", std::string("0x0")), nullptr, 16);
  const ordered_json& histograms = json.at("histograms_ns");
  run.clients.time_to_connect = histogram_from(histograms.at("time_to_connect"));
  run.clients.attempt_time = histogram_from(histograms.at("attempt_time"));
  run.clients.message_latency = histogram_from(histograms.at("message_latency"));
  return run;
}

}  // namespace

std::string run_json_text(const RunSummary& summary, const RunDetails& details,
                          const RunFigures& figures, const ClientHistograms& clients) {
  ordered_json json = to_json(summary);
  json.erase("directory");
  json["version"] = details.version;
  json["duration_s"] = to_seconds(details.duration);
  json["warmup_s"] = to_seconds(details.warmup);
  json["scrape_interval_s"] = to_seconds(details.scrape_interval);
  json["objective"] = objective_to_json(details.objective);
  json["run_by"] = details.run_by;
  json["figures"] = figures_to_json(figures);
  json["scenario_text"] = details.scenario_text;
  std::string text = json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
  // Histograms are long lists of pairs: one line each, not one per number.
  text.erase(text.rfind("\n}"));
  text += ",\n  \"histograms_ns\": {\n    \"time_to_connect\": ";
  text += ordered(clients.time_to_connect.to_json()).dump();
  text += ",\n    \"attempt_time\": " + ordered(clients.attempt_time.to_json()).dump();
  text += ",\n    \"message_latency\": " + ordered(clients.message_latency.to_json()).dump();
  text += "\n  }\n}\n";
  return text;
}

Result<StoredRun> read_run_directory(const std::string& directory) {
  const std::string path = directory + "/run.json";
  auto text = read_text_file(path);
  if (!text) return tl::unexpected(text.error());
  const ordered_json json = ordered_json::parse(*text, nullptr, false);
  if (json.is_discarded()) return fail(path + ": not JSON");
  try {
    auto run = from_json(json);
    if (!run) return fail(path + ": " + run.error().message);
    run->summary.directory = directory;
    return run;
  } catch (const std::exception& exception) {
    return fail(path + ": " + exception.what());
  }
}

}  // namespace wsfleet
