// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/testing/server_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace wsfleet {
namespace {

std::vector<std::string> server_words(const std::vector<std::string>& options, int port) {
  std::vector<std::string> words = {WSFLEET_SERVER, "--listen", "127.0.0.1", "--port",
                                    std::to_string(port)};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

}  // namespace

std::string scratch_path(const std::string& name) {
  static int files = 0;
  return testing::TempDir() + "wsfleet-" + std::to_string(getpid()) + "-" +
         std::to_string(files++) + "-" + name;
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

ServerProcess::ServerProcess(std::vector<std::string> options, int port)
    : process_(server_words(options, port)) {
  const std::string marker = "listening on 127.0.0.1:";
  if (!process_.says(marker)) ADD_FAILURE() << process_.errors();
  const std::string line = process_.output();
  const std::size_t at = line.find(marker);
  if (at != std::string::npos) port_ = std::atoi(line.c_str() + at + marker.size());
}

std::string ServerProcess::url(const std::string& path) const {
  return "ws://127.0.0.1:" + std::to_string(port_) + path;
}

}  // namespace wsfleet
