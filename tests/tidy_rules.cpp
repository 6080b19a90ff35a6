// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy_rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>

namespace wsfleet {
namespace {

using Findings = std::vector<Finding>;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Where `word` stands in `line` with no letter, digit or '_' on either side that is one too.
std::size_t find_word(std::string_view line, std::string_view word, std::size_t from = 0) {
  for (std::size_t at = line.find(word, from); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const bool joined_before = at > 0 && is_word(line[at - 1]) && is_word(word.front());
    const std::size_t end = at + word.size();
    const bool joined_after = end < line.size() && is_word(line[end]) && is_word(word.back());
    if (!joined_before && !joined_after) return at;
  }
  return std::string_view::npos;
}

bool has_word(std::string_view line, std::string_view word) {
  return find_word(line, word) != std::string_view::npos;
}

/// What people write and read as code: these carry the licence line and the limit on lines.
bool is_code(const SourceFile& file) {
  static const std::set<std::string> kExtensions = {".h",  ".cpp", ".cmake", ".sh", ".py",
                                                    ".js", ".mjs", ".css",   ".lua"};
  return kExtensions.count(file.extension()) > 0 || file.name() == "CMakeLists.txt" ||
         file.path == "dev" || file.path == ".ci/run";
}

std::size_t columns(std::string_view line) {
  // A byte of the form 10xxxxxx continues a UTF-8 character.
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void check_opening(const SourceFile& file, Findings& findings) {
  const auto lines = file.lines();
  const std::string licence = plain("SPDX-License-@Identifier: Apache-2.0");
  const auto opening_end =
      lines.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, lines.size()));
  const bool licensed = std::any_of(lines.begin(), opening_end, [&](std::string_view line) {
    return line.find(licence) != std::string_view::npos;
  });
  if (!licensed) findings.push_back({file.path, 1, "no line '" + licence + "' at the top"});
  if (file.extension() == ".lua" && (lines.size() < 2 || !starts_with(lines[1], "-- "))) {
    findings.push_back({file.path, 2, "the file does not open with a comment on its purpose"});
  }
  if (file.extension() != ".h") return;

  if (std::none_of(lines.begin(), opening_end,
                   [](std::string_view line) { return line == "#pragma once"; })) {
    findings.push_back({file.path, 1, "no '#pragma once' at the top"});
  }
  if (lines.size() < 3 || !starts_with(lines[2], "// ")) {
    findings.push_back({file.path, 3, "the header does not open with a comment on its purpose"});
  }
}

void check_size(const SourceFile& file, Findings& findings) {
  const auto lines = file.lines();
  if (lines.size() > kMaxLines) {
    findings.push_back({file.path, lines.size(), "more than 400 lines: split it by purpose"});
  }
  if (!is_cpp(file) && file.extension() != ".lua") return;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (columns(lines[i]) > kMaxColumns) {
      findings.push_back({file.path, i + 1, "more than 100 columns"});
    }
  }
}

void check_name(const SourceFile& file, Findings& findings) {
  const std::string name = file.name();
  const std::string stem = name.substr(0, name.rfind('.'));
  const bool snake = std::all_of(stem.begin(), stem.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!snake) findings.push_back({file.path, 0, "file names are snake_case"});
}

/// Calls that would let time or chance in by another door than core/.
void check_clock_and_chance(const SourceFile& file, Findings& findings) {
  static const std::array kBanned = {
      plain("steady@_clock"),  plain("system@_clock"), plain("high_resolution@_clock"),
      plain("random@_device"), plain("mt@19937"),      plain("this@_thread"),
      plain("gettime@ofday"),  plain("us@leep"),       plain("ra@nd("),
      plain("sra@nd(")};
  if (file.folder() == "core") return;
  const std::string distribution = plain("_distri@bution");
  const auto lines = file.lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    const auto report = [&](const std::string& what) {
      findings.push_back({file.path, i + 1, what + ": time and chance come from core/ only"});
    };
    for (const std::string& word : kBanned) {
      if (has_word(line, word)) report(word);
    }
    const std::size_t std_at = line.find("std::");
    if (std_at != std::string_view::npos &&
        line.find(distribution, std_at) != std::string_view::npos) {
      report("std::*" + distribution);
    }
  }
}

void check_unfinished(const SourceFile& file, Findings& findings) {
  static const std::array kMarks = {plain("TO@DO"), plain("FIX@ME"), plain("XX@X")};
  static const std::array kSkips = {plain("GTEST@_SKIP"), plain("DISABLED@_")};
  const auto lines = file.lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const std::string& mark : kMarks) {
      if (has_word(lines[i], mark)) {
        findings.push_back({file.path, i + 1, mark + ": finish it or write an issue"});
      }
    }
    for (const std::string& skip : kSkips) {
      if (is_cpp(file) && lines[i].find(skip) != std::string_view::npos) {
        findings.push_back({file.path, i + 1, skip + ": a test that does not run proves nothing"});
      }
    }
  }
}

