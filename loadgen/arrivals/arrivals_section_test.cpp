// SPDX-License-Identifier: Apache-2.0
#include "loadgen/arrivals/arrivals_section.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

struct ArrivalsReading {
  ArrivalSettings arrivals;
  std::vector<Diagnostic> diagnostics;
};

/// `keys` are the lines below [workload.arrivals], which is line 1.
ArrivalsReading read_keys(const std::string& keys, const std::string& directory = "") {
  TomlDocument document = TomlDocument::parse("[workload.arrivals]\n" + keys, "s.toml");
  ArrivalsReading reading;
  reading.arrivals = read_arrivals(document.root().table("workload").table("arrivals"), directory);
  reading.diagnostics = document.diagnostics();
  return reading;
}

ArrivalSettings valid_arrivals(const std::string& keys, const std::string& directory = "") {
  const ArrivalsReading reading = read_keys(keys, directory);
  EXPECT_EQ(render(reading.diagnostics), "") << keys;
  return reading.arrivals;
}

std::string arrival_errors(const std::string& keys, const std::string& directory = "") {
  return render(read_keys(keys, directory).diagnostics);
}

TEST(ArrivalsSection, Constant) {
  const ArrivalSettings arrivals = valid_arrivals("shape = \"constant\"\nrate = 2.5\n");
  EXPECT_EQ(arrivals.shape, ArrivalShape::constant);
  EXPECT_EQ(arrivals.rate, 2.5);
}

TEST(ArrivalsSection, Diurnal) {
  const ArrivalSettings arrivals = valid_arrivals(
      "shape = \"diurnal\"\nmean = 1282\nswing = 0.3\nperiod = \"12h\"\npeak_at = \"20h\"\n");
  EXPECT_EQ(arrivals.shape, ArrivalShape::diurnal);
  EXPECT_EQ(arrivals.mean, 1282);
  EXPECT_EQ(arrivals.swing, 0.3);
  EXPECT_EQ(arrivals.period, 12 * kHour);
  EXPECT_EQ(arrivals.peak_at, 20 * kHour);
}

TEST(ArrivalsSection, Flash) {
  const ArrivalSettings arrivals = valid_arrivals(
      "shape = \"flash\"\nbase = 1.0\npeak = 40.0\nstart = \"10m\"\nrise = \"2m\"\n"
      "hold = \"3m\"\ndecay = \"10m\"\n");
  EXPECT_EQ(arrivals.shape, ArrivalShape::flash);
  EXPECT_EQ(arrivals.base, 1);
  ASSERT_EQ(arrivals.flashes.size(), 1U);
  EXPECT_EQ(arrivals.flashes[0].peak, 40);
  EXPECT_EQ(arrivals.flashes[0].start, 10 * kMinute);
  EXPECT_EQ(arrivals.flashes[0].rise, 2 * kMinute);
  EXPECT_EQ(arrivals.flashes[0].hold, 3 * kMinute);
  EXPECT_EQ(arrivals.flashes[0].decay, 10 * kMinute);
}

TEST(ArrivalsSection, SpikesInline) {
  const ArrivalSettings arrivals = valid_arrivals(
      "shape = \"spikes\"\nbase = 2\n"
      "spikes = [{ peak = 20, start = \"10m\", hold = \"5m\" },\n"
      "          { peak = 30, start = \"20m\", rise = \"1m\", decay = \"2m\" }]\n");
  EXPECT_EQ(arrivals.shape, ArrivalShape::spikes);
  EXPECT_EQ(arrivals.base, 2);
  ASSERT_EQ(arrivals.flashes.size(), 2U);
  EXPECT_EQ(arrivals.flashes[0].hold, 5 * kMinute);
  EXPECT_EQ(arrivals.flashes[0].rise, 0);
  EXPECT_EQ(arrivals.flashes[1].peak, 30);
  EXPECT_EQ(arrivals.flashes[1].decay, 2 * kMinute);
}

TEST(ArrivalsSection, SpikesAsTables) {
  const ArrivalSettings arrivals = valid_arrivals(
      "shape = \"spikes\"\n"
      "[[workload.arrivals.spikes]]\npeak = 20\nstart = \"10m\"\nhold = \"5m\"\n"
      "[[workload.arrivals.spikes]]\npeak = 30\nstart = \"20m\"\nrise = \"1m\"\n");
  EXPECT_EQ(arrivals.base, 0);
  ASSERT_EQ(arrivals.flashes.size(), 2U);
  EXPECT_EQ(arrivals.flashes[1].start, 20 * kMinute);
}

