// SPDX-License-Identifier: Apache-2.0
#pragma once
// An API server on 127.0.0.1 over TLS whose answers a test writes; it keeps what it was asked. For
// the tests of what is sent; the real API server is in the end-to-end tests. Test code only.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/kubernetes/access/access.h"

namespace wsfleet {

struct ScriptedRequest {
  std::string method;
  std::string target;
  std::string body;
  std::string content_type;
};

struct ScriptedAnswer {
  int status = 200;
  std::string body = "{}";
};

class ScriptedApiServer {
 public:
  /// Called for one request at a time.
  using Script = std::function<ScriptedAnswer(const ScriptedRequest&)>;

  explicit ScriptedApiServer(Script script);
  ~ScriptedApiServer();

  ClusterAccess access() const;
  std::vector<ScriptedRequest> requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