/// One way to start a program (core/process/). Those that fork without another program, or measure
/// what they start, are named here.
void check_process_starts(const SourceFile& file, Findings& findings) {
  static const std::array kBanned = {
      plain("fo@rk("),   plain("vfo@rk("),  plain("exec@v("),       plain("exec@ve("),
      plain("exec@vp("), plain("exec@lp("), plain("posix_@spawn("), plain("posix_@spawnp(")};
  static const std::set<std::string> kMay = {"core/process/process.cpp",
                                             "janitor.cpp",
                                             "parallel_runs.cpp",
                                             "parallel_runs_test.cpp",
                                             "in_child.h",
                                             "measure.cpp",
                                             "child.cpp"};
  if (kMay.count(file.path) > 0 || kMay.count(file.name()) > 0) return;
  const auto lines = file.lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const std::string& call : kBanned) {
      if (!has_word(lines[i], call)) continue;
      findings.push_back({file.path, i + 1, call + ": Process::start() starts programs"});
    }
  }
}

bool is_in_testing(const std::string& path) {
  return path.find("/testing/") != std::string::npos || path.compare(0, 6, "tests/") == 0;
}

/// Tests are `Suite.SaysWhatHolds`; what they share is in folders testing/.
void check_tests(const SourceFile& file, Findings& findings) {
  const auto lines = file.lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    const auto report = [&](const char* message) {
      findings.push_back({file.path, i + 1, message});
    };
    const bool helps = !is_test(file) && !is_in_testing(file.path);
    if (helps && line.find(plain("#include <@g")) == 0 &&
        (line.find("gtest/") == 10 || line.find("gmock/") == 10)) {
      report("helpers of tests are in folders testing/");
    }
    if (line.compare(0, 4, "TEST") != 0) continue;
    const std::size_t open = line.find('(');
    const std::size_t comma = line.find(',', open);
    if (open == std::string_view::npos || comma == std::string_view::npos) continue;
    const std::string_view suite = line.substr(open + 1, comma - open - 1);
    const std::string_view name = line.substr(comma + 1, line.find(')', comma) - comma - 1);
    const std::size_t first = name.find_first_not_of(' ');
    const bool is_sign_test = suite == "SignTest";  // of statistics
    if (suite.size() > 4 && suite.substr(suite.size() - 4) == "Test" && !is_sign_test) {
      report("a suite is named after what it is about, without 'Test'");
    }
    if (first == std::string_view::npos) continue;
    if (name.find(plain("DISABLED@_")) == first) continue;  // another rule's
    if (name[first] < 'A' || name[first] > 'Z' || name.find('_') != std::string_view::npos) {
      report("a test's name is PascalCase and says what holds");
    }
  }
}

/// Absolute paths that exist on somebody's machine. Tests take testing::TempDir() or mktemp.
void check_paths(const SourceFile& file, Findings& findings) {
  static const std::array kPaths = {plain("/wo@rk"), plain("/ro@ot"), plain("/ho@me"),
                                    plain("/tm@p"), plain("../sha@red")};
  const auto lines = file.lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const std::string& path : kPaths) {
      const std::size_t at = find_word(lines[i], path);
      if (at == std::string_view::npos) continue;
      // "frame/work" and "$x/tmp" are relative, a quoted or free-standing path is not.
      const char before = at == 0 ? ' ' : lines[i][at - 1];
      if (path.front() == '/' && (is_word(before) || before == '.' || before == '}')) continue;
      findings.push_back({file.path, i + 1, "'" + path + "' is a path of one machine"});
    }
  }
}

}  // namespace

std::string plain(std::string_view guarded) {
  std::string text(guarded);
  text.erase(std::remove(text.begin(), text.end(), '@'), text.end());
  return text;
}

std::vector<Finding> tidy_findings(const SourceFile& file) {
  Findings findings;
  if (is_code(file)) {
    check_opening(file, findings);
    check_size(file, findings);
  }
  if (is_cpp(file)) {
    check_name(file, findings);
    check_clock_and_chance(file, findings);
    check_process_starts(file, findings);
    check_tests(file, findings);
  }
  check_unfinished(file, findings);
  if (file.extension() != ".csv") check_paths(file, findings);
  return findings;
}

}  // namespace wsfleet
