// SPDX-License-Identifier: Apache-2.0
#pragma once
// One attempt to connect and the WebSocket that it may become, as a load worker sees it, whatever
// it runs over. Used on its worker's thread alone. It tells the worker how it went (on_opened,
// on_attempt_failed, on_message, on_closed), is destroyed by the worker within the last of these
// calls, and holds exactly one of them open at any time.

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/net/address/websocket_url.h"
#include "loadgen/live/figures/figures.h"

namespace boost::asio::ssl {
class context;
}

namespace wsfleet {

class LoadWorker;

struct Target {
  WebSocketUrl url;
  boost::asio::ip::tcp::endpoint endpoint;
  std::string host_header;
};

/// What all connections of a run share.
struct ConnectionSettings {
  std::vector<Target> targets;
  std::vector<boost::asio::ip::address> source_addresses;
  std::string host_header;  // instead of the target's; "" for that
  std::string tls_name;     // the same for what certificates must be for
  std::string origin;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<boost::asio::ssl::context> tls;  // null without wss://
  bool verify_peer = true;
  std::size_t read_buffer_bytes = 64;  // longer messages are cut to it, and so never match
  bool idle_timeout = false;           // note when anything comes, pings too
};

class ClientConnection {
 public:
  virtual ~ClientConnection() = default;
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  /// Begins to connect from that address, if any. A figure: it failed at once, nothing is under
  /// way, and the worker is told nothing more.
  virtual std::optional<Figure> connect(const Target& target,
                                        const boost::asio::ip::address* source) = 0;
  /// Corked: flush() or the next read sends it.
  virtual void send(std::string_view payload) = 0;
  virtual void flush() = 0;
  virtual std::size_t queued_bytes() const = 0;
  /// Close frame 1000, then waits for the server's.
  virtual void close() = 0;
  /// Ends it without more ado; the worker is then told that it ended as this.
  virtual void abort(Figure as) = 0;

 protected:
  ClientConnection() = default;
};

std::unique_ptr<ClientConnection> make_plain_client(LoadWorker& worker, std::uint32_t slot);
std::unique_ptr<ClientConnection> make_tls_client(LoadWorker& worker, std::uint32_t slot);

}  // namespace wsfleet