TEST(ArrivalsSection, Steps) {
  const ArrivalSettings arrivals = valid_arrivals(
      "shape = \"steps\"\nsteps = [{ at = \"0s\", rate = 1 }, { at = \"10m\", rate = 0.5 }]\n");
  EXPECT_EQ(arrivals.shape, ArrivalShape::steps);
  ASSERT_EQ(arrivals.steps.size(), 2U);
  EXPECT_EQ(arrivals.steps[1].at, 10 * kMinute);
  EXPECT_EQ(arrivals.steps[1].rate, 0.5);
}

TEST(ArrivalsSection, EveryShapeHasAWord) {
  std::vector<std::string> names = arrival_shape_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  const std::vector<ArrivalShape> shapes = arrival_shapes();
  for (int i = 0; i <= static_cast<int>(ArrivalShape::trace); ++i) {
    EXPECT_EQ(std::count(shapes.begin(), shapes.end(), static_cast<ArrivalShape>(i)), 1) << i;
  }
}

TEST(ArrivalsSection, AnUnknownShapeDoesNotMakeItsKeysMistakes) {
  EXPECT_EQ(arrival_errors("shape = \"flsh\"\nbase = 1\npeek = 2\n"),
            "s.toml:2:9: error: 'workload.arrivals.shape' must be one of constant, diurnal, "
            "flash, spikes, steps, trace, not 'flsh'\n"
            "   2 | shape = \"flsh\"\n"
            "     |         ^ did you mean 'flash'?\n"
            "s.toml:4:1: error: unknown key 'peek' in [workload.arrivals]\n"
            "   4 | peek = 2\n"
            "     | ^");
}

TEST(ArrivalsSection, KeysOfAnotherShape) {
  EXPECT_EQ(arrival_errors("rate = 3\npeak = 4\nbase = 2\nraet = 1\n"),
            "s.toml:3:8: error: key 'peak' does not apply to shape 'constant'\n"
            "   3 | peak = 4\n"
            "     |        ^ it belongs to shape 'flash'\n"
            "s.toml:4:8: error: key 'base' does not apply to shape 'constant'\n"
            "   4 | base = 2\n"
            "     |        ^ it belongs to shape 'flash' or 'spikes'\n"
            "s.toml:5:1: error: unknown key 'raet' in [workload.arrivals]\n"
            "   5 | raet = 1\n"
            "     | ^ did you mean 'rate'?");
}

TEST(ArrivalsSection, ImpossibleRates) {
  EXPECT_EQ(arrival_errors("rate = -1\n"),
            "s.toml:2:8: error: 'workload.arrivals.rate' must be at least 0, not -1\n"
            "   2 | rate = -1\n"
            "     |        ^");
  EXPECT_EQ(arrival_errors("rate = 1e7\n"),
            "s.toml:2:8: error: 'workload.arrivals.rate' must be at most 1000000, not 10000000\n"
            "   2 | rate = 1e7\n"
            "     |        ^");
}

TEST(ArrivalsSection, ImpossibleDays) {
  EXPECT_EQ(
      arrival_errors("shape = \"diurnal\"\nmean = -1\nswing = 1.5\nperiod = \"1s\"\npeak_at = 4\n"),
      "s.toml:3:8: error: 'workload.arrivals.mean' must be at least 0, not -1\n"
      "   3 | mean = -1\n"
      "     |        ^\n"
      "s.toml:4:9: error: 'workload.arrivals.swing' must be at most 1, not 1.5\n"
      "   4 | swing = 1.5\n"
      "     |         ^\n"
      "s.toml:5:10: error: 'workload.arrivals.period' must be at least 1m, not 1s\n"
      "   5 | period = \"1s\"\n"
      "     |          ^\n"
      "s.toml:6:11: error: 'workload.arrivals.peak_at' must be a duration in quotes like "
      "\"15s\", not an integer\n"
      "   6 | peak_at = 4\n"
      "     |           ^ did you mean \"4s\"?");
  EXPECT_NE(arrival_errors("shape = \"diurnal\"\nswing = -0.1\n"), "");
}

TEST(ArrivalsSection, ImpossibleFlashes) {
  EXPECT_EQ(arrival_errors("shape = \"flash\"\nbase = 10\npeak = 5\nstart = \"1m\"\n"),
            "s.toml:1:1: error: the flash of [workload.arrivals] lasts no time\n"
            "   1 | [workload.arrivals]\n"
            "     | ^ set 'rise', 'hold' or 'decay'\n"
            "s.toml:4:8: error: 'workload.arrivals.peak' is 5, below the base of 10\n"
            "   4 | peak = 5\n"
            "     |        ^");
  EXPECT_EQ(arrival_errors("shape = \"flash\"\nrise = \"1m\"\n"),
            "s.toml:1:1: error: [workload.arrivals] needs 'peak'\n"
            "   1 | [workload.arrivals]\n"
            "     | ^\n"
            "s.toml:1:1: error: [workload.arrivals] needs 'start'\n"
            "   1 | [workload.arrivals]\n"
            "     | ^");
}

