// SPDX-License-Identifier: Apache-2.0
#include "scaler/live/term/saved_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace wsfleet {
namespace {

using nlohmann::json;

Result<void> check_identity(const json& saved, const PolicyIdentity& identity) {
  const auto text = [&saved](const char* key) {
    const auto found = saved.find(key);
    return found != saved.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (text("policy") != identity.policy) {
    return fail(fmt::format("it is that of the policy '{}'", text("policy")));
  }
  if (text("settings") != identity.settings_hash) return fail("it was made with other settings");
  if (text("epoch") != identity.epoch) {
    return fail(fmt::format("it counts time from {}", text("epoch")));
  }
  return {};
}

}  // namespace

std::string save_state(const PolicyIdentity& identity, double time_s, const json& state) {
  json saved = {{"policy", identity.policy},
                {"settings", identity.settings_hash},
                {"epoch", identity.epoch},
                {"time_s", time_s},
                {"state", state}};
  std::string text = saved.dump();
  if (text.size() <= kLongestSavedState) return text;
  saved.erase("state");
  saved["left_out_bytes"] = text.size();
  return saved.dump();
}

TimeNs longest_gap(TimeNs interval) { return std::max(10 * interval, kMinute); }

Result<double> restore_state(const PolicyIdentity& identity, std::string_view text, double now_s,
                             TimeNs interval, Policy& policy) {
  if (text.empty()) return fail("there is none");
  const json saved = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!saved.is_object()) return fail("it is not JSON");
  const Result<void> same = check_identity(saved, identity);
  if (!same) return tl::unexpected(same.error());
  const auto time = saved.find("time_s");
  if (time == saved.end() || !time->is_number()) return fail("it does not say its time");
  const double time_s = time->get<double>();
  if (now_s - time_s > to_seconds(longest_gap(interval))) {
    return fail(fmt::format("it is {:.0f} s old", now_s - time_s));
  }
  const auto state = saved.find("state");
  if (state == saved.end()) return fail("it was too long to be kept");
  const Result<void> restored = policy.restore(*state);
  if (!restored) return tl::unexpected(restored.error());
  return time_s;
}

}  // namespace wsfleet
