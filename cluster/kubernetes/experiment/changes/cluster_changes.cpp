// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/changes/cluster_changes.h"

#include <fmt/format.h>

#include <utility>

#include "core/live/live_clock.h"

namespace wsfleet {
namespace {

using nlohmann::json;

}  // namespace

ClusterChanges::ClusterChanges(ApiClient& client, std::string name_space)
    : client_(client), name_space_(std::move(name_space)) {}

std::string ClusterChanges::own_path() const {
  return fmt::format("/api/v1/namespaces/{}/configmaps/{}", name_space_, kExperimentName);
}

Result<void> ClusterChanges::claim(bool recover) {
  const std::lock_guard lock(mutex_);
  const json object = {
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata",
       {{"name", kExperimentName}, {"labels", {{"app.kubernetes.io/part-of", "wsfleet"}}}}},
      {"data", {{"began", format_utc(wall_now())}, {"changes", "[]"}}}};
  const std::string collection = fmt::format("/api/v1/namespaces/{}/configmaps", name_space_);
  const auto created = client_.create(collection, object);
  if (created) {
    claimed_ = true;
    return {};
  }
  if (created.error().kind != ErrorKind::conflict) return tl::unexpected(created.error());
  const auto there = client_.get(own_path());
  if (!there) return tl::unexpected(there.error());
  const json data = there->value("data", json::object());
  if (!recover) {
    return fail(fmt::format(
        "an experiment that began at {} has the namespace {}; where it was killed, `--recover` "
        "puts back what it changed and goes on",
        data.value("began", "an unknown time"), name_space_));
  }
  changes_ = json::parse(data.value("changes", "[]"), nullptr, /*allow_exceptions=*/false);
  if (!changes_.is_array()) {
    return fail(
        fmt::format("the ConfigMap {} has no list of changes to put back; look at it, then "
                    "`kubectl delete configmap {} -n {}`",
                    kExperimentName, kExperimentName, name_space_));
  }
  claimed_ = true;
  while (!changes_.empty()) {
    if (auto undone = undo(changes_.back()); !undone) return undone;
    changes_.erase(changes_.end() - 1);
  }
  return store();
}

Result<void> ClusterChanges::replace(const std::string& what, const std::string& path,
                                     const std::string& pointer, const json& value) {
  return replace(what, path, {{pointer, value}});
}

Result<void> ClusterChanges::replace(const std::string& what, const std::string& path,
                                     const std::vector<std::pair<std::string, json>>& parts) {
  const std::lock_guard lock(mutex_);
  const auto object = client_.get(path);
  if (!object) return fail(object.error().kind, what + ": " + object.error().message);
  json forward = json::array();
  json back = json::array();
  for (const auto& [pointer, value] : parts) {
    const json::json_pointer place(pointer);
    const bool there = object->contains(place);
    forward.push_back({{"op", there ? "replace" : "add"}, {"path", pointer}, {"value", value}});
    if (there) {
      back.push_back({{"op", "replace"}, {"path", pointer}, {"value", object->at(place)}});
    } else {
      back.push_back({{"op", "remove"}, {"path", pointer}});
    }
  }
  changes_.push_back({{"what", what}, {"path", path}, {"patch", back}});
  if (auto stored = store(); !stored) {
    changes_.erase(changes_.end() - 1);
    return stored;
  }
  const auto patched = client_.patch(path, PatchKind::json, forward);
  if (!patched) return fail(patched.error().kind, what + ": " + patched.error().message);
  return {};
}

Result<void> ClusterChanges::put_back(const std::string& path) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = changes_.size(); i-- > 0;) {
    if (changes_[i].value("path", "") != path) continue;
    if (auto undone = undo(changes_[i]); !undone) return undone;
    changes_.erase(changes_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return store();
}

Result<void> ClusterChanges::put_all_back() {
  const std::lock_guard lock(mutex_);
  if (!claimed_) return {};
  Result<void> outcome;
  json left = json::array();
  for (std::size_t i = changes_.size(); i-- > 0;) {
    const auto undone = undo(changes_[i]);
    if (undone) continue;
    if (outcome) outcome = undone;
    left.insert(left.begin(), changes_[i]);
  }
  changes_ = std::move(left);
  if (!outcome) {
    (void)store();
    return outcome;
  }
  claimed_ = false;
  const auto removed = client_.remove(own_path(), json::object());
  if (!removed && removed.error().kind != ErrorKind::not_found) {
    return tl::unexpected(removed.error());
  }
  return {};
}

Result<void> ClusterChanges::store() {
  const json patch = {{"data", {{"changes", changes_.dump()}}}};
  const auto stored = client_.patch(own_path(), PatchKind::merge, patch);
  if (!stored) return tl::unexpected(stored.error());
  return {};
}

// An object that is gone has nothing to be put back.
Result<void> ClusterChanges::undo(const json& change) {
  const auto undone = client_.patch(change.value("path", ""), PatchKind::json,
                                    change.value("patch", json::array()));
  if (undone || undone.error().kind == ErrorKind::not_found) return {};
  return fail(undone.error().kind,
              fmt::format("{} can't be put back: {}; `--recover` of the next run tries again",
                          change.value("what", "a change"), undone.error().message));
}

}  // namespace wsfleet
