// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/outputs/metrics_listener.h"

#include <fmt/format.h>

#include "core/log.h"

namespace wsfleet {

Result<std::unique_ptr<MetricsListener>> MetricsListener::open(boost::asio::io_context& io,
                                                               const std::string& address,
                                                               std::uint16_t port) {
  std::unique_ptr<MetricsListener> metrics(new MetricsListener);
  auto page = [raw = metrics.get()](const std::string& path) -> HttpPage {
    if (path != "/metrics") return {404, "the metrics are at /metrics\n"};
    return {200, metrics_text(raw->view_, raw->now_), "text/plain; version=0.0.4; charset=utf-8"};
  };
  auto opened = HttpListener::open(io, address, port, pages_by_path(std::move(page)));
  if (!opened) return fail("metrics can't be served: " + opened.error().message);
  metrics->listener_ = std::move(*opened);
  if (port == 0) {
    log_info(fmt::format("metrics on http://{}:{}/metrics", address, metrics->port()));
  }
  return metrics;
}

}  // namespace wsfleet
