// SPDX-License-Identifier: Apache-2.0
// The TOML document: files that can and can't be read, syntax errors, encodings, and --set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/toml/toml_reader.h"

namespace wsfleet {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TomlDocument parse(const std::string& text) { return TomlDocument::parse(text, "scenario.toml"); }

class TomlFile : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& text) const {
    const std::string path = (folder_ / "scenario.toml").string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  const std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) /
                                        ("toml_document_test-" + std::to_string(getpid()));
};

TEST_F(TomlFile, IsReadWhole) {
  const std::string path = write("a = 1\n" + std::string(200'000, '#') + "\nb = 2");
  TomlDocument document = TomlDocument::load(path);
  EXPECT_EQ(document.root().integer("a", 0), 1);
  EXPECT_EQ(document.root().integer("b", 0), 2);
  EXPECT_EQ(document.name(), path);
  EXPECT_THAT(document.diagnostics(), IsEmpty());
}

TEST_F(TomlFile, ThatIsAbsentSaysWhy) {
  const std::string path = (folder_ / "absent.toml").string();
  TomlDocument document = TomlDocument::load(path);
  EXPECT_EQ(render(document.diagnostics()),
            path + ": error: can't read the file (No such file or directory)");
  EXPECT_EQ(document.root().integer("a", 7), 7);  // an empty table
  EXPECT_THAT(document.diagnostics(), SizeIs(1));
}

TEST_F(TomlFile, ThatIsADirectorySaysSo) {
  TomlDocument document = TomlDocument::load(folder_.string());
  EXPECT_EQ(render(document.diagnostics()),
            folder_.string() + ": error: can't read the file (Is a directory)");
}

TEST_F(TomlFile, ThatIsEmptyNamesTheRemedy) {
  for (const std::string text : {"", "\n\n", "# only a comment\n", "\xef\xbb\xbf"}) {
    const std::string path = write(text);
    TomlDocument document = TomlDocument::load(path);
    EXPECT_EQ(render(document.diagnostics()),
              path + ": error: the file is empty (`wsfleet init` writes one to start from)");
  }
}

TEST(TomlSyntax, ErrorsHaveTheirPlaceAndLeaveAnEmptyTable) {
  TomlDocument document = parse("format = 1\n[server\nmax_connections = 1\n");
  const std::vector<Diagnostic> found = document.diagnostics();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].file, "scenario.toml");
  EXPECT_EQ(found[0].line, 2U);
  EXPECT_EQ(found[0].column, 8U);
  EXPECT_EQ(found[0].source_line, "[server");
  EXPECT_EQ(document.root().integer("format", 7), 7);
}

TEST(TomlSyntax, DuplicatesAreErrorsAtTheSecond) {
  for (const std::string text : {"a = 1\nb = 2\na = 3\n", "a.b = 1\nc = 1\na.b = 2\n",
                                 "[a]\n#\n[a]\n", "a = { b = 1 }\n#\n[a.b]\n"}) {
    const std::vector<Diagnostic> found = parse(text).diagnostics();
    ASSERT_THAT(found, SizeIs(1)) << text;
    EXPECT_EQ(found[0].line, 3U) << render(found);
  }
}

TEST(TomlSyntax, BrokenTextIsOneErrorEach) {
  for (const std::string text : {"=",
                                 "a",
                                 "a =",
                                 "a = ",
                                 "a = [1,",
                                 "a = {",
                                 "a = \"x",
                                 "a = 'x",
                                 "a = 1 2",
                                 "[a",
                                 "[[a]",
                                 "a = 01",
                                 "a = 1__0",
                                 "a = tru",
                                 "a = 5s",
                                 "a = 9223372036854775808",
                                 "a = 2026-13-01",
                                 "\"a",
                                 "a = \"\\q\"",
                                 "a.b.c",
                                 ".a = 1",
                                 "a = 1\rb = 2",
                                 "[",
                                 "[\n]",
                                 "[\xc3\xbc]",
                                 "[[\xc3\xbc]]",
                                 "[a.\xc3\xbc]",
                                 "[#]",
                                 "[=]",
                                 "\xc3\xbc = 1"}) {
    const std::vector<Diagnostic> found = parse(text).diagnostics();
    ASSERT_THAT(found, SizeIs(1)) << text;
    EXPECT_EQ(found[0].line, 1U) << text;
    EXPECT_GT(found[0].column, 0U) << text;
    EXPECT_FALSE(found[0].message.empty());
  }
}

