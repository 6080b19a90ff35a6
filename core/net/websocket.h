// SPDX-License-Identifier: Apache-2.0
#pragma once
// The WebSocket streams that server and load generator share: Beast's protocol over a corked
// socket, plain or TLS, with the io_context's concrete executor and without deflate (both cost
// memory and time in every connection). Heavy to compile: include it in few .cpp files.

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "core/net/corked_stream.h"
#include "core/net/socket.h"

namespace wsfleet {

using TlsSocket = boost::asio::ssl::stream<PlainSocket>;

using PlainWebSocket = boost::beast::websocket::stream<CorkedStream<PlainSocket>, false>;
using TlsWebSocket = boost::beast::websocket::stream<CorkedStream<TlsSocket>, false>;

}  // namespace wsfleet
