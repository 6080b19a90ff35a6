// SPDX-License-Identifier: Apache-2.0
// What the fuzzer has learnt, replayed in every test run, and each input again with bytes changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "build_paths/source_dir.h"
#include "core/random.h"
#include "server/live/fuzz/connection_fuzzer.h"

namespace wsfleet {
namespace {

std::vector<std::string> corpus() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(WSFLEET_SOURCE_DIR "/server/live/fuzz/corpus")) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

TEST(FuzzCorpus, EveryInputLeavesTheServerWhole) {
  ConnectionFuzzer fuzzer;
  const auto inputs = corpus();
  ASSERT_GT(inputs.size(), 10U);
  for (const std::string& input : inputs) fuzzer.feed(input);
}

TEST(FuzzCorpus, SoDoInputsWithSomeBytesChanged) {
  ConnectionFuzzer fuzzer;
  const RandomStream stream(1, "fuzz.corpus");
  std::uint64_t key = 0;
  for (const std::string& input : corpus()) {
    for (int round = 0; round < 20; ++round, ++key) {
      std::string changed = input;
      for (std::uint32_t change = 0; change < 3 && changed.size() > 1; ++change) {
        const std::size_t at = 1 + stream.below(changed.size() - 1, key, 2 * change);
        changed[at] = static_cast<char>(stream.below(256, key, 2 * change + 1));
      }
      fuzzer.feed(changed);
    }
  }
}

}  // namespace
}  // namespace wsfleet
