// SPDX-License-Identifier: Apache-2.0
#pragma once
// A client of the Kubernetes API: JSON over verified TLS, with deadlines, retries and watches. Each
// call blocks and has a connection of its own; any thread may call, also at the same time.
//
// Retries: 429 and 5xx answers and lost connections, with jittered exponential back-off or as
// Retry-After says, within the request's deadline; a POST only where the server certainly did not
// act (429, connection refused). Errors: `not_found` 404 (and 410 of a list), `conflict` 409,
// `unavailable` no answer, 429 and 5xx after all retries, `failed` everything else (401 and 403
// name user, verb and object in the server's words; a server certificate that is refused).

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/kubernetes/access/access.h"
#include "core/result.h"
#include "core/time.h"

namespace wsfleet {

struct ApiSettings {
  TimeNs deadline = 10 * kSecond;   // of a call, retries included
  TimeNs try_within = 5 * kSecond;  // of one try, from connecting to the last byte
  TimeNs first_backoff = 200 * kMillisecond;
  TimeNs watch_idle = 90 * kSecond;  // a watch without a byte for so long is given up and renewed
  int page_size = 500;               // of lists
  std::string user_agent = "wsfleet";
};

enum class PatchKind { merge, strategic, json_patch, apply };

/// An answer of any status, for what is not the API's own JSON: proxied requests, logs.
struct ApiAnswer {
  int status = 0;
  std::string body;
};

struct ApiList {
  std::vector<nlohmann::json> items;
  std::string resource_version;  // a watch goes on from here
};

struct WatchEvent {
  enum class Kind { added, modified, removed, bookmark };
  Kind kind = Kind::added;
  const nlohmann::json& object;
};

class ApiClient {
 public:
  explicit ApiClient(ClusterAccess access, ApiSettings settings = {});
  ~ApiClient();
  ApiClient(const ApiClient&) = delete;
  ApiClient& operator=(const ApiClient&) = delete;

  const ClusterAccess& access() const;

  // `path`: "/api/v1/namespaces/chat/pods/websocket-0", query included, percent-encoded.
  // `deadline` 0: the settings'.
  Result<nlohmann::json> get(const std::string& path, TimeNs deadline = 0);
  Result<nlohmann::json> create(const std::string& path, const nlohmann::json& object,
                                TimeNs deadline = 0);
  /// PUT: the object's resourceVersion, where it has one, must still be the current one.
  Result<nlohmann::json> replace(const std::string& path, const nlohmann::json& object,
                                 TimeNs deadline = 0);
  /// `apply` is server-side apply, with field manager "wsfleet" and force.
  Result<nlohmann::json> patch(const std::string& path, PatchKind kind, const nlohmann::json& patch,
                               TimeNs deadline = 0);
  Result<nlohmann::json> remove(const std::string& path, const nlohmann::json& options,
                                TimeNs deadline = 0);
  /// All pages of a collection; `query` as in "labelSelector=app%3Dwebsocket", "" for none. A page
  /// that expired (410) begins anew, once. `stop` ends it soon, with ErrorKind::stopped.
  Result<ApiList> list(const std::string& path, const std::string& query = "",
                       const std::stop_token& stop = {});

  /// One watch, until it ends: `stop`, `on_event` returning false, the server or the network. No
  /// retries: the caller goes on from the last resourceVersion it saw. `not_found` says that this
  /// version is gone (410, as status or as event): list again. `on_open`: the server watches, which
  /// it may do long before the first event.
  Result<void> watch(const std::string& path, const std::string& query,
                     const std::string& resource_version, const std::stop_token& stop,
                     const std::function<bool(const WatchEvent&)>& on_event,
                     const std::function<void()>& on_open = {});

  /// Any verb, any answer: for /pods/NAME/proxy/..., /pods/NAME/log, /readyz. No retries.
  Result<ApiAnswer> exchange(const std::string& method, const std::string& path,
                             const std::string& body, const std::string& content_type,
                             const std::map<std::string, std::string>& headers = {},
                             TimeNs deadline = 0);
  /// GET, line by line as they come (a followed log), until it ends as a watch does. The last line
  /// may lack its end.
  Result<void> lines(const std::string& path, const std::stop_token& stop,
                     const std::function<bool(std::string_view)>& on_line);

  /// Major and minor of GET /version: {1, 20}. {0, 0} for a server that was built without one: it
  /// counts as older than every feature.
  Result<std::pair<int, int>> version();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
