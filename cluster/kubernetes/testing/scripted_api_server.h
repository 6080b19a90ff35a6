// SPDX-License-Identifier: Apache-2.0
#pragma once
// An API server on 127.0.0.1 over TLS whose answers a test writes; it keeps what it was asked. An
// answer may also never come, be cut off, or go on for as long as somebody listens. For the tests
// of what is sent; the real API server is in the end-to-end tests. Test code only.

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
  enum class Delivery { whole, dropped, never };

  int status = 200;
  std::string body = "{}";
  Delivery delivery = Delivery::whole;
  /// Further pieces of the body, "" for none just now; false at its end. Called until the listener
  /// has gone, outside the script's turn.
  std::function<bool(std::string& piece)> more = {};
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
