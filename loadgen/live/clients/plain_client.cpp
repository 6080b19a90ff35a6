// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/clients/websocket_client.h"

namespace wsfleet {

std::unique_ptr<ClientConnection> make_plain_client(LoadWorker& worker, std::uint32_t slot) {
  return std::make_unique<WebSocketClient<PlainSocket>>(worker, slot, worker.io());
}

}  // namespace wsfleet
