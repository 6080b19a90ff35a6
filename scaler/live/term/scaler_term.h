// SPDX-License-Identifier: Apache-2.0
#pragma once
// One stretch of acting: from the moment that this scaler leads with a configuration until it does
// not lead any more, the configuration changes or the program ends. On the caller's thread.

#include <functional>

#include "core/live/event_log.h"
#include "scaler/live/config/scaler_config.h"
#include "scaler/live/parts.h"
#include "scaler/live/scaler_status.h"
#include "scaler/live/term/scaler_clock.h"

namespace wsfleet {

struct ScalerTerm {
  const ScalerConfig& config;
  const std::string& identity;
  Leadership& leadership;
  ScalerFleet& fleet;
  TimeNs epoch = 0;  // since 1970
  std::function<bool()> goes_on;
  std::function<void(const std::string& line)> print;
  Wakeup& wakeup;
  ScalerStatus& status;
  EventLog& log;
};

/// t = 0 of a term: the file's, else that of the leader before, else now, in whole milliseconds.
TimeNs epoch_of(const ScalerConfig& config, const HandOver& given, TimeNs wall);

/// Returns when `goes_on` does not.
Result<void> run_term(const ScalerTerm& term);

}  // namespace wsfleet
