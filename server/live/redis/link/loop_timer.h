// SPDX-License-Identifier: Apache-2.0
#pragma once
// One pending task on an io_context, to be run later on its thread: replaced by the next one, gone
// with the timer. Keeps Asio's headers out of its users. All calls on the thread of the io_context.

#include <functional>
#include <memory>

#include "core/time.h"

namespace boost::asio {
class io_context;
}

namespace wsfleet {

class LoopTimer {
 public:
  explicit LoopTimer(boost::asio::io_context& io);
  ~LoopTimer();
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;

  /// Never runs the task inside this call, even when `delay` is 0.
  void after(TimeNs delay, std::function<void()> task);
  void cancel();
  bool armed() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wsfleet
