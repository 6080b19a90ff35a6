// SPDX-License-Identifier: Apache-2.0
#include "server/live/admin/admin_listener.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <charconv>
#include <utility>

#include "server/live/admin/http_answers.h"

namespace wsfleet {
namespace {

constexpr TimeNs kDeadline = 10 * kSecond;

/// Takes as long for a near miss as for any other.
bool same_secret(std::string_view given, std::string_view wanted) {
  return given.size() == wanted.size() &&
         CRYPTO_memcmp(given.data(), wanted.data(), wanted.size()) == 0;
}

std::optional<double> parse_share(const std::string& text) {
  double share = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, share);
  if (error != std::errc() || stopped != end || !(share > 0) || share > 1) return std::nullopt;
  return share;
}

HttpPage accepted(std::string_view verb, std::int64_t connections) {
  return {202, fmt::format("{{\"verb\": \"{}\", \"connections\": {}}}\n", verb, connections),
          "application/json"};
}

}  // namespace

HttpPage answer_admin(std::string_view method, std::string_view target,
                      std::string_view authorization, const std::string& token,
                      const AdminVerbs& verbs) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!authorization.starts_with(kScheme) ||
      !same_secret(authorization.substr(kScheme.size()), token)) {
    return {401,
            "Authorization: Bearer TOKEN is wrong or missing.\n",
            "text/plain; charset=utf-8",
            {{"WWW-Authenticate", "Bearer"}}};
  }
  const RequestPath path = split_path(target);
  const bool drain = path.path == "/drain";
  if (!drain && path.path != "/shed") return {404, "There are /drain and /shed?share=0.25.\n"};
  if (method != "POST") {
    return {405, "Only POST.\n", "text/plain; charset=utf-8", {{"Allow", "POST"}}};
  }
  if (drain) return accepted("drain", verbs.drain());
  const auto share = parse_share(query_value(path.query, "share").value_or(""));
  if (!share) return {400, "share= must be a number over 0 and at most 1.\n"};
  return accepted("shed", verbs.shed(*share));
}

Result<std::unique_ptr<HttpListener>> open_admin_listener(boost::asio::io_context& io,
                                                          const std::string& address,
                                                          std::uint16_t port, std::string token,
                                                          AdminVerbs verbs) {
  HttpService service;
  service.answer = [token = std::move(token),
                    verbs = std::move(verbs)](const IncomingRequest& request) {
    return answer_admin(request.method, request.target, request.header("Authorization"), token,
                        verbs);
  };
  service.limits.head_within = kDeadline;
  auto opened = HttpListener::open(io, address, port, std::move(service));
  if (opened || opened.error().kind == ErrorKind::configuration) return opened;
  return fail(
      fmt::format("the admin listener {}; choose another --admin-port, or 0 for any free one",
                  opened.error().message));
}

}  // namespace wsfleet
