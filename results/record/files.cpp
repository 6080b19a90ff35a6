// SPDX-License-Identifier: Apache-2.0
#include "results/record/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace wsfleet {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;

}  // namespace

Error file_error(std::string_view action, const std::string& path, int error_number) {
  return Error{ErrorKind::failed, "can't " + std::string(action) + " " + path + ": " +
                                      std::generic_category().message(error_number)};
}

Result<std::unique_ptr<LineFile>> LineFile::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return tl::unexpected(file_error("write", path, errno));
  return std::unique_ptr<LineFile>(new LineFile(descriptor, path));
}

LineFile::LineFile(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)) {
  buffer_.reserve(kBufferBytes);
}

LineFile::~LineFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> LineFile::append(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() < kBufferBytes) return {};
  return flush();
}

Result<void> LineFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      const int error_number = errno;
      buffer_.clear();
      return tl::unexpected(file_error("write", path_, error_number));
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  return {};
}

Result<void> LineFile::close() {
  if (descriptor_ < 0) return {};
  auto flushed = flush();
  const int closed = ::close(std::exchange(descriptor_, -1));
  if (!flushed) return flushed;
  if (closed != 0) return tl::unexpected(file_error("write", path_, errno));
  return {};
}

Result<void> check_new_directory(const std::string& target) {
  struct stat found {};
  if (::lstat(target.c_str(), &found) == 0) {
    return fail(ErrorKind::usage, target +
                                      " already exists and results are never overwritten: remove "
                                      "it, or name another directory with -o");
  }
  return {};
}

Result<std::unique_ptr<StagedDirectory>> StagedDirectory::create(const std::string& given) {
  std::string target = given;
  while (target.size() > 1 && target.back() == '/') target.pop_back();
  if (auto checked = check_new_directory(target); !checked) {
    return tl::unexpected(checked.error());
  }
  const std::string staging = target + ".partial-" + std::to_string(::getpid());
  std::error_code error;
  const auto parent = std::filesystem::path(target).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return tl::unexpected(file_error("make directory", parent, error.value()));
  // Left behind by a killed process that had the same id.
  std::filesystem::remove_all(staging, error);
  if (::mkdir(staging.c_str(), 0755) != 0) {
    return tl::unexpected(file_error("make directory", target, errno));
  }
  return std::unique_ptr<StagedDirectory>(
      new StagedDirectory(std::move(target), std::move(staging)));
}

StagedDirectory::StagedDirectory(std::string target, std::string staging)
    : target_(std::move(target)), staging_(std::move(staging)) {}

StagedDirectory::~StagedDirectory() {
  if (committed_) return;
  std::error_code ignored;
  std::filesystem::remove_all(staging_, ignored);
}

std::string StagedDirectory::path(std::string_view name) const {
  return staging_ + "/" + std::string(name);
}

Result<void> StagedDirectory::write(std::string_view name, std::string_view text) {
  auto file = LineFile::create(path(name));
  if (!file) return tl::unexpected(file.error());
  if (auto appended = (*file)->append(text); !appended) return appended;
  return (*file)->close();
}

Result<void> StagedDirectory::commit() {
  int renamed =
      ::renameat2(AT_FDCWD, staging_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE);
  if (renamed != 0 && (errno == EINVAL || errno == ENOSYS)) {
    // A file system without RENAME_NOREPLACE: rename() still refuses a directory with files in it.
    renamed = ::rename(staging_.c_str(), target_.c_str());
  }
  if (renamed != 0) {
    if (errno == EEXIST || errno == ENOTEMPTY) return check_new_directory(target_);
    return tl::unexpected(file_error("make directory", target_, errno));
  }
  committed_ = true;
  return {};
}

Result<std::string> read_text_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return tl::unexpected(file_error("read", path, errno));
  std::string text;
  char chunk[kBufferBytes];
  for (;;) {
    const ssize_t got = ::read(descriptor, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int error_number = errno;
      ::close(descriptor);
      return tl::unexpected(file_error("read", path, error_number));
    }
    if (got == 0) break;
    text.append(chunk, static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return text;
}

}  // namespace wsfleet
