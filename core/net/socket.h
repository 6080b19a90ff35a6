// SPDX-License-Identifier: Apache-2.0
#pragma once
// The socket that everything live uses: Asio's, with the io_context's concrete executor, which
// costs less memory and time per connection than the type-erased one.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace wsfleet {

using PlainSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

}  // namespace wsfleet
