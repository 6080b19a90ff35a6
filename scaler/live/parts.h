// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the scaler's service needs of the cluster that it runs in, beside the seam: leadership, a
// place for Events. main.cpp makes them; nothing here knows of Kubernetes.

#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "core/seam/seam.h"
#include "core/time.h"

namespace wsfleet {

struct ScalerConfig;

/// What one leader leaves to the next. Texts; "" where there is none.
struct HandOver {
  std::string epoch;         // t = 0 as a UTC time
  std::string policy_state;  // saved_state.h
};

/// Whether this replica may act. Thread-safe; only hand_over() blocks.
class Leadership {
 public:
  virtual ~Leadership() = default;
  virtual bool leading() = 0;
  /// Counts the times that leadership was gained; in one term nobody else led.
  virtual int term() = 0;
  virtual HandOver handed_over() = 0;
  /// `conflict`: another one leads by now, and nothing was written.
  virtual Result<void> hand_over(const HandOver& state) = 0;
  virtual std::string holder() = 0;
  virtual int transitions() = 0;
  /// Since the API server last answered; kNever before it did.
  virtual TimeNs silence() = 0;
  /// How long a write that begins now may take: leadership may be another's afterwards. 0 where
  /// this one may not write.
  virtual TimeNs time_left() = 0;
};

/// The fleet of one configuration.
class ScalerFleet {
 public:
  virtual ~ScalerFleet() = default;
  virtual Cluster& cluster() = 0;
  virtual Metrics& metrics() = 0;
  /// An Event on the workload; returns at once. `reason` is a word in CamelCase.
  virtual void tell(const std::string& reason, const std::string& message, bool warning) = 0;
};

struct ScalerParts {
  /// `on_change`: may be called on another thread whenever leadership or what troubles it changes.
  std::function<Result<std::unique_ptr<Leadership>>(
      const ScalerConfig&, std::function<void(const std::string& trouble)> on_change)>
      leadership;
  /// `epoch` is t = 0, since 1970; `leadership` outlives the fleet.
  std::function<Result<std::unique_ptr<ScalerFleet>>(const ScalerConfig&, TimeNs epoch,
                                                     Leadership& leadership)>
      fleet;
};

}  // namespace wsfleet
