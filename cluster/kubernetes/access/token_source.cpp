// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/access/token_source.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>

#include "core/live/live_clock.h"

namespace wsfleet {

Result<std::string> read_credential(const std::string& path) {
  errno = 0;
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  // A folder opens as a file does, and then fails to read. An empty file sets failbit on `text`.
  if (file.is_open() && errno == 0) return text.str();
  return fail(ErrorKind::configuration,
              fmt::format("{} can't be read: {}", path, std::strerror(errno)));
}

std::string trimmed(const std::string& text) {
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

TokenSource token_from_file(const std::string& path, TimeNs read_again_after) {
  struct Kept {
    std::mutex mutex;
    std::string token;
    TimeNs read_at = 0;
  };
  return [path, read_again_after, kept = std::make_shared<Kept>()]() -> Result<std::string> {
    const std::lock_guard lock(kept->mutex);
    const TimeNs now = monotonic_now();
    if (!kept->token.empty() && now - kept->read_at < read_again_after) return kept->token;
    const auto text = read_credential(path);
    const std::string token = text ? trimmed(*text) : "";
    if (!token.empty()) {
      kept->token = token;
      kept->read_at = now;
    }
    if (!kept->token.empty()) return kept->token;
    if (!text) return tl::unexpected(text.error());
    return fail(ErrorKind::configuration, path + " holds no token");
  };
}

}  // namespace wsfleet
