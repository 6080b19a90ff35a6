// SPDX-License-Identifier: Apache-2.0
#include "results/report/page/html_report.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "results/record/files.h"
#include "results/report/page/html_text.h"
#include "results/report/page/report_assets.h"
#include "results/report/page/score_table_html.h"
#include "results/text_table.h"

namespace wsfleet {
namespace {

using nlohmann::json;

// --- The data that the page's script draws ---

// Four digits after the point are more than a chart can show; whole numbers have no ".0".
json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  constexpr double kExactWhole = 9e15;
  if (std::abs(value) < kExactWhole) {
    value = std::round(value * 1e4) / 1e4;
    if (value == std::trunc(value)) return static_cast<std::int64_t>(value);
  }
  return value;
}

const char* word(LineStyle style) {
  switch (style) {
    case LineStyle::dashed:
      return "dashed";
    case LineStyle::dotted:
      return "dotted";
    case LineStyle::area:
      return "area";
    case LineStyle::solid:
      break;
  }
  return "solid";
}

const char* word(MarkerKind kind) {
  switch (kind) {
    case MarkerKind::scale_up:
      return "scale_up";
    case MarkerKind::scale_down:
      return "scale_down";
    case MarkerKind::fault:
      break;
  }
  return "fault";
}

json chart_json(const ReportChart& chart) {
  json lines = json::array();
  for (const ReportLine& line : chart.lines) {
    json values = json::array();
    for (const double value : line.values) values.push_back(number(value));
    lines.push_back({{"label", line.label},
                     {"style", word(line.style)},
                     {"policy", line.policy},
                     {"values", std::move(values)}});
  }
  return {{"id", chart.id},
          {"unit", chart.unit},
          {"step_s", chart.step_s},
          {"stepped", chart.stepped},
          {"shows_scaling", chart.shows_scaling},
          {"lines", std::move(lines)}};
}

json data_json(const ReportData& data) {
  json policies = json::array();
  for (const ReportPolicy& policy : data.policies) policies.push_back({{"name", policy.name}});
  json charts = json::array();
  for (const ReportChart& chart : data.charts) charts.push_back(chart_json(chart));
  json markers = json::array();
  for (const ReportMarker& marker : data.markers) {
    markers.push_back({{"time_s", number(marker.time_s)},
                       {"kind", word(marker.kind)},
                       {"policy", marker.policy},
                       {"label", marker.label}});
  }
  return {{"duration_s", data.duration_s},
          {"warmup_s", data.warmup_s},
          {"policies", std::move(policies)},
          {"charts", std::move(charts)},
          {"markers", std::move(markers)}};
}

// --- The parts of the page that read without the script ---

std::string facts_html(const ReportData& data) {
  if (data.facts.empty()) return {};
  std::string html = "<dl class=\"facts\">\n";
  for (const auto& [name, value] : data.facts) {
    html += "<div><dt>" + html_escape(name) + "</dt><dd>" + html_escape(value) + "</dd></div>\n";
  }
  return html + "</dl>\n";
}

std::string notices_html(const ReportData& data) {
  if (data.notices.empty()) return {};
  std::string html = "<ul class=\"notices\">\n";
  for (const std::string& notice : data.notices) html += "<li>" + html_escape(notice) + "</li>\n";
  return html + "</ul>\n";
}

std::string expectations_html(const ReportData& data) {
  if (data.expectations.empty()) return {};
  std::string html =
      "<section id=\"expectations\">\n<h2>Expectations</h2>\n<table class=\"narrow\">\n"
      "<thead><tr><th>Condition</th><th>Value</th><th></th></tr></thead>\n<tbody>\n";
  for (const ExpectResult& result : data.expectations) {
    html += "<tr><td class=\"name\">" + html_escape(result.condition) + "</td><td>" +
            (result.unknown ? "unknown" : html_escape(format_value(result.value))) +
            "</td><td class=\"" +
            (result.met       ? "met\">met"
             : result.unknown ? "missed\">not known"
                              : "missed\">missed") +
            "</td></tr>\n";
  }
  return html + "</tbody></table>\n</section>\n";
}

std::string toolbar_html(const ReportData& data) {
  std::string html = "<div class=\"toolbar\">\n";
  for (std::size_t i = 0; i < data.policies.size(); ++i) {
    html += "<label><input type=\"checkbox\" checked data-policy=\"" + std::to_string(i) +
            "\"><span class=\"swatch\" style=\"background:" + policy_color(i) + "\"></span>" +
            html_escape(data.policies[i].name) + "</label>\n";
  }
  return html +
         "<button type=\"button\" id=\"reset-zoom\" hidden>Whole run</button>\n"
         "<span class=\"hint\">Drag to zoom, double-click for the whole run</span>\n</div>\n";
}

std::string charts_html(const ReportData& data) {
  if (data.charts.empty()) return {};
  std::string html = "<section id=\"charts\">\n<h2>Over time</h2>\n";
  if (!data.series_caption.empty()) {
    html += "<p class=\"soft\">" + html_escape(data.series_caption) + "</p>\n";
  }
  html += "<noscript><p>The charts need JavaScript; the tables do not.</p></noscript>\n";
  html += toolbar_html(data);
  for (const ReportChart& chart : data.charts) {
    html += "<figure class=\"chart\" id=\"chart-" + html_escape(chart.id) + "\">\n<h3>" +
            html_escape(chart.title) + " <span class=\"unit\">" + html_escape(chart.unit) +
            "</span></h3>\n<p class=\"reading\">" + html_escape(chart.reading) +
            "</p>\n<div class=\"legend\"></div>\n<div class=\"plot\"></div>\n</figure>\n";
  }
  return html + "</section>\n";
}

std::string scenario_html(const ReportData& data) {
  if (data.scenario_text.empty()) return {};
  return "<section id=\"scenario\">\n<h2>Scenario</h2>\n<details><summary>The file, with what the "
         "command line changed</summary>\n<pre>" +
         html_escape(data.scenario_text) + "</pre></details>\n</section>\n";
}

std::string paragraph(const char* css_class, const std::string& text) {
  if (text.empty()) return {};
  return std::string("<p class=\"") + css_class + "\">" + html_escape(text) + "</p>";
}

// People know the report by its own name, not by that of the file beside it.
Error naming_target(Error error, const std::string& partial, const std::string& path) {
  const std::size_t at = error.message.find(partial);
  if (at != std::string::npos) error.message.replace(at, partial.size(), path);
  return error;
}

}  // namespace

