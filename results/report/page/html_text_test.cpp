// SPDX-License-Identifier: Apache-2.0
// Escaping: what a hostile name could try in each place of the page.
#include "results/report/page/html_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(HtmlEscape, LeavesNoMarkupAndNoQuotes) {
  EXPECT_EQ(html_escape("<img src=x onerror='alert(1)'> & \"q\""),
            "&lt;img src=x onerror=&#39;alert(1)&#39;&gt; &amp; &quot;q&quot;");
  EXPECT_EQ(html_escape("tägliche Last"), "tägliche Last");
}

TEST(JsonForScript, CanNotEndItsElement) {
  const nlohmann::json value = {{"name", "</script><script>alert(1)</script><!--"}};
  const std::string text = json_for_script(value);
  EXPECT_THAT(text, Not(HasSubstr("<")));
  EXPECT_THAT(text, Not(HasSubstr(">")));
  EXPECT_EQ(nlohmann::json::parse(text), value);
}

TEST(JsonForScript, EscapesQuotesSlashesAndLineSeparators) {
  const nlohmann::json value = {{"a\"b", "c\\d\n\xE2\x80\xA8\xE2\x80\xA9&"}};
  const std::string text = json_for_script(value);
  EXPECT_THAT(text, HasSubstr("\\u2028\\u2029\\u0026"));
  EXPECT_EQ(nlohmann::json::parse(text), value);
}

TEST(JsonForScript, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(json_for_script(nlohmann::json("a\xFF")), "\"a\xEF\xBF\xBD\"");
}

TEST(FillTemplate, PutsValuesInOnce) {
  const auto value = [](std::string_view name) { return "[{{" + std::string(name) + "}}]"; };
  EXPECT_EQ(fill_template("a {{x}} b {{y}}", value), "a [{{x}}] b [{{y}}]");
}

TEST(FillTemplate, LeavesTextWithoutPlaceholdersAlone) {
  const auto value = [](std::string_view) { return std::string("!"); };
  EXPECT_EQ(fill_template("a { b }} {{c", value), "a { b }} {{c");
}

}  // namespace
}  // namespace wsfleet
