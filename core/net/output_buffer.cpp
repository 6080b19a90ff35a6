// SPDX-License-Identifier: Apache-2.0
#include "core/net/output_buffer.h"

#include <utility>

namespace wsfleet {
namespace {

constexpr std::size_t kFirstBytes = 512;
constexpr std::size_t kPooledBytesMax = 256 * 1024;  // larger ones go back to the allocator
constexpr std::size_t kPooledBuffers = 64;

std::vector<std::vector<char>>& pool() {
  thread_local std::vector<std::vector<char>> spare;
  return spare;
}

std::vector<char> borrow() {
  std::vector<char> bytes;
  auto& spare = pool();
  if (spare.empty()) {
    bytes.reserve(kFirstBytes);
  } else {
    bytes = std::move(spare.back());
    spare.pop_back();
  }
  return bytes;
}

void give_back(std::vector<char> bytes) {
  auto& spare = pool();
  if (bytes.capacity() > kPooledBytesMax || spare.size() >= kPooledBuffers) return;
  bytes.clear();
  spare.push_back(std::move(bytes));
}

}  // namespace

OutputBuffer::~OutputBuffer() = default;

OutputBuffer::OutputBuffer(OutputBuffer&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), consumed_(std::exchange(other.consumed_, 0)) {}

OutputBuffer& OutputBuffer::operator=(OutputBuffer&& other) noexcept {
  bytes_ = std::exchange(other.bytes_, {});
  consumed_ = std::exchange(other.consumed_, 0);
  return *this;
}

void OutputBuffer::append(const char* data, std::size_t size) {
  make_room(size);
  bytes_.insert(bytes_.end(), data, data + size);
}

char* OutputBuffer::extend(std::size_t size) {
  make_room(size);
  bytes_.resize(bytes_.size() + size);
  return bytes_.data() + bytes_.size() - size;
}

void OutputBuffer::make_room(std::size_t size) {
  if (size == 0) return;  // nothing is borrowed for nothing
  if (bytes_.capacity() == 0) bytes_ = borrow();
  if (consumed_ > 0 && bytes_.size() + size > bytes_.capacity()) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(consumed_));
    consumed_ = 0;
  }
}

void OutputBuffer::consume(std::size_t size) {
  consumed_ += size;
  if (consumed_ < bytes_.size()) return;
  consumed_ = 0;
  if (bytes_.capacity() > 0) give_back(std::exchange(bytes_, {}));
}

}  // namespace wsfleet
