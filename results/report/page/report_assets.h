// SPDX-License-Identifier: Apache-2.0
#pragma once
// The files that every report carries, compiled into the program by embed_assets.cmake. Constants.

#include <string_view>

namespace wsfleet::report_assets {

extern const std::string_view kTemplate;   // assets/template.html
extern const std::string_view kReportCss;  // assets/report.css
extern const std::string_view kReportJs;   // assets/report.js
extern const std::string_view kUplotCss;   // uPlot, from npm
extern const std::string_view kUplotJs;
extern const std::string_view kUplotLicense;

}  // namespace wsfleet::report_assets