TEST(TomlEncoding, CarriageReturnsAreNotShown) {
  TomlDocument document = parse("a = 1\r\nb = \"x\"\r\n");
  TomlTable root = document.root();
  EXPECT_EQ(root.integer("a", 0), 1);
  root.integer("b", 0);
  EXPECT_EQ(render(document.diagnostics()),
            "scenario.toml:2:5: error: 'b' must be a whole number, not a string\n"
            "   2 | b = \"x\"\n"
            "     |     ^");
}

TEST(TomlEncoding, AByteOrderMarkIsSkipped) {
  TomlDocument document = parse(
      "\xef\xbb\xbf"
      "a = \"x\"\n");
  document.root().integer("a", 0);
  EXPECT_EQ(render(document.diagnostics()),
            "scenario.toml:1:5: error: 'a' must be a whole number, not a string\n"
            "   1 | a = \"x\"\n"
            "     |     ^");
}

TEST(TomlEncoding, TabsAndUmlautsKeepTheCaretInPlace) {
  TomlDocument document =
      parse("\tk =\t[1, \"x\"]\nt = { n = \"\xc3\xbc\xc3\xbc\",\tk = \"x\" }\n");
  document.root().numbers("k");
  document.root().table("t").integer("k", 0);
  EXPECT_EQ(render(document.diagnostics()),
            "scenario.toml:1:10: error: 'k' must hold finite numbers\n"
            "   1 | \tk =\t[1, \"x\"]\n"
            "     | \t   \t    ^\n"
            "scenario.toml:2:21: error: 't.k' must be a whole number, not a string\n"
            "   2 | t = { n = \"\xc3\xbc\xc3\xbc\",\tk = \"x\" }\n"
            "     |                \t    ^");
}

TEST(TomlEncoding, LettersBeyondAsciiBelongInQuotesAndComments) {
  TomlDocument good =
      parse("# \xc3\xbc\na = \"\xc3\xbc\"\n\"\xc3\xbc\" = 1\nb = \"\"\"x \\\n  \xc3\xbc\"\"\"\n");
  EXPECT_EQ(good.root().string("a", ""), "\xc3\xbc");
  EXPECT_EQ(good.root().string("b", ""), "x \xc3\xbc");
  EXPECT_EQ(good.root().integer("\xc3\xbc", 0), 1);
  EXPECT_THAT(good.diagnostics(), IsEmpty());
  for (const std::string text : {"\xc3\xbc = 1", "a\xc3\xbc = 1", "a = 5 \xc2\xb5s",
                                 "a = \xe2\x80\x9cx\xe2\x80\x9d", "a = [\xc3\xbc]",
                                 "a =\xc2\xa0"
                                 "5",
                                 "a = 1 \xe4\xb8\xad"}) {
    EXPECT_THAT(parse(text).diagnostics(), SizeIs(1)) << text;
  }
}

TEST(TomlEncoding, BytesThatAreNoUtf8AreAnErrorAtTheirLine) {
  for (const std::string bytes :
       {"\xff", "\xc3(", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    const std::vector<Diagnostic> found = parse("a = 1\nb = \"" + bytes + "\"\n").diagnostics();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].line, 2U) << render(found);
    EXPECT_EQ(parse("\n# " + bytes + "\n").diagnostics().size(), 1U);
  }
  EXPECT_THAT(parse(std::string("a = \"\0\"", 7)).diagnostics(), SizeIs(1));
}

const char* const kBase = R"(name = "base"
[scaler]
max_replicas = 50
[[fault]]
at = "1m"
[[fault]]
at = "2m"
)";

