// SPDX-License-Identifier: Apache-2.0
#include "server/live/connections/http_session.h"
#include "server/live/connections/transport.h"

namespace wsfleet {

void serve_plain(EventLoop& loop, PlainSocket socket) {
  std::make_shared<HttpSession<PlainSocket>>(loop, std::move(socket))->start();
}

}  // namespace wsfleet
