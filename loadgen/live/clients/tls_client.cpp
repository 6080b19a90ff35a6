// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/clients/websocket_client.h"

namespace wsfleet {

std::unique_ptr<ClientConnection> make_tls_client(LoadWorker& worker, std::uint32_t slot) {
  return std::make_unique<WebSocketClient<TlsSocket>>(worker, slot, worker.io(),
                                                      *worker.connection_settings().tls);
}

}  // namespace wsfleet