TEST(TomlSet, ReplacesAndAddsValues) {
  TomlDocument document = parse(kBase);
  document.set("name=\"other name\"");
  document.set("scaler.max_replicas=80");
  document.set("scaler.policy=hpa");      // a bare word is a string
  document.set("scaler.interval = 30s");  // and so is this, blanks around the sign or not
  document.set("policy.hpa.target_connections=1_000");  // tables are made on the way
  document.set("cluster.nodes={ count = 3 }");
  document.set("server.tls=true");
  document.set("server.share=.5");
  document.set("label=");
  document.set("equation=a=b");
  TomlTable root = document.root();
  EXPECT_EQ(root.string("name", ""), "other name");
  EXPECT_EQ(root.table("scaler").integer("max_replicas", 0), 80);
  EXPECT_EQ(root.table("scaler").string("policy", ""), "hpa");
  EXPECT_EQ(root.table("scaler").duration("interval", 0), 30 * kSecond);
  EXPECT_EQ(root.table("policy").table("hpa").integer("target_connections", 0), 1000);
  EXPECT_EQ(root.table("cluster").table("nodes").integer("count", 0), 3);
  EXPECT_TRUE(root.table("server").boolean("tls", false));
  EXPECT_EQ(root.string("label", "x"), "");
  EXPECT_EQ(root.string("equation", ""), "a=b");
  EXPECT_THAT(document.diagnostics(), IsEmpty()) << render(document.diagnostics());
}

TEST(TomlSet, ReachesElementsOfArraysByNumber) {
  TomlDocument document = parse(kBase);
  document.set("fault.1.at=3m");
  document.set("fault.0.where.node=n1");
  std::vector<TomlTable> faults = document.root().tables("fault");
  EXPECT_EQ(faults[0].duration("at", 0), kMinute);
  EXPECT_EQ(faults[0].table("where").string("node", ""), "n1");
  EXPECT_EQ(faults[1].duration("at", 0), 3 * kMinute);
  EXPECT_THAT(document.diagnostics(), IsEmpty());
}

TEST(TomlSet, LastOneWins) {
  TomlDocument document = parse(kBase);
  document.set("scaler.max_replicas=80");
  document.set("scaler.max_replicas=90");
  EXPECT_EQ(document.root().table("scaler").integer("max_replicas", 0), 90);
}

TEST(TomlSet, SaysWhatIsWrongWithAnAssignment) {
  const auto after = [](const std::string& assignment) {
    TomlDocument document = parse(kBase);
    const std::string before = document.text();
    document.set(assignment);
    EXPECT_EQ(document.text(), before) << assignment;  // nothing half done
    return render(document.diagnostics());
  };
  const std::string form = ": error: this is no assignment (write --set path.to.key=value)";
  for (const std::string text : {"", "name", "=5", " = 5", ".a=1", "a.=1", "a..b=1", "scaler.=1",
                                 "a b=1", "\"a\"=1", "a[0].b=1"}) {
    EXPECT_EQ(after(text), "--set " + text + form);
  }
  EXPECT_EQ(after("name.first=x"), "--set name.first=x: error: 'name' is not a table");
  EXPECT_EQ(after("fault.2.at=1m"),
            "--set fault.2.at=1m: error: 'fault' has no element 2 (they count from 0)");
  EXPECT_EQ(after("fault.first.at=1m"),
            "--set fault.first.at=1m: error: 'fault' has no element first (they count from 0)");
  EXPECT_EQ(after("fault.0x.at=1m"),
            "--set fault.0x.at=1m: error: 'fault' has no element 0x (they count from 0)");
  EXPECT_EQ(after("fault.at=1m"),
            "--set fault.at=1m: error: 'fault' is an array (write --set fault.0.key=value)");
  // What opens like a TOML value must be one.
  for (const std::string text : {"k=\"x", "k=[1, 2", "k={ a = 1", "k='x", "k=1\nj = 2"}) {
    EXPECT_THAT(after(text), HasSubstr("--set " + text + ": error: ")) << text;
  }
}

TEST(TomlSet, MistakesInItsValueNameTheOverrideNotTheFile) {
  TomlDocument document = parse(kBase);
  document.set("scaler.max_replicas=many");
  document.set("scaler.min_replicas=-1");
  document.set("scaler.polciy=hpa");
  TomlTable root = document.root();
  TomlTable scaler = root.table("scaler");
  scaler.integer("max_replicas", 1);
  scaler.integer("min_replicas", 1, {.min = 0});
  scaler.string("policy", "");
  scaler.finish();
  EXPECT_EQ(render(document.diagnostics()),
            "--set scaler.max_replicas=many: error: 'scaler.max_replicas' must be a whole number, "
            "not a string\n"
            "--set scaler.min_replicas=-1: error: 'scaler.min_replicas' must be at least 0, not "
            "-1\n"
            "--set scaler.polciy=hpa: error: unknown key 'polciy' in [scaler] (did you mean "
            "'policy'?)");
}

}  // namespace
}  // namespace wsfleet
