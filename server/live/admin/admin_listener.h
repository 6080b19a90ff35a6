// SPDX-License-Identifier: Apache-2.0
#pragma once
// The admin listener: the verbs that a scaler needs from inside a cluster, on a port of their own,
// guarded by a bearer token. One thread.
//   POST /drain             stop accepting, fail readiness, close paced
//   POST /shed?share=0.25   close a share of the open connections, paced

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/net/http_listener.h"
#include "core/result.h"

namespace wsfleet {

/// What the verbs do; each returns how many connections it will close.
struct AdminVerbs {
  std::function<std::int64_t()> drain;
  std::function<std::int64_t(double share)> shed;
};

/// Pure but for the verbs that it calls: 202 with JSON, or 401, 404, 405, 400.
HttpPage answer_admin(std::string_view method, std::string_view target,
                      std::string_view authorization, const std::string& token,
                      const AdminVerbs& verbs);

/// On the thread of `io`. Port 0: any free one.
Result<std::unique_ptr<HttpListener>> open_admin_listener(boost::asio::io_context& io,
                                                          const std::string& address,
                                                          std::uint16_t port, std::string token,
                                                          AdminVerbs verbs);

}  // namespace wsfleet
