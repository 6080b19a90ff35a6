// SPDX-License-Identifier: Apache-2.0
#include "cluster/fault_section.h"

#include <gmock/gmock.h>

namespace wsfleet {
namespace {

using ::testing::HasSubstr;

struct FaultsRead {
  std::vector<Fault> faults;
  std::vector<Diagnostic> diagnostics;
};

FaultsRead read_text(const std::string& text) {
  TomlDocument document = TomlDocument::parse(text, "test.toml");
  FaultsRead result;
  result.faults = read_faults(document.root());
  result.diagnostics = document.diagnostics();
  return result;
}

std::string fault_mistake(const std::string& text) {
  const FaultsRead result = read_text(text);
  EXPECT_EQ(result.diagnostics.size(), 1U) << render(result.diagnostics);
  return render(result.diagnostics);
}

TEST(FaultSection, NoFaults) { EXPECT_TRUE(read_text("format = 1\n").faults.empty()); }

TEST(FaultSection, ReadsEveryKindSortedByTime) {
  const FaultsRead result = read_text(R"(
[[fault]]
at = "7m"
kind = "network_cut"
for = "30s"
count = 2
[[fault]]
at = "1m"
kind = "pod_kill"
count = 3
[[fault]]
at = "2m"
kind = "node_down"
for = "5m"
[[fault]]
at = "3m"
kind = "prometheus_outage"
for = "1m"
[[fault]]
at = "4m"
kind = "api_outage"
for = "1m"
[[fault]]
at = "5m"
kind = "redis_outage"
for = "1m"
[[fault]]
at = "6m"
kind = "slow_start"
for = "10m"
factor = 4
)");
  EXPECT_TRUE(result.diagnostics.empty()) << render(result.diagnostics);
  ASSERT_EQ(result.faults.size(), 7U);
  const FaultKind kinds[] = {FaultKind::pod_kill,          FaultKind::node_down,
                             FaultKind::prometheus_outage, FaultKind::api_outage,
                             FaultKind::redis_outage,      FaultKind::slow_start,
                             FaultKind::network_cut};
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(result.faults[i].kind, kinds[i]);
    EXPECT_EQ(result.faults[i].at, static_cast<TimeNs>(i + 1) * kMinute);
  }
  EXPECT_EQ(result.faults[0].count, 3);
  EXPECT_EQ(result.faults[1].duration, 5 * kMinute);
  EXPECT_EQ(result.faults[1].count, 1);
  EXPECT_EQ(result.faults[5].factor, 4);
  EXPECT_EQ(result.faults[6].duration, 30 * kSecond);
  EXPECT_EQ(result.faults[6].count, 2);
}

TEST(FaultSection, FaultsAtTheSameTimeKeepTheirOrder) {
  const FaultsRead result = read_text(R"(
fault = [ { at = "1s", kind = "pod_kill" }, { at = "1s", kind = "api_outage", for = "1s" } ]
)");
  ASSERT_EQ(result.faults.size(), 2U);
  EXPECT_EQ(result.faults[0].kind, FaultKind::pod_kill);
  EXPECT_EQ(result.faults[1].kind, FaultKind::api_outage);
}

// So that a fault's victims stay as they are when another one gets another time.
TEST(FaultSection, AFaultsIndexIsItsPlaceInTheFile) {
  const FaultsRead result = read_text(R"(
fault = [ { at = "9s", kind = "pod_kill" }, { at = "3s", kind = "pod_kill" },
          { at = "6s", kind = "pod_kill" } ]
)");
  ASSERT_EQ(result.faults.size(), 3U);
  EXPECT_EQ(result.faults[0].index, 1U);
  EXPECT_EQ(result.faults[1].index, 2U);
  EXPECT_EQ(result.faults[2].index, 0U);
}

TEST(FaultSection, RejectsKeysOfOtherKinds) {
  const std::string message =
      fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"pod_kill\"\nfor = \"3s\"\n");
  EXPECT_THAT(message, HasSubstr("test.toml:4:"));
  EXPECT_THAT(message, HasSubstr("it takes at, kind, count"));
  EXPECT_THAT(
      fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"api_outage\"\nfor = \"3s\"\ncount = 2\n"),
      HasSubstr("it takes at, kind, for"));
  EXPECT_THAT(
      fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"node_down\"\nfor = \"3s\"\nfactor = 2\n"),
      HasSubstr("'factor' does not apply to a fault of kind 'node_down'"));
}

TEST(FaultSection, NeedsWhatHasNoDefault) {
  EXPECT_THAT(fault_mistake("[[fault]]\nkind = \"pod_kill\"\n"), HasSubstr("needs 'at'"));
  EXPECT_THAT(fault_mistake("[[fault]]\nat = \"1s\"\ncount = 2\n"), HasSubstr("needs 'kind'"));
  EXPECT_THAT(fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"api_outage\"\n"),
              HasSubstr("needs 'for'"));
  EXPECT_THAT(fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"slow_start\"\nfor = \"1m\"\n"),
              HasSubstr("needs 'factor'"));
}

TEST(FaultSection, RejectsUnknownKindsAndKeys) {
  EXPECT_THAT(fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"pod_kil\"\nfor = \"1s\"\n"),
              HasSubstr("did you mean 'pod_kill'?"));
  EXPECT_THAT(fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"pod_kill\"\ncuont = 2\n"),
              HasSubstr("did you mean 'count'?"));
}

TEST(FaultSection, RejectsImpossibleValues) {
  EXPECT_THAT(fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"pod_kill\"\ncount = 0\n"),
              HasSubstr("at least 1"));
  EXPECT_THAT(fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"api_outage\"\nfor = \"0s\"\n"),
              HasSubstr("over 0s"));
  EXPECT_THAT(
      fault_mistake("[[fault]]\nat = \"1s\"\nkind = \"slow_start\"\nfor = \"1s\"\nfactor = 0\n"),
      HasSubstr("factor"));
  EXPECT_THAT(fault_mistake("fault = 3\n"), HasSubstr("array of tables"));
}

TEST(FaultSection, NamesAndBackends) {
  EXPECT_EQ(fault_kinds().size(), 7U);
  EXPECT_STREQ(fault_name(FaultKind::network_cut), "network_cut");
  for (const FaultKind kind : fault_kinds()) {
    const bool no_process = kind == FaultKind::node_down || kind == FaultKind::api_outage;
    EXPECT_TRUE(backend_honours("simulated", kind));
    EXPECT_EQ(backend_honours("local", kind), !no_process) << fault_name(kind);
    const bool by_its_api = kind == FaultKind::pod_kill || kind == FaultKind::prometheus_outage ||
                            kind == FaultKind::redis_outage;
    EXPECT_EQ(backend_honours("kubernetes", kind), by_its_api) << fault_name(kind);
    EXPECT_FALSE(backend_honours("elsewhere", kind));
  }
}

}  // namespace
}  // namespace wsfleet
