// SPDX-License-Identifier: Apache-2.0
#pragma once
// A collection of the API server kept up to date on a thread of its own: list, then watch with
// bookmarks; what breaks is renewed with back-off, and a version that is gone (410) is listed anew.
// While the server is away the last known objects stay and `fresh_at` stands still.

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "cluster/kubernetes/api/api_client.h"
#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

class WatchedList {
 public:
  /// What became of an object: its last state; `gone` when it was removed. Called on the list's
  /// thread, one at a time; also for what a new list after a break shows to be new, changed or
  /// gone.
  using OnChange = std::function<void(const nlohmann::json& object, bool gone)>;

  /// `client` outlives it. The thread ends with the object.
  WatchedList(ApiClient& client, std::string path, std::string query, OnChange on_change = {});
  ~WatchedList();

  /// False when the first list did not come within `timeout`; error() then says why.
  bool wait_listed(TimeNs timeout);
  /// By uid. A copy.
  std::map<std::string, nlohmann::json> objects() const;
  /// monotonic_now() of the last word from the server; nothing before the first list.
  std::optional<TimeNs> fresh_at() const;
  /// Of the last try; nothing while the watch works.
  std::optional<Error> error() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
