// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/experiment/changes/cluster_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wsfleet {
namespace {

using nlohmann::json;

constexpr int kAttempts = 10;  // controllers write status all the time
/// Of each request once the API server has been found away: there are others to try.
constexpr TimeNs kShortDeadline = 2 * kSecond;

tl::unexpected<Error> not_put_back(const json& changes, const Error& trouble) {
  std::string by_hand;
  for (std::size_t i = changes.size(); i-- > 0;) {
    by_hand += fmt::format("\n# {}\n{}", changes[i].value("what", "a change"),
                           undo_by_hand(changes[i].value("path", ""), changes[i]["parts"]));
  }
  return fail(trouble.kind,
              fmt::format("not all is as it was before the experiment: {}\n`--recover` of the next "
                          "run tries again; or do it by hand:{}",
                          trouble.message, by_hand));
}

}  // namespace

ClusterChanges::ClusterChanges(ApiClient& client, std::string name_space, LockSettings lock)
    : client_(client),
      name_space_(std::move(name_space)),
      lock_(client, name_space_, std::move(lock)) {}

Result<void> ClusterChanges::claim(bool recover) {
  const std::lock_guard lock(mutex_);
  const auto before = lock_.take(recover);
  if (!before) return tl::unexpected(before.error());
  changes_ = json::parse(*before, nullptr, /*allow_exceptions=*/false);
  const bool is_usable =
      changes_.is_array() && std::all_of(changes_.begin(), changes_.end(), [](const json& change) {
        return change.is_object() && change.contains("path") && change.contains("parts");
      });
  if (!is_usable) {
    changes_ = json::array();
    return fail(
        fmt::format("the ConfigMap {} has no list of changes to put back; look at it, then "
                    "`kubectl delete configmap {} -n {}`",
                    kExperimentName, kExperimentName, name_space_));
  }
  claimed_ = true;
  if (changes_.empty()) return {};
  if (auto undone = undo_all(); !undone) return undone;
  return store();
}

Result<void> ClusterChanges::replace(const std::string& what, const std::string& path,
                                     const std::string& pointer, const json& value) {
  return replace(what, path, {{.pointer = pointer, .value = value}});
}

Result<void> ClusterChanges::replace(const std::string& what, const std::string& path,
                                     const std::vector<WantedPart>& parts) {
  const std::lock_guard lock(mutex_);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto changed = change(what, path, parts);
    if (!changed) return fail(changed.error().kind, what + ": " + changed.error().message);
    if (*changed) return {};
  }
  return fail(ErrorKind::conflict, what + ": it is changed all the time by others");
}

// A dry run says what the server will make of the values (defaults, "1000m" as "1"): only what is
// known to be this experiment's is put back later. False: somebody was faster, begin anew.
Result<bool> ClusterChanges::change(const std::string& what, const std::string& path,
                                    const std::vector<WantedPart>& parts) {
  const auto object = client_.get(path);
  if (!object) return tl::unexpected(object.error());
  const json forward = forward_patch(*object, parts);
  const auto foreseen = client_.patch(path + "?dryRun=All", PatchKind::json_patch, forward);
  if (!foreseen) {
    if (foreseen.error().kind == ErrorKind::conflict) return false;
    return tl::unexpected(foreseen.error());
  }
  const json changed = changed_parts(*object, *foreseen, parts);
  changes_.push_back({{"what", what}, {"path", path}, {"parts", changed}});
  if (auto stored = store(); !stored) {
    changes_.erase(changes_.size() - 1);
    return tl::unexpected(stored.error());
  }
  const auto patched = client_.patch(path, PatchKind::json_patch, forward);
  if (patched) return true;
  if (patched.error().kind != ErrorKind::conflict) return tl::unexpected(patched.error());
  // It may have been done by a request whose answer got lost.
  const auto now = client_.get(path);
  if (!now) return tl::unexpected(now.error());
  if (has_landed(*now, changed)) return true;
  changes_.erase(changes_.size() - 1);
  return false;
}

