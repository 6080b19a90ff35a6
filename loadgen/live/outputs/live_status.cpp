// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/outputs/live_status.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/log.h"

namespace wsfleet {
namespace {

bool can_show(const LoadOptions& options) {
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return !options.quiet && !options.like_original && !dumb && isatty(STDERR_FILENO) != 0;
}

}  // namespace

LiveStatus::LiveStatus(const LoadOptions& options)
    : shown_(can_show(options)), duration_(options.plan.duration) {}

void LiveStatus::update(const LoadView& view, TimeNs now) {
  if (!warned_descriptors_ && count(view.counts, Figure::failed_no_descriptors) > 0) {
    warned_descriptors_ = true;
    finish();
    log_warning(
        "no file descriptor is left: raise the limit (ulimit -n) or use more processes "
        "(--shard I/N)");
  }
  if (!shown_ || now - last_ < kSecond / 2) return;
  const std::int64_t messages = count(view.counts, Figure::messages_received);
  message_rate_ = static_cast<double>(messages - last_messages_) / to_seconds(now - last_);
  last_ = now;
  last_messages_ = messages;
  const std::string line = status_line(view, now, duration_, message_rate_);
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
}

void LiveStatus::finish() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

std::string status_line(const LoadView& view, TimeNs now, TimeNs duration, double message_rate) {
  const Counts& counts = view.counts;
  std::string line = now < 0 ? fmt::format("in {}", format_duration_short(-now))
                             : format_duration_short(now / kSecond * kSecond);
  if (duration != kNever) line += " of " + format_duration_short(duration);
  line += fmt::format("  {} open  {} attempts, {} refused, {} failed",
                      count(counts, Figure::opened) - closed(counts), attempts_ended(counts),
                      refused(counts), failed(counts));
  if (count(counts, Figure::messages_sent) > 0) {
    line += fmt::format("  {:.0f} messages/s", message_rate);
    const double p99 = view.histograms.message_latency.quantile(0.99);
    if (std::isfinite(p99)) line += fmt::format(", p99 {:.1f} ms", p99 / 1e6);
  }
  return line;
}

}  // namespace wsfleet
