// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis_sessions.h"
namespace wsfleet {
struct RedisSessions::Impl {};
RedisSessions::RedisSessions() = default;
RedisSessions::~RedisSessions() = default;
Result<std::unique_ptr<RedisSessions>> RedisSessions::make(boost::asio::io_context&, ServerParts&) {
  return fail(ErrorKind::unsupported, "this version does not speak to Redis yet");
}
void RedisSessions::opened(const std::string&) {}
void RedisSessions::closed(const std::string&) {}
void RedisSessions::joined(const std::string&) {}
void RedisSessions::left(const std::string&) {}
void RedisSessions::publish(const std::string&, std::string_view, bool) {}
RedisLevels RedisSessions::levels() const { return {}; }
void RedisSessions::stop(std::function<void()> done) { done(); }
}  // namespace wsfleet
