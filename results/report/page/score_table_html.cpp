// SPDX-License-Identifier: Apache-2.0
#include "results/report/page/score_table_html.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "results/report/page/html_text.h"
#include "results/text_table.h"

namespace wsfleet {
namespace {

constexpr std::size_t kPolicyColors = 7;  // as many as the style sheet has

std::string value_html(const Estimate& estimate, bool unknown) {
  if (estimate.values == 0) {
    const char* word = unknown ? "unknown" : estimate.infinite > 0 ? "never" : "–";
    return std::string("<span class=\"value\"><b>") + word + "</b></span>";
  }
  std::string html =
      "<span class=\"value\"><b>" + html_escape(format_value(estimate.mean)) + "</b>";
  if (!std::isnan(estimate.half_width)) {
    // What rounding leaves of the spread of equal values is no spread.
    const bool none = estimate.half_width < 1e-9 * std::abs(estimate.mean);
    html += " <span class=\"interval\">± " +
            html_escape(format_value(none ? 0.0 : estimate.half_width)) + "</span>";
  }
  html += "</span>";
  if (estimate.infinite > 0) {
    html += "<span class=\"change\">" + std::to_string(estimate.infinite) + " of " +
            std::to_string(estimate.infinite + estimate.values) + " runs: never</span>";
  }
  return html;
}

double highest_mean(const ReportScore& score) {
  double highest = 0;
  for (const Estimate& estimate : score.estimates) {
    if (estimate.values > 0) highest = std::max(highest, estimate.mean);
  }
  return highest;
}

// A thin bar as long as the value's share of the row's highest; right-aligned as the numbers are.
std::string bar_html(const ReportScore& score, std::size_t policy) {
  const Estimate& estimate = score.estimates[policy];
  const double highest = highest_mean(score);
  if (score.estimates.size() < 2 || estimate.values == 0 || !(highest > 0)) return {};
  if (!(estimate.mean > 0)) return "<span class=\"bar\"></span>";
  char width[16];
  std::snprintf(width, sizeof width, "%.1f", 100.0 * estimate.mean / highest);
  return "<span class=\"bar\"><i style=\"width:" + std::string(width) +
         "%;background:" + policy_color(policy) + "\"></i></span>";
}

// "better", "worse", "higher", "lower"; "" when the difference is not significant.
std::string verdict(const ReportScore& score, const Difference& difference) {
  const int direction = difference.direction();
  if (!difference.significant || direction == 0) return {};
  if (score.better == Better::neither) return direction > 0 ? "higher" : "lower";
  return (direction > 0) == (score.better == Better::higher) ? "better" : "worse";
}

std::string signed_number(double value, const std::string& text) {
  return (value < 0 ? "−" : "+") + text;
}

std::string cell_html(const ReportScore& score, std::size_t policy) {
  std::string html =
      "<td>" + value_html(score.estimates[policy], score.unknown) + bar_html(score, policy);
  const std::string change = difference_text(score, policy);
  if (!change.empty()) {
    html += "<span class=\"change " + verdict(score, score.differences[policy]) + "\">" +
            html_escape(change) + "</span>";
  }
  return html + "</td>";
}

std::string direction_text(Better better) {
  switch (better) {
    case Better::lower:
      return "less is better";
    case Better::higher:
      return "more is better";
    case Better::neither:
      break;
  }
  return {};
}

std::string row_html(const ReportScore& score) {
  std::string html = "<tr data-score=\"" + html_escape(score.name) +
                     "\"><th scope=\"row\"><span class=\"name\">" + html_escape(score.name) +
                     "</span>";
  const std::string direction = direction_text(score.better);
  if (!direction.empty()) html += " <span class=\"direction\">" + direction + "</span>";
  html += "<span class=\"soft\">" + html_escape(score.meaning);
  if (!score.unit.empty()) html += " (" + html_escape(score.unit) + ")";
  html += "</span></th>";
  for (std::size_t policy = 0; policy < score.estimates.size(); ++policy) {
    html += cell_html(score, policy);
  }
  return html + "</tr>\n";
}

std::string table_html(const ReportData& data, bool important) {
  std::string rows;
  for (const ReportScore& score : data.scores) {
    if (score.important == important) rows += row_html(score);
  }
  if (rows.empty()) return {};
  // Columns are equally wide, so that bars compare; many of them scroll.
  const std::size_t policies = data.policies.size();
  const std::string min_width = std::to_string(240 + 130 * policies) + "px";
  std::string html = "<div class=\"scroll\"><table class=\"scores" +
                     std::string(policies < 2 ? " narrow" : "") +
                     "\" style=\"min-width:" + min_width + "\">\n<thead><tr><th>Score</th>";
  for (std::size_t policy = 0; policy < policies; ++policy) {
    html += "<th scope=\"col\"><span class=\"swatch\" style=\"background:" + policy_color(policy) +
            "\"></span>" + html_escape(data.policies[policy].name) + "</th>";
  }
  return html + "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></div>\n";
}

}  // namespace

std::string policy_color(std::size_t policy) {
  return "var(--policy-" + std::to_string(policy % kPolicyColors) + ")";
}

std::string difference_text(const ReportScore& score, std::size_t policy) {
  if (policy == 0 || policy >= score.differences.size()) return {};
  const Difference& difference = score.differences[policy];
  if (difference.pairs < 1) return {};
  if (difference.higher == 0 && difference.lower == 0) return "~ the same";
  std::string text;
  if (!std::isnan(difference.mean)) {
    const double first = score.estimates.front().mean;
    const bool relative = score.estimates.front().values > 0 && first != 0;
    const double size = relative ? 100.0 * difference.mean / std::abs(first) : difference.mean;
    text = signed_number(size, format_value(std::abs(size))) + (relative ? " %" : "");
  }
  const std::string word = verdict(score, difference);
  if (word.empty()) {
    text = text.empty() ? "~" : "~ " + text;
  } else {
    text += (text.empty() ? "" : " ") + word;
  }
  if (difference.pairs > 1 && difference.agreeing() > 0) {
    text += ", " + std::to_string(difference.agreeing()) + " of " +
            std::to_string(difference.pairs) + " seeds";
  }
  return text;
}

std::string score_table_html(const ReportData& data) {
  if (data.scores.empty()) return {};
  std::string html = "<section id=\"scores\">\n<h2>Scores</h2>\n<p class=\"soft\">";
  if (data.policies.size() > 1) {
    html +=
        "Means over the seeds ± half of the 95 % confidence interval. Below them: the "
        "difference to " +
        html_escape(data.policies.front().name) +
        " over the same seeds; ~ marks one that may be chance.";
  } else {
    html += "What the run comes down to, after warm-up.";
  }
  html += "</p>\n" + table_html(data, true);
  const std::string rest = table_html(data, false);
  if (!rest.empty()) {
    html += "<details><summary>All other scores</summary>\n" + rest + "</details>\n";
  }
  return html + "</section>\n";
}

}  // namespace wsfleet
