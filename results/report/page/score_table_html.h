// SPDX-License-Identifier: Apache-2.0
#pragma once
// The score table of a report as HTML that reads without JavaScript: important rows first, the
// rest folded away. Pure.

#include <string>

#include "results/report/data/report_data.h"

namespace wsfleet {

/// "" when there are no scores. What is escaped is everything that comes from `data`.
std::string score_table_html(const ReportData& data);

/// A colour of the style sheet: "var(--policy-2)".
std::string policy_color(std::size_t policy);

/// What a cell says of a difference: "−45 % better, 10 of 10 seeds", "~ +1.2 %, 6 of 10 seeds";
/// in percent of the first policy's mean, absolute where that is 0. "" without pairs.
std::string difference_text(const ReportScore& score, std::size_t policy);

}  // namespace wsfleet
