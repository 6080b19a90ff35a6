// SPDX-License-Identifier: Apache-2.0
#pragma once
// hiredis on Asio: the event hooks of a redisAsyncContext as waits on its socket, which stays
// hiredis' own. All calls on the thread of the io_context.

#include <functional>

#include "core/result.h"

struct redisAsyncContext;

namespace boost::asio {
class io_context;
}

namespace wsfleet {

/// From now on the context reads and writes when its socket can. `gone` is called once, when
/// hiredis is about to close the socket and free the context, for whatever reason; the callbacks of
/// its pending commands have been called by then. An error when the loop can't watch the socket.
Result<void> wait_on_descriptor(boost::asio::io_context& io, redisAsyncContext& context,
                                std::function<void(redisAsyncContext&)> gone);

}  // namespace wsfleet
