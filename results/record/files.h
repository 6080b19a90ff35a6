// SPDX-License-Identifier: Apache-2.0
#pragma once
// Files that appear whole or not at all: a buffered writer that keeps its first error, a staging
// directory that is renamed into place or removed, and one file written beside its target and
// renamed. Errors carry the path and the system's reason. Not thread-safe.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace wsfleet {

/// "can't write PATH: No space left on device".
Error file_error(std::string_view action, const std::string& path, int error_number);

/// Whole lines into one file, buffered.
class LineFile {
 public:
  static Result<std::unique_ptr<LineFile>> create(const std::string& path);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  Result<void> append(std::string_view text);
  /// Flushes and closes; the last chance to hear of a full disk.
  Result<void> close();

 private:
  LineFile(int descriptor, std::string path);
  Result<void> flush();

  int descriptor_;
  std::string path_;
  std::string buffer_;
};

/// Refuses a target that exists (ErrorKind::usage, with the remedy).
Result<void> check_new_directory(const std::string& target);

/// `TARGET.partial-<pid>`, which becomes TARGET on commit and is removed otherwise.
class StagedDirectory {
 public:
  /// Makes missing parents. Errors as in check_new_directory, or with the system's reason.
  static Result<std::unique_ptr<StagedDirectory>> create(const std::string& target);
  ~StagedDirectory();
  StagedDirectory(const StagedDirectory&) = delete;
  StagedDirectory& operator=(const StagedDirectory&) = delete;

  std::string path(std::string_view name) const;
  Result<void> write(std::string_view name, std::string_view text);
  /// Never replaces a directory that has appeared meanwhile.
  Result<void> commit();

 private:
  StagedDirectory(std::string target, std::string staging);

  std::string target_;
  std::string staging_;
  bool committed_ = false;
};

Result<std::string> read_text_file(const std::string& path);

}  // namespace wsfleet
