// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/link/loop_timer.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

namespace wsfleet {

struct LoopTimer::Impl {
  explicit Impl(boost::asio::io_context& io) : timer(io) {}
  boost::asio::steady_timer timer;
  std::uint64_t serial = 0;  // a handler that was under way when it was replaced has an older one
  bool armed = false;
};

LoopTimer::LoopTimer(boost::asio::io_context& io) : impl_(std::make_shared<Impl>(io)) {}

LoopTimer::~LoopTimer() { cancel(); }

void LoopTimer::after(TimeNs delay, std::function<void()> task) {
  impl_->timer.expires_after(std::chrono::nanoseconds(delay));
  impl_->armed = true;
  impl_->timer.async_wait([weak = std::weak_ptr<Impl>(impl_), serial = ++impl_->serial,
                           work = std::move(task)](const boost::system::error_code& error) {
    const auto impl = weak.lock();
    if (error || !impl || !impl->armed || impl->serial != serial) return;
    impl->armed = false;
    work();
  });
}

void LoopTimer::cancel() {
  impl_->armed = false;
  impl_->timer.cancel();
}

bool LoopTimer::armed() const { return impl_->armed; }

}  // namespace wsfleet
