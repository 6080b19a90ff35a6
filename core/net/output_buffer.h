// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bytes that wait for a socket. An idle connection holds none: memory is borrowed from a small pool
// of the thread at the first append and goes back when all is consumed. One thread at a time; the
// pool is per thread.

#include <cstddef>
#include <vector>

namespace wsfleet {

class OutputBuffer {
 public:
  OutputBuffer() = default;
  ~OutputBuffer();
  OutputBuffer(OutputBuffer&& other) noexcept;
  OutputBuffer& operator=(OutputBuffer&& other) noexcept;

  bool empty() const { return consumed_ == bytes_.size(); }
  std::size_t size() const { return bytes_.size() - consumed_; }
  const char* data() const { return bytes_.data() + consumed_; }

  void append(const char* data, std::size_t size);
  /// Room for `size` more bytes at the end, to be filled by the caller.
  char* extend(std::size_t size);
  /// Takes `size` bytes off the front.
  void consume(std::size_t size);
  void clear() { consume(size()); }

 private:
  void make_room(std::size_t size);

  std::vector<char> bytes_;
  std::size_t consumed_ = 0;
};

}  // namespace wsfleet
