// SPDX-License-Identifier: Apache-2.0
// Holds the whole tree to the rules of tidy_rules.h, and shows for each rule that it catches what
// it is there for.
#include <gtest/gtest.h>

#include <map>

#include "build_paths/source_dir.h"
#include "tests/tidy_rules.h"

namespace wsfleet {
namespace {

constexpr const char* kLicence = "// SPDX-License-Identifier: Apache-2.0\n";

std::vector<Finding> findings_in(const std::string& path, const std::string& body) {
  return tidy_findings({path, kLicence + plain(body)});
}

struct BadInput {
  const char* rule;
  std::string path;
  std::string body;
};

class TidyCatches : public testing::TestWithParam<BadInput> {};

TEST_P(TidyCatches, IsReportedOnce) {
  const auto findings = findings_in(GetParam().path, GetParam().body);
  EXPECT_EQ(findings.size(), 1U) << describe(findings);
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

INSTANTIATE_TEST_SUITE_P(
    Rules, TidyCatches,
    testing::Values(
        BadInput{"NoPragmaOnce", "core/a.h", "// Purpose.\n// More.\n"},
        BadInput{"NoPurpose", "core/a.h", "#pragma once\n\nint a();\n"},
        BadInput{"TooManyLines", "core/a.cpp", repeated("int a;\n", kMaxLines)},
        BadInput{"TooManyColumns", "core/a.cpp", "// " + repeated("x", kMaxColumns) + "\n"},
        BadInput{"LuaWithoutPurpose", "cluster/a.lua", "local M = {}\nreturn M\n"},
        BadInput{"TooManyColumnsOfLua", "cluster/a.lua",
                 "-- Purpose.\n-- " + repeated("x", kMaxColumns) + "\n"},
        BadInput{"CamelCaseFile", "core/TimeSource.cpp", ""},
        BadInput{"SteadyClock", "scaler/a.cpp", "auto t = std::chrono::steady_@clock::now();\n"},
        BadInput{"SystemClock", "engine/a.cpp", "auto t = std::chrono::system_@clock::now();\n"},
        BadInput{"FineClock", "engine/a.cpp", "using C = high_resolution_@clock;\n"},
        BadInput{"RandomDevice", "loadgen/a.cpp", "std::random_@device d;\n"},
        BadInput{"Distribution", "loadgen/a.cpp", "std::normal_distri@bution<double> d;\n"},
        BadInput{"Rand", "loadgen/a.cpp", "int x = ra@nd() % 6;\n"},
        BadInput{"Sleep", "results/a.cpp", "std::this@_thread::sleep_for(1s);\n"},
        BadInput{"Unfinished", "core/a.cpp", "// TO@DO: later\n"},
        BadInput{"UnfinishedDocs", "docs/a.md", "FIX@ME\n"},
        BadInput{"SkippedTest", "core/a_test.cpp", "  GTEST_@SKIP();\n"},
        BadInput{"DisabledTest", "core/a_test.cpp", "TEST(A, DISABLED@_B) {}\n"},
        BadInput{"Fork", "engine/a.cpp", "const pid_t pid = fo@rk();\n"},
        BadInput{"Exec", "engine/a_test.cpp", "  ::exec@v(path, words);\n"},
        BadInput{"SnakeCaseTest", "core/a_test.cpp", "TEST(A, it_holds) {}\n"},
        BadInput{"SuiteCalledTest", "core/a_test.cpp", "TEST_F(FleetTest, Holds) {}\n"},
        BadInput{"HelperElsewhere", "core/a.cpp", "#include <@gtest/gtest.h>\n"},
        BadInput{"MachinePath", "core/a.cpp", "open(\"/tm@p/x\");\n"},
        BadInput{"MachinePathInDocs", "docs/a.md", "cd /wo@rk/main\n"}),
    [](const auto& input) { return std::string(input.param.rule); });

TEST(Tidy, CatchesAMissingLicenceLine) {
  const auto findings = tidy_findings({"dev", "#!/usr/bin/env bash\necho\n"});
  EXPECT_EQ(findings.size(), 1U) << describe(findings);
}

TEST(Tidy, LetsGoodFilesPass) {
  EXPECT_EQ(
      describe(findings_in("core/clock.cpp", "auto t = std::chrono::steady_@clock::now();\n")), "");
  EXPECT_EQ(describe(findings_in("cluster/simulated/a.cpp",
                                 "sg4::this_actor::sleep_for(1); clock.sleep_until(t);\n")),
            "");
  EXPECT_EQ(describe(findings_in("core/a.h", "#pragma once\n// Purpose.\nint operand(int a);\n")),
            "");
  EXPECT_EQ(describe(findings_in("tests/a.sh", "d=$(mktemp -d x.XXXXXX); ls \"${d}/tm@p\"\n")), "");
}

// A folder that fills up has parts, and they have names already.
TEST(Tidy, AReaderTakesInAFolder) {
  constexpr std::size_t kMostFiles = 30;
  std::map<std::string, std::size_t> files;
  for (const SourceFile& file : read_source_tree(WSFLEET_SOURCE_DIR)) {
    if (is_cpp(file)) ++files[file.path.substr(0, file.path.rfind('/'))];
  }
  EXPECT_GT(files.size(), 30U);
  for (const auto& [folder, count] : files) EXPECT_LE(count, kMostFiles) << folder;
}

TEST(Tidy, HoldsForTheWholeTree) {
  const auto files = read_source_tree(WSFLEET_SOURCE_DIR);
  ASSERT_GT(files.size(), 50U) << "the source tree was not found";
  std::vector<Finding> findings;
  for (const SourceFile& file : files) {
    const auto found = tidy_findings(file);
    findings.insert(findings.end(), found.begin(), found.end());
  }
  EXPECT_TRUE(findings.empty()) << describe(findings);
}

}  // namespace
}  // namespace wsfleet
