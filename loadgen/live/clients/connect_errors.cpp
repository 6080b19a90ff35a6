// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/clients/connect_errors.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/error.hpp>

namespace wsfleet {
namespace {

namespace errc = boost::system::errc;

bool is_reset(const boost::system::error_code& error) {
  return error == errc::connection_reset || error == errc::broken_pipe ||
         error == errc::connection_aborted;
}

bool is_end_of_stream(const boost::system::error_code& error) {
  return error == boost::asio::error::eof || error == boost::beast::http::error::end_of_stream ||
         error == boost::beast::http::error::partial_message ||
         error == boost::asio::ssl::error::stream_truncated;
}

}  // namespace

Figure failure_of(const boost::system::error_code& error) {
  if (error == errc::connection_refused) return Figure::failed_connect_refused;
  if (error == errc::timed_out) return Figure::failed_timeout;
  if (error == errc::too_many_files_open || error == errc::too_many_files_open_in_system) {
    return Figure::failed_no_descriptors;
  }
  if (error == errc::address_not_available || error == errc::address_in_use) {
    return Figure::failed_no_source_ports;
  }
  if (is_reset(error) || is_end_of_stream(error)) return Figure::failed_reset;
  return Figure::failed_other;
}

Figure handshake_failure_of(const boost::system::error_code& error) {
  const Figure figure = failure_of(error);
  if (figure != Figure::failed_other) return figure;
  const bool from_the_network = error.category() == boost::system::system_category() ||
                                error.category() == boost::system::generic_category();
  return from_the_network ? Figure::failed_other : Figure::failed_protocol;
}

Figure end_of(const boost::system::error_code& error) {
  if (is_end_of_stream(error)) return Figure::closed_no_close_frame;
  const bool from_the_network = error.category() == boost::system::system_category() ||
                                error.category() == boost::system::generic_category() ||
                                error.category() == boost::asio::error::get_ssl_category();
  return from_the_network ? Figure::closed_reset : Figure::closed_protocol_error;
}

}  // namespace wsfleet
