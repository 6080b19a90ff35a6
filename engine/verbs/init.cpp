// SPDX-License-Identifier: Apache-2.0
// `wsfleet init`: a scenario to start from, commented, or a copy of a bundled one. Never
// overwrites.
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/log.h"
#include "engine/scenario/find_scenario.h"
#include "engine/verbs/common.h"
#include "engine/verbs/init_template.h"
#include "results/record/files.h"

namespace wsfleet {
namespace {

/// The file's stem in small letters, as a scenario's name must be.
std::string scenario_name(const std::string& path) {
  std::string name;
  for (const char c : std::filesystem::path(path).stem().string()) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (upper) {
      name += static_cast<char>(c - 'A' + 'a');
    } else if (fits) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "scenario" : name;
}

std::string filled_template(const std::string& path) {
  std::string text = kInitTemplate;
  const std::string placeholder = "NAME";
  return text.replace(text.find("\"" + placeholder + "\"") + 1, placeholder.size(),
                      scenario_name(path));
}

Result<std::string> text_for(const InitOptions& options) {
  if (options.from.empty()) return filled_template(options.path);
  const std::string source = find_scenario(options.from);
  Result<std::string> text = read_text_file(source);
  if (text) return text;
  return fail(ErrorKind::usage, fmt::format("{}; bundled scenarios: {}", text.error().message,
                                            fmt::join(bundled_scenarios(), ", ")));
}

/// O_EXCL: whoever else creates it meanwhile wins. What could not be written whole is removed.
Result<void> write_new(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0 && errno == EEXIST) {
    return fail(ErrorKind::usage, path + " already exists and is left as it is");
  }
  if (file < 0) return tl::unexpected(file_error("write", path, errno));
  const ssize_t written = write(file, text.data(), text.size());
  const int error_number = errno;
  close(file);
  if (written == static_cast<ssize_t>(text.size())) return {};
  unlink(path.c_str());
  return tl::unexpected(file_error("write", path, written < 0 ? error_number : ENOSPC));
}

}  // namespace

int init(const InitOptions& options, const Terminal& terminal) {
  const Result<std::string> text = text_for(options);
  if (!text) return tell(text.error());
  const Result<void> written = write_new(options.path, *text);
  if (!written) return tell(written.error());
  if (!terminal.quiet) {
    print(fmt::format("{} written; next: wsfleet run {}\n", options.path, options.path));
  }
  return 0;
}

}  // namespace wsfleet
