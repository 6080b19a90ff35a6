// SPDX-License-Identifier: Apache-2.0
#pragma once
// The admin listener: the verbs that a scaler needs from inside a cluster, on a port of their own,
// guarded by a bearer token. One thread.
//   POST /drain             stop accepting, fail readiness, close paced
//   POST /shed?share=0.25   close a share of the open connections, paced

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "server/live/http_answers.h"

namespace wsfleet {

/// What the verbs do; each returns how many connections it will close.
struct AdminVerbs {
  std::function<std::int64_t()> drain;
  std::function<std::int64_t(double share)> shed;
};

/// Pure but for the verbs that it calls: 202 with JSON, or 401, 404, 405, 400.
HttpAnswer answer_admin(std::string_view method, std::string_view target,
                        std::string_view authorization, const std::string& token,
                        const AdminVerbs& verbs);

class AdminListener {
 public:
  AdminListener(boost::asio::io_context& io, std::string token, AdminVerbs verbs);
  ~AdminListener();
  Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wsfleet
