// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text made safe for the places of an HTML page where a report puts it, and templates filled in one
// pass, so that text never becomes markup, script or a placeholder. Pure.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace wsfleet {

/// For element content and for attribute values in double quotes.
std::string html_escape(std::string_view text);

/// Compact JSON for the inside of a <script> element: '<', '>' and '&' are written as \u escapes
/// (no "</script>", no "<!--"), so are U+2028 and U+2029; bytes that are not UTF-8 become U+FFFD.
std::string json_for_script(const nlohmann::json& json);

/// Replaces each {{name}} by value(name). What is put in is not looked at again.
std::string fill_template(std::string_view text,
                          const std::function<std::string(std::string_view)>& value);

}  // namespace wsfleet