TEST(ArrivalsSection, OneMistakeIsReportedOnce) {
  // Neither a missing comparison's value nor a wrong length leads to a second error.
  EXPECT_EQ(read_keys("shape = \"flash\"\nbase = 5\npeak = \"x\"\nstart = \"1m\"\nrise = \"1m\"\n")
                .diagnostics.size(),
            1U);
  EXPECT_EQ(read_keys("shape = \"flash\"\nbase = -5\npeak = 0\nstart = \"1m\"\nrise = \"1m\"\n")
                .diagnostics.size(),
            1U);
  EXPECT_EQ(read_keys("shape = \"flash\"\npeak = 9\nstart = \"1m\"\nrise = 5\n").diagnostics.size(),
            1U);
  EXPECT_EQ(read_keys("shape = \"trace\"\nfile = 5\n").diagnostics.size(), 1U);
}

TEST(ArrivalsSection, ImpossibleSpikes) {
  EXPECT_EQ(
      arrival_errors("shape = \"spikes\"\nbase = 2\n"
                     "[[workload.arrivals.spikes]]\npeak = 1\nstart = \"5m\"\nhold = \"1m\"\n"
                     "[[workload.arrivals.spikes]]\nstart = \"5m\"\nrise = \"1m\"\nwidth = 3\n"),
      "s.toml:5:8: error: 'workload.arrivals.spikes[0].peak' is 1, below the base of 2\n"
      "   5 | peak = 1\n"
      "     |        ^\n"
      "s.toml:8:1: error: [workload.arrivals.spikes[1]] needs 'peak'\n"
      "   8 | [[workload.arrivals.spikes]]\n"
      "     | ^\n"
      "s.toml:11:1: error: unknown key 'width' in [workload.arrivals.spikes[1]]\n"
      "  11 | width = 3\n"
      "     | ^");
}

TEST(ArrivalsSection, ImpossibleSteps) {
  EXPECT_EQ(arrival_errors("shape = \"steps\"\n"
                           "steps = [{ at = \"5m\", rate = 1 },\n"
                           "         { at = \"5m\", rate = -1 },\n"
                           "         { rate = 3, foo = 1 }]\n"),
            "s.toml:4:17: error: 'workload.arrivals.steps[1].at' is 5m, it must come after the 5m "
            "of the step before\n"
            "   4 |          { at = \"5m\", rate = -1 },\n"
            "     |                 ^\n"
            "s.toml:4:30: error: 'workload.arrivals.steps[1].rate' must be at least 0, not -1\n"
            "   4 |          { at = \"5m\", rate = -1 },\n"
            "     |                              ^\n"
            "s.toml:5:10: error: [workload.arrivals.steps[2]] needs 'at'\n"
            "   5 |          { rate = 3, foo = 1 }]\n"
            "     |          ^\n"
            "s.toml:5:22: error: unknown key 'foo' in [workload.arrivals.steps[2]]\n"
            "   5 |          { rate = 3, foo = 1 }]\n"
            "     |                      ^");
}

TEST(ArrivalsSection, ListsMustNotBeEmptyOrMissing) {
  for (const std::string key : {"steps", "spikes"}) {
    EXPECT_EQ(arrival_errors("shape = \"" + key + "\"\n"),
              "s.toml:1:1: error: [workload.arrivals] needs '" + key + "'\n" +
                  "   1 | [workload.arrivals]\n     | ^");
    EXPECT_NE(
        arrival_errors("shape = \"" + key + "\"\n" + key + " = []\n").find("at least one in it"),
        std::string::npos);
  }
}

class TraceSection : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = (fs::path(testing::TempDir()) / (std::string("section_") + test->name())).string();
    fs::create_directories(directory_ + "/traces");
    std::ofstream(directory_ + "/traces/day.csv") << "time_s,arrivals\n0,30\n60,90\n";
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::string directory_;
};

TEST_F(TraceSection, ReadsTheFileBesideTheScenario) {
  const ArrivalSettings arrivals = valid_arrivals(
      "shape = \"trace\"\nfile = \"traces/day.csv\"\nrate_scale = 2.0\ntime_scale = 0.5\n"
      "offset = \"30s\"\n",
      directory_);
  EXPECT_EQ(arrivals.shape, ArrivalShape::trace);
  ASSERT_EQ(arrivals.trace.size(), 2U);
  EXPECT_EQ(arrivals.trace[1].arrivals, 90);
  EXPECT_EQ(arrivals.rate_scale, 2);
  EXPECT_EQ(arrivals.time_scale, 0.5);
  EXPECT_EQ(arrivals.offset, 30 * kSecond);
  EXPECT_EQ(arrivals.peak_concurrent, 0);
}

