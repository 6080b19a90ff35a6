// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a leader leaves to the next one of its policy's memory: the text of an annotation
// (docs/adr/0014-the-lease-carries-the-policys-state.md). Pure.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "scaler/policies/policy.h"

namespace wsfleet {

/// An object of Kubernetes may have 256 KiB of annotations in all.
inline constexpr std::size_t kLongestSavedState = 200 * 1024;

/// Whose memory it is.
struct PolicyIdentity {
  std::string policy;
  std::string settings_hash;
  std::string epoch;  // as a UTC time
};

/// Of the decision made at `time`. Without the state itself where that is too long.
std::string save_state(const PolicyIdentity& identity, double time_s, const nlohmann::json& state);

/// How old a memory may be to be of use: a policy that went on from an older one would take a gap
/// for the present. Ten intervals, and a minute at least.
TimeNs longest_gap(TimeNs interval);

/// Restores `policy` from `text` and returns the time of the last decision. An Error says in words
/// why it could not be; the policy is as it was then.
Result<double> restore_state(const PolicyIdentity& identity, std::string_view text, double now_s,
                             TimeNs interval, Policy& policy);

}  // namespace wsfleet
