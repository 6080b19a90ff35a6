// SPDX-License-Identifier: Apache-2.0
#pragma once
// A Lease with the API server's optimistic concurrency, in memory: for the tests of the election.
// Thread-safe. Test code only.

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "cluster/kubernetes/lease/elector.h"

namespace wsfleet {

class LeaseInMemory : public LeaseStore {
 public:
  Result<nlohmann::json> read(TimeNs) override {
    const std::lock_guard lock(mutex_);
    if (lease_.is_null()) return fail(ErrorKind::not_found, "there is no Lease");
    return lease_;
  }
  Result<nlohmann::json> create(const nlohmann::json& lease, TimeNs) override {
    const std::lock_guard lock(mutex_);
    if (!lease_.is_null()) return fail(ErrorKind::conflict, "it is there already");
    return store(lease);
  }
  Result<nlohmann::json> replace(const nlohmann::json& lease, TimeNs) override {
    const std::lock_guard lock(mutex_);
    if (lease_.is_null()) return fail(ErrorKind::not_found, "there is no Lease");
    const std::string version = lease["metadata"].value("resourceVersion", "");
    if (version != lease_["metadata"]["resourceVersion"]) {
      return fail(ErrorKind::conflict, "the object has been modified");
    }
    return store(lease);
  }

  nlohmann::json lease() const {
    const std::lock_guard lock(mutex_);
    return lease_;
  }
  std::string holder() const { return lease()["spec"]["holderIdentity"]; }
  /// As somebody else would: the next write of those who know an older version fails.
  void change(const std::function<void(nlohmann::json&)>& how) {
    const std::lock_guard lock(mutex_);
    how(lease_);
    store(lease_);
  }
  void remove() {
    const std::lock_guard lock(mutex_);
    lease_ = nullptr;
  }

 private:
  nlohmann::json store(const nlohmann::json& lease) {
    lease_ = lease;
    lease_["metadata"]["resourceVersion"] = std::to_string(++version_);
    return lease_;
  }

  mutable std::mutex mutex_;
  nlohmann::json lease_;
  int version_ = 0;
};

}  // namespace wsfleet
