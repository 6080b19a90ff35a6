// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/link/descriptor_waits.h"

#include <fcntl.h>
#include <hiredis/async.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <utility>

namespace wsfleet {
namespace {

using boost::asio::posix::stream_descriptor;

/// Lives until hiredis is done with the context and the last wait has been cancelled.
class DescriptorWaits : public std::enable_shared_from_this<DescriptorWaits> {
 public:
  DescriptorWaits(boost::asio::io_context& io, redisAsyncContext& context,
                  std::function<void(redisAsyncContext&)> gone)
      : descriptor_(io), context_(&context), gone_(std::move(gone)) {}

  // The descriptor is not ours to close.
  ~DescriptorWaits() {
    if (descriptor_.is_open()) descriptor_.release();
  }

  Result<void> attach() {
    boost::system::error_code error;
    descriptor_.assign(context_->c.fd, error);
    if (error) return fail(ErrorKind::unavailable, error.message());
    self_ = shared_from_this();
    context_->ev.data = this;
    context_->ev.addRead = [](void* waits) { at(waits).add(stream_descriptor::wait_read); };
    context_->ev.addWrite = [](void* waits) { at(waits).add(stream_descriptor::wait_write); };
    // A wait is for one event and asked for again each time, so there is nothing to take back.
    context_->ev.delRead = [](void*) {};
    context_->ev.delWrite = [](void*) {};
    context_->ev.cleanup = [](void* waits) { at(waits).clean_up(); };
    return {};
  }

 private:
  static DescriptorWaits& at(void* waits) { return *static_cast<DescriptorWaits*>(waits); }

  void add(stream_descriptor::wait_type type) {
    const bool reading = type == stream_descriptor::wait_read;
    bool& waiting = reading ? reading_ : writing_;
    if (context_ == nullptr || waiting) return;
    waiting = true;
    descriptor_.async_wait(
        type, [self = shared_from_this(), reading](const boost::system::error_code& error) {
          (reading ? self->reading_ : self->writing_) = false;
          if (self->context_ == nullptr || error == boost::asio::error::operation_aborted) return;
          // Of any other error hiredis learns from the socket.
          reading ? redisAsyncHandleRead(self->context_) : redisAsyncHandleWrite(self->context_);
        });
  }

  void clean_up() {
    const auto self = std::move(self_);
    redisAsyncContext* context = std::exchange(context_, nullptr);
    context->ev.data = nullptr;
    context->ev.cleanup = nullptr;
    // Out of Asio's hands before hiredis closes it: the number may be another socket's soon.
    descriptor_.release();
    gone_(*context);
    gone_ = nullptr;
  }

  stream_descriptor descriptor_;
  redisAsyncContext* context_;
  std::function<void(redisAsyncContext&)> gone_;
  std::shared_ptr<DescriptorWaits> self_;
  bool reading_ = false;
  bool writing_ = false;
};

}  // namespace

Result<void> wait_on_descriptor(boost::asio::io_context& io, redisAsyncContext& context,
                                std::function<void(redisAsyncContext&)> gone) {
  fcntl(context.c.fd, F_SETFD, FD_CLOEXEC);
  return std::make_shared<DescriptorWaits>(io, context, std::move(gone))->attach();
}

}  // namespace wsfleet