TEST_F(TraceSection, TakesAnAbsolutePath) {
  const std::string file = fs::absolute(directory_ + "/traces/day.csv").string();
  EXPECT_EQ(
      valid_arrivals("shape = \"trace\"\nfile = \"" + file + "\"\n", "elsewhere").trace.size(), 2U);
}

TEST_F(TraceSection, ReadsThePeak) {
  const ArrivalSettings arrivals = valid_arrivals(
      "shape = \"trace\"\nfile = \"traces/day.csv\"\npeak_concurrent = 20000\n", directory_);
  EXPECT_EQ(arrivals.peak_concurrent, 20000);
}

TEST_F(TraceSection, MistakesOfTheFileAreTiedToTheKey) {
  const std::string path = directory_ + "/traces/bad.csv";
  std::ofstream(path) << "time_s,arrivals\n60,many\n30,-2\n";
  EXPECT_EQ(arrival_errors("shape = \"trace\"\nfile = \"traces/bad.csv\"\n", directory_),
            "s.toml:3:8: error: 'workload.arrivals.file': " + path +
                ":2: arrivals is 'many', which is not a number\n"
                "   3 | file = \"traces/bad.csv\"\n"
                "     |        ^\n"
                "s.toml:3:8: error: 'workload.arrivals.file': " +
                path +
                ":3: arrivals is -2, it can't be negative\n"
                "   3 | file = \"traces/bad.csv\"\n"
                "     |        ^\n"
                "s.toml:3:8: error: 'workload.arrivals.file': " +
                path +
                ":3: time_s is 30, it must come after the 60 of the row before\n"
                "   3 | file = \"traces/bad.csv\"\n"
                "     |        ^");
}

TEST_F(TraceSection, MissingFileAndMissingKey) {
  EXPECT_EQ(arrival_errors("shape = \"trace\"\nfile = \"gone.csv\"\n", directory_),
            "s.toml:3:8: error: 'workload.arrivals.file': " + directory_ +
                "/gone.csv: there is no such file\n"
                "   3 | file = \"gone.csv\"\n"
                "     |        ^");
  EXPECT_EQ(arrival_errors("shape = \"trace\"\n"),
            "s.toml:1:1: error: [workload.arrivals] needs 'file'\n"
            "   1 | [workload.arrivals]\n"
            "     | ^");
  EXPECT_EQ(arrival_errors("shape = \"trace\"\nfile = \"\"\n"),
            "s.toml:3:8: error: 'workload.arrivals.file' names no file\n"
            "   3 | file = \"\"\n"
            "     |        ^");
}

TEST_F(TraceSection, ImpossibleScales) {
  EXPECT_EQ(arrival_errors("shape = \"trace\"\nfile = \"traces/day.csv\"\nrate_scale = 0\n"
                           "time_scale = -1\n",
                           directory_),
            "s.toml:4:14: error: 'workload.arrivals.rate_scale' must be over 0, not 0\n"
            "   4 | rate_scale = 0\n"
            "     |              ^\n"
            "s.toml:5:14: error: 'workload.arrivals.time_scale' must be over 0, not -1\n"
            "   5 | time_scale = -1\n"
            "     |              ^");
  EXPECT_EQ(
      arrival_errors("shape = \"trace\"\nfile = \"traces/day.csv\"\nrate_scale = 1e6\n",
                     directory_),
      "s.toml:4:14: error: the trace reaches 1500000 sessions per second, the most is 1000000\n"
      "   4 | rate_scale = 1e6\n"
      "     |              ^ scale it down by 'rate_scale' or 'peak_concurrent'");
}

TEST_F(TraceSection, PeakAndRateScaleExcludeEachOther) {
  EXPECT_EQ(arrival_errors("shape = \"trace\"\nfile = \"traces/day.csv\"\nrate_scale = 2\n"
                           "peak_concurrent = 100\n",
                           directory_),
            "s.toml:5:19: error: 'workload.arrivals.peak_concurrent' chooses a scale of the rate, "
            "it can't stand beside 'workload.arrivals.rate_scale'\n"
            "   5 | peak_concurrent = 100\n"
            "     |                   ^ remove one of them");
}

TEST_F(TraceSection, AnOffsetBeyondTheEnd) {
  EXPECT_EQ(arrival_errors("shape = \"trace\"\nfile = \"traces/day.csv\"\ntime_scale = 2\n"
                           "offset = \"4m\"\n",
                           directory_),
            "s.toml:5:10: error: 'workload.arrivals.offset' is 4m, but the scaled trace ends after "
            "4m\n"
            "   5 | offset = \"4m\"\n"
            "     |          ^");
}

}  // namespace
}  // namespace wsfleet