Result<void> ClusterChanges::put_back(const std::string& path) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = changes_.size(); i-- > 0;) {
    if (changes_[i].value("path", "") != path) continue;
    if (auto undone = undo(i, 0); !undone) {
      return fail(undone.error().kind,
                  fmt::format("{} can't be put back: {}", changes_[i].value("what", "a change"),
                              undone.error().message));
    }
    changes_.erase(i);
  }
  return store();
}

Result<void> ClusterChanges::put_all_back() {
  const std::lock_guard lock(mutex_);
  if (!claimed_) return {};
  // Nobody puts back under the hands of the next experiment.
  if (auto mine = lock_.confirm(); !mine) {
    if (mine.error().kind != ErrorKind::conflict) return not_put_back(changes_, mine.error());
    claimed_ = false;
    return fail(ErrorKind::conflict,
                mine.error().message + "; that one has put back what this one changed");
  }
  if (auto undone = undo_all(); !undone) return undone;
  claimed_ = false;
  return lock_.release();
}

Result<void> ClusterChanges::undo_all() {
  Error trouble;
  json left = json::array();
  TimeNs deadline = 0;
  for (std::size_t i = changes_.size(); i-- > 0;) {
    const auto undone = undo(i, deadline);
    if (undone) continue;
    if (left.empty()) trouble = undone.error();
    if (undone.error().kind == ErrorKind::unavailable) deadline = kShortDeadline;
    left.insert(left.begin(), changes_[i]);
  }
  changes_ = std::move(left);
  if (changes_.empty()) return {};
  if (auto stored = store(); !stored) {
    trouble.message += fmt::format("; the ConfigMap {} still names what was put back, too: {}",
                                   kExperimentName, stored.error().message);
  }
  return not_put_back(changes_, trouble);
}

// An object that is gone has nothing to be put back.
Result<void> ClusterChanges::undo(std::size_t index, TimeNs deadline) {
  const json& change = changes_[index];
  const std::string path = change.value("path", "");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto object = client_.get(path, deadline);
    if (!object && object.error().kind == ErrorKind::not_found) return {};
    if (!object) return tl::unexpected(object.error());
    const Undo undo = undo_of(*object, change["parts"]);
    if (!undo.patch.empty()) {
      const auto patched = client_.patch(path, PatchKind::json_patch, undo.patch, deadline);
      if (!patched && patched.error().kind == ErrorKind::conflict) continue;
      if (!patched && patched.error().kind != ErrorKind::not_found) {
        return tl::unexpected(patched.error());
      }
    }
    note(index, undo.others);
    return {};
  }
  return fail(ErrorKind::conflict, "it is changed all the time by others");
}

// Where an earlier change has the same part, that one says whose doing its value is.
void ClusterChanges::note(std::size_t index, const std::vector<std::string>& others) {
  const json& change = changes_[index];
  const auto is_of_earlier = [&](const std::string& pointer) {
    for (std::size_t i = 0; i < index; ++i) {
      if (changes_[i]["path"] != change["path"]) continue;
      for (const json& part : changes_[i]["parts"]) {
        if (part.value("pointer", "") == pointer) return true;
      }
    }
    return false;
  };
  for (const json& part : change["parts"]) {
    const std::string pointer = part.value("pointer", "");
    if (std::find(others.begin(), others.end(), pointer) == others.end()) continue;
    if (is_of_earlier(pointer)) continue;
    left_alone_.push_back(
        fmt::format("{}: {} was changed by somebody else meanwhile and stays as it is; to have it "
                    "as it was: {}",
                    change.value("what", "a change"), pointer,
                    undo_by_hand(change.value("path", ""), json::array({part}))));
  }
}

std::vector<std::string> ClusterChanges::left_alone() {
  const std::lock_guard lock(mutex_);
  return std::exchange(left_alone_, {});
}

}  // namespace wsfleet
