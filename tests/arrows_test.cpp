// SPDX-License-Identifier: Apache-2.0
// Holds the tree's includes and CMake's links to the arrows between the folders, and shows that a
// wrong one is caught.
#include "tests/arrows.h"

#include <gtest/gtest.h>

#include "build_paths/source_dir.h"

namespace wsfleet {
namespace {

std::size_t includes_caught(const std::string& path, const std::string& text) {
  return include_findings({path, text}).size();
}

TEST(Arrows, LeadDownOnly) {
  EXPECT_TRUE(is_permitted("engine", "cluster"));
  EXPECT_TRUE(is_permitted("cluster", "loadgen"));
  EXPECT_FALSE(is_permitted("cluster", "engine"));
  EXPECT_FALSE(is_permitted("core", "loadgen"));
  EXPECT_FALSE(is_permitted("scaler", "cluster"));
}

TEST(Arrows, CatchAWrongInclude) {
  EXPECT_EQ(includes_caught("scaler/loop.cpp", "#include \"cluster/settings.h\"\n"), 1U);
  EXPECT_EQ(includes_caught("core/time.cpp", "  #  include \"loadgen/workload.h\"\n"), 1U);
  EXPECT_EQ(includes_caught("server/rules.cpp", "#include \"tests/arrows.h\"\n"), 1U);
  EXPECT_EQ(includes_caught("cluster/balancers/a.cpp", "#include \"cluster/simulated/pod.h\"\n"),
            1U);
  EXPECT_EQ(includes_caught("cluster/kubernetes/a.cpp", "#include \"cluster/local/local.h\"\n"),
            1U);
  EXPECT_EQ(includes_caught("cluster/local/a.cpp", "#include \"cluster/local/local.h\"\n"), 0U);
  EXPECT_EQ(includes_caught("new_folder/a.cpp", "\n"), 1U);
}

TEST(Arrows, LetAnExecutablesMainBringPartsTogether) {
  const std::string include = "#include \"cluster/balancers/balancer.h\"\n";
  EXPECT_EQ(includes_caught("loadgen/live/main.cpp", include), 0U);
  EXPECT_EQ(includes_caught("loadgen/live/load_run.cpp", include), 1U);
  EXPECT_EQ(includes_caught("loadgen/live/main.cpp", "#include \"tests/arrows.h\"\n"), 1U);
  EXPECT_EQ(includes_caught("loadgen/live/main.cpp", "#include <sqlite3.h>\n"), 1U);
  const SourceFile cluster{"cluster/CMakeLists.txt", "wsfleet_library(cluster SOURCES a.cpp)\n"};
  const auto caught = [&](const std::string& text) {
    return link_findings({cluster, {"loadgen/CMakeLists.txt", text}}).size();
  };
  EXPECT_EQ(caught("add_executable(gen main.cpp)\n"
                   "target_link_libraries(gen PRIVATE wsfleet_cluster)\n"),
            0U);
  EXPECT_EQ(caught("wsfleet_library(gen SOURCES a.cpp)\n"
                   "target_link_libraries(wsfleet_gen PRIVATE wsfleet_cluster)\n"),
            1U);
}

TEST(Arrows, CatchALibraryOutsideItsOwner) {
  EXPECT_EQ(includes_caught("engine/experiment/run.cpp", "#include <simgrid/s4u.hpp>\n"), 1U);
  EXPECT_EQ(includes_caught("loadgen/workload_section.cpp", "#include <toml++/toml.h>\n"), 1U);
  EXPECT_EQ(includes_caught("scaler/a_test.cpp", "#include <simgrid/s4u.hpp>\n"), 1U);
}

TEST(Arrows, CatchAPolicyThatReachesOut) {
  EXPECT_EQ(includes_caught("scaler/policies/hpa.cpp", "#include \"core/seam/seam.h\"\n"), 1U);
  EXPECT_EQ(includes_caught("scaler/policies/hpa.cpp", "#include <fstream>\n"), 1U);
  for (const char* header : {"core/live/live_clock.h", "core/random.h", "core/live/entropy.h",
                             "core/stopwatch.h", "core/seam/seam.h"}) {
    const std::string line = std::string("#include \"") + header + "\"\n";
    EXPECT_EQ(includes_caught("scaler/policies/hpa.cpp", line), 1U) << header;
  }
}

TEST(Arrows, LetRightIncludesPass) {
  EXPECT_EQ(includes_caught("engine/experiment/run.cpp", "#include \"cluster/settings.h\"\n"), 0U);
  EXPECT_EQ(
      includes_caught("scaler/loop.cpp", "#include \"core/seam/seam.h\"\n#include <vector>\n"), 0U);
  EXPECT_EQ(includes_caught("core/toml/toml_document.cpp", "#include <toml++/toml.h>\n"), 0U);
  EXPECT_EQ(includes_caught("cluster/simulated/a.cpp", "#include <simgrid/s4u.hpp>\n"), 0U);
  EXPECT_EQ(includes_caught("tests/a_test.cpp", "#include \"engine/experiment/run.h\"\n"), 0U);
}

TEST(Arrows, CatchAWrongLink) {
  const SourceFile core{"core/CMakeLists.txt", "wsfleet_library(core SOURCES a.cpp)\n"};
  const SourceFile engine{"engine/CMakeLists.txt", "wsfleet_library(engine SOURCES a.cpp)\n"};
  const auto caught = [&](const std::string& text) {
    return link_findings({core, engine, {"scaler/CMakeLists.txt", text}}).size();
  };
  EXPECT_EQ(caught("wsfleet_library(scaler LINKS PUBLIC wsfleet_engine TESTS a_test.cpp)\n"), 1U);
  EXPECT_EQ(caught("target_link_libraries(wsfleet_scaler PRIVATE wsfleet_engine)\n"), 1U);
  EXPECT_EQ(caught("wsfleet_library(scaler LINKS PRIVATE PkgConfig::SIMGRID)\n"), 1U);
  EXPECT_EQ(caught("wsfleet_library(scaler LINKS PUBLIC wsfleet_core)  # wsfleet_engine\n"), 0U);
  EXPECT_EQ(caught("wsfleet_library(scaler LINKS PUBLIC wsfleet_core TEST_LINKS wsfleet_engine)\n"),
            0U);
}

TEST(Arrows, CatchSimGridInAnInterface) {
  const auto caught = [](const std::string& visibility) {
    return link_findings({{"cluster/CMakeLists.txt", "wsfleet_library(simulated LINKS " +
                                                         visibility + " PkgConfig::SIMGRID)\n"}})
        .size();
  };
  EXPECT_EQ(caught("PUBLIC"), 1U);
  EXPECT_EQ(caught("PRIVATE"), 0U);
}

TEST(Arrows, HoldForTheWholeTree) {
  std::vector<SourceFile> cmake_files;
  std::vector<Finding> findings;
  std::size_t looked_at = 0;
  for (const SourceFile& file : read_source_tree(WSFLEET_SOURCE_DIR)) {
    if (file.name() == "CMakeLists.txt" && !file.folder().empty()) cmake_files.push_back(file);
    const auto found = include_findings(file);
    findings.insert(findings.end(), found.begin(), found.end());
    looked_at += is_cpp(file) ? 1 : 0;
  }
  const auto found = link_findings(cmake_files);
  findings.insert(findings.end(), found.begin(), found.end());
  ASSERT_GT(looked_at, 30U) << "the source tree was not found";
  EXPECT_TRUE(findings.empty()) << describe(findings);
}

}  // namespace
}  // namespace wsfleet
