// SPDX-License-Identifier: Apache-2.0
#pragma once
// GET /metrics while a load run goes on: figures so far in Prometheus' text format. On the
// io_context's thread.

#include <cstdint>
#include <memory>
#include <string>

#include "core/net/http_listener.h"
#include "core/result.h"
#include "core/time.h"
#include "loadgen/live/load_worker.h"

namespace wsfleet {

/// docs/formats/loadgen.md lists the metrics.
std::string metrics_text(const LoadView& view, TimeNs now);

class MetricsListener {
 public:
  /// Port 0: any free one; it is told on stderr then.
  static Result<std::unique_ptr<MetricsListener>> open(boost::asio::io_context& io,
                                                       const std::string& address,
                                                       std::uint16_t port);

  std::uint16_t port() const { return listener_->port(); }
  /// What the next scrape sees.
  void update(const LoadView& view, TimeNs now) {
    view_ = view;
    now_ = now;
  }

 private:
  MetricsListener() = default;

  LoadView view_;
  TimeNs now_ = 0;
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace wsfleet
