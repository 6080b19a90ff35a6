// SPDX-License-Identifier: Apache-2.0
#pragma once
// The objects of a cluster in memory, as a script of the ScriptedApiServer: resourceVersions, GET,
// lists with selectors, POST, PUT, JSON and merge patches, dry runs, DELETE, watches. Its n-th
// write can fail, before or after it is done, and everything from then on. Thread-safe. Test code.

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cluster/kubernetes/testing/scripted_api_server.h"

namespace wsfleet {

/// What becomes of a write, the first of which is 1.
struct WriteTrouble {
  enum class Kind {
    refused,  // 403, at once
    broken,   // 503
    dropped,  // the connection ends without an answer
    hanging,  // no answer comes
  };

  int at = 0;  // 0: none
  bool is_done = false;
  bool lasts = false;  // the server answers nothing else from then on, not to reads either
  Kind kind = Kind::refused;
};

class ApiObjects {
 public:
  using json = nlohmann::json;

  /// As a ScriptedApiServer's script.
  ScriptedAnswer operator()(const ScriptedRequest& request);

  /// "/apis/apps/v1/namespaces/chat/statefulsets/websocket".
  void put(const std::string& path, json object);
  json at(const std::string& path) const;  // null where there is none
  /// As somebody else would change it.
  void change(const std::string& path, const std::function<void(json&)>& how);
  void remove(const std::string& path);
  /// What users own of all objects: without status, versions and generations.
  std::map<std::string, json> wanted() const;

  void trouble(const WriteTrouble& trouble);
  int writes() const;
  /// Where it is set, every request goes there first; an answer of status 0 leaves it to this one.
  void first(std::function<ScriptedAnswer(const ScriptedRequest&)> handler);
  /// The cluster's own part in a write: defaults, and what its controllers do about it.
  void settle(std::function<void(const std::string& path, json& object)> hook);

 private:
  struct Event {
    int version;
    std::string path;
    std::string type;
    json object;
  };

  ScriptedAnswer read(const std::string& path, const std::string& query);
  ScriptedAnswer watch(const std::string& path, const std::string& query);
  ScriptedAnswer write(const ScriptedRequest& request, const std::string& path, bool dry_run);
  ScriptedAnswer changed(const std::string& path, const json& before, json after, bool dry_run);
  ScriptedAnswer removed(const std::string& path, const std::string& options);
  json stored(const std::string& path, json object, const char* type);

  mutable std::mutex mutex_;
  std::map<std::string, json> objects_;  // by path
  std::vector<Event> events_;
  int version_ = 100;
  int writes_ = 0;
  WriteTrouble trouble_;
  bool away_ = false;
  std::function<ScriptedAnswer(const ScriptedRequest&)> first_;
  std::function<void(const std::string&, json&)> settle_;
};

}  // namespace wsfleet
