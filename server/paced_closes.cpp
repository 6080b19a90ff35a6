// SPDX-License-Identifier: Apache-2.0
#include "server/paced_closes.h"

#include <algorithm>

namespace wsfleet {

std::int64_t PacedCloses::begin_drain(TimeNs now, std::int64_t sockets) {
  if (!draining_) orders_ = {{now, sockets}};
  draining_ = true;
  return orders_.front().total;
}

std::int64_t PacedCloses::begin_shed(TimeNs now, std::int64_t open, double share) {
  if (draining_) return 0;
  std::int64_t stay = open;
  for (const Order& shed : orders_) stay -= shed.total - shed.taken;
  const std::int64_t total = connections_to_shed(stay, share);
  if (total > 0) orders_.push_back({now, total});
  return total;
}

std::int64_t PacedCloses::take(Order& order, TimeNs now) const {
  const DrainSettings pacing = draining_ ? pacing_ : shed_pacing(pacing_);
  const std::int64_t due = closes_due(pacing, order.total, now - order.begun);
  const std::int64_t more = due - order.taken;
  order.taken = due;
  return more;
}

std::int64_t PacedCloses::take(TimeNs now, std::int64_t open) {
  std::int64_t more = 0;
  for (Order& order : orders_) more += take(order, now);
  if (draining_) {
    const Order& drain = orders_.front();
    const bool over = pacing_.mode != DrainMode::none && drain.taken >= drain.total;
    return over ? open : std::min(more, open);
  }
  std::erase_if(orders_, [](const Order& shed) { return shed.taken >= shed.total; });
  if (more >= open) orders_.clear();
  return std::min(more, open);
}

TimeNs PacedCloses::next_due() const {
  const DrainSettings pacing = draining_ ? pacing_ : shed_pacing(pacing_);
  TimeNs next = kNever;
  for (const Order& order : orders_) {
    const TimeNs due = close_due_at(pacing, order.total, order.taken);
    if (due != kNever) next = std::min(next, order.begun + due);
  }
  return next;
}

}  // namespace wsfleet
