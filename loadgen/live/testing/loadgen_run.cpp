// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/testing/loadgen_run.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "loadgen/live/testing/server_process.h"

namespace wsfleet {
namespace {

/// GET /metrics of 127.0.0.1.
std::string scrape(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string text;
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    send(socket, request.data(), request.size(), MSG_NOSIGNAL);
    char chunk[4096];
    for (ssize_t size = 0; (size = recv(socket, chunk, sizeof chunk, 0)) > 0;) {
      text.append(chunk, static_cast<std::size_t>(size));
    }
  }
  close(socket);
  return text;
}

}  // namespace

double LoadgenRun::score(const std::string& name) const {
  const auto& scores = json.at("scores");
  EXPECT_TRUE(scores.contains(name)) << name;
  return scores.at(name).is_null() ? -1 : scores.at(name).get<double>();
}

std::vector<std::string> loadgen_words(const std::vector<std::string>& words) {
  std::vector<std::string> all = {WSFLEET_LOADGEN};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

LoadgenRun run_loadgen(std::vector<std::string> words, int descriptors) {
  const std::string path = scratch_path("out.json");
  words.insert(words.end(), {"--json", path, "-q"});
  ChildProcess process(loadgen_words(words),
                       {.descriptor_limit = static_cast<std::size_t>(descriptors)});
  LoadgenRun run;
  run.status = process.wait().value_or(-1);
  run.errors = process.errors();
  run.json = nlohmann::json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
  unlink(path.c_str());
  if (run.json.is_discarded()) {
    ADD_FAILURE() << "no JSON; status " << run.status << ", stderr: " << run.errors;
    run.json = {{"scores", nlohmann::json::object()}};
  } else {
    EXPECT_EQ(run.json["balanced"], true) << run.json["warnings"];
  }
  return run;
}

std::string wait_for_metric(ChildProcess& loadgen, const std::string& line) {
  const std::string marker = "metrics on http://127.0.0.1:";
  if (!loadgen.says(marker)) ADD_FAILURE() << loadgen.errors();
  const std::string told = loadgen.errors();
  const int port = std::atoi(told.c_str() + told.find(marker) + marker.size());
  std::string metrics;
  for (int i = 0; i < 300; ++i) {
    metrics = scrape(port);
    if (metrics.find("\n" + line + "\n") != std::string::npos) return metrics;
    poll(nullptr, 0, 100);
  }
  ADD_FAILURE() << "no line '" << line << "' in:\n" << metrics << loadgen.errors();
  return metrics;
}

}  // namespace wsfleet
