// SPDX-License-Identifier: Apache-2.0
#include "server/live/connections/http_session.h"
#include "server/live/connections/transport.h"

namespace wsfleet {

void serve_tls(EventLoop& loop, PlainSocket socket, boost::asio::ssl::context& context) {
  TlsSocket tls(std::move(socket), context);
  std::make_shared<HttpSession<TlsSocket>>(loop, std::move(tls))->start();
}

}  // namespace wsfleet
