// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the errors of sockets and of Beast count as. Pure.

#include <boost/system/error_code.hpp>

#include "loadgen/live/figures/figures.h"

namespace wsfleet {

/// Of opening a socket or connecting it.
Figure failure_of(const boost::system::error_code& error);
/// Of the upgrade on a connected socket.
Figure handshake_failure_of(const boost::system::error_code& error);
/// Of an open connection that ended without a close frame.
Figure end_of(const boost::system::error_code& error);

}  // namespace wsfleet
