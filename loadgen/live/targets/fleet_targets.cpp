// SPDX-License-Identifier: Apache-2.0
#include "loadgen/live/targets/fleet_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "core/log.h"

namespace wsfleet {
namespace {

bool same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

Result<std::vector<ListedEndpoint>> read_endpoint_list(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) return fail(fmt::format("{}", std::generic_category().message(errno)));
  std::stringstream text;
  text << stream.rdbuf();
  return parse_endpoint_list(text.str());
}

FleetTargets::FleetTargets(std::string path, std::unique_ptr<TargetChoice> choice, bool tells)
    : path_(std::move(path)), choice_(std::move(choice)), tells_(tells) {}

void FleetTargets::refresh(TimeNs now) {
  if (!is_replaced()) return;
  const auto endpoints = read_endpoint_list(path_);
  if (!endpoints) return warn(endpoints.error().message);
  take(*endpoints, now);
}

bool FleetTargets::is_replaced() {
  struct stat found {};
  if (stat(path_.c_str(), &found) != 0) {
    if (!warned_missing_) warn(std::generic_category().message(errno));
    warned_missing_ = true;
    return false;
  }
  warned_missing_ = false;
  const bool same = was_there_ && found.st_ino == seen_.st_ino && found.st_size == seen_.st_size &&
                    same_time(found.st_mtim, seen_.st_mtim) &&
                    same_time(found.st_ctim, seen_.st_ctim);
  seen_ = found;
  was_there_ = true;
  return !same;
}

// Who left goes first, so that an id whose pod is another one now is forgotten in between.
void FleetTargets::take(const std::vector<ListedEndpoint>& endpoints, TimeNs now) {
  std::vector<std::uint32_t> replaced;
  std::vector<std::uint32_t> ids;
  for (const ListedEndpoint& endpoint : endpoints) {
    if (endpoint.id >= pods_.size()) pods_.resize(endpoint.id + std::size_t{1});
    Pod& pod = pods_[endpoint.id];
    if (pod.life > 0 && pod.uid != endpoint.uid) replaced.push_back(endpoint.id);
    if (pod.life == 0 || pod.uid != endpoint.uid) ++pod.life;
    pod.uid = endpoint.uid;
    pod.target = target_of(endpoint.url, pod.target);
    ids.push_back(endpoint.id);
  }
  if (!replaced.empty()) {
    std::vector<std::uint32_t> stay;
    std::set_difference(ids_.begin(), ids_.end(), replaced.begin(), replaced.end(),
                        std::back_inserter(stay));
    choice_->set_endpoints(stay, now);
    for (const std::uint32_t id : replaced) choice_->forget(id);
  }
  choice_->set_endpoints(ids, now);
  ids_ = std::move(ids);
}

const Target* FleetTargets::target_of(const WebSocketUrl& url, const Target* known) {
  if (known != nullptr && known->url == url) return known;
  targets_.push_back({.url = url,
                      .endpoint = {boost::asio::ip::make_address(url.host), url.port},
                      .host_header = url.host_header()});
  return &targets_.back();
}

std::optional<TargetPick> FleetTargets::pick(const TargetRequest& request) {
  const auto id = choice_->pick(request);
  if (!id) return std::nullopt;
  return TargetPick{pods_[*id].target, *id, pods_[*id].life};
}

// The connections of a pod that is forgotten are no longer counted.
void FleetTargets::release(const TargetPick& pick, TimeNs now, TimeNs life) {
  if (pods_[pick.id].life == pick.life) choice_->release(pick.id, now, life);
}

void FleetTargets::warn(const std::string& what) {
  if (!tells_) return;
  log_warning(fmt::format("{}: {}; the endpoints stay as they were", path_, what));
}

}  // namespace wsfleet
