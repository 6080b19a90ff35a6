// SPDX-License-Identifier: Apache-2.0
#pragma once
// What happens on an accepted connection: TLS where it is on, HTTP, and from an upgrade on a
// WebSocket. One .cpp file for each kind of socket keeps Beast's templates in two places.

#include <boost/asio/ssl/context.hpp>

#include "core/net/socket.h"

namespace wsfleet {

class EventLoop;

void serve_plain(EventLoop& loop, PlainSocket socket);
void serve_tls(EventLoop& loop, PlainSocket socket, boost::asio::ssl::context& context);

}  // namespace wsfleet