std::string render_report(const ReportData& data) {
  using namespace report_assets;
  const std::map<std::string_view, std::string> parts{
      {"title", html_escape(data.title)},
      {"recommendation", paragraph("recommendation", data.recommendation)},
      {"description", paragraph("description", data.description)},
      {"facts", facts_html(data)},
      {"notices", notices_html(data)},
      {"expectations", expectations_html(data)},
      {"scores", score_table_html(data)},
      {"charts", charts_html(data)},
      {"scenario", scenario_html(data)},
      {"data", json_for_script(data_json(data))},
      {"uplot_css", std::string(kUplotCss)},
      {"uplot_js", std::string(kUplotJs)},
      {"uplot_license", std::string(kUplotLicense)},
      {"report_css", std::string(kReportCss)},
      {"report_js", std::string(kReportJs)}};
  return fill_template(kTemplate, [&](std::string_view name) { return parts.at(name); });
}

Result<void> write_report(const ReportData& data, const std::string& path) {
  const std::string partial = path + ".partial-" + std::to_string(getpid());
  Result<void> written;
  {
    auto file = LineFile::create(partial);
    if (!file) return tl::unexpected(naming_target(file.error(), partial, path));
    written = (*file)->append(render_report(data));
    if (written) written = (*file)->close();
  }
  std::error_code error;
  if (written) {
    std::filesystem::rename(partial, path, error);
    if (!error) return {};
    written = tl::unexpected(file_error("write", path, error.value()));
  }
  std::filesystem::remove(partial, error);
  return tl::unexpected(naming_target(written.error(), partial, path));
}

}  // namespace wsfleet
