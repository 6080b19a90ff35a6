// SPDX-License-Identifier: Apache-2.0
#pragma once
// LoadFigures as JSON, without loss: what shards write and `wsfleet-loadgen merge` reads, and as
// CSV with a row per second. docs/formats/loadgen.md describes both. Pure.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/result.h"
#include "loadgen/live/figures/figures.h"

namespace wsfleet {

/// The keys `attempts`, `connections`, `sessions`, `messages`, `threads`, `histograms`, `seconds`,
/// `session_digest`.
nlohmann::json figures_to_json(const LoadFigures& figures);
/// Reads `sessions`, `connections`, `attempts`, `messages` for what was left, and the last three.
Result<LoadFigures> figures_from_json(const nlohmann::json& json);

/// A header and a row per second, each with its line end.
std::string figures_to_csv(const LoadFigures& figures);

}  // namespace wsfleet
