// SPDX-License-Identifier: Apache-2.0
#include "server/live/redis/testing/redis_server.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "core/process/free_port.h"
#include "core/process/testing/wait.h"

namespace wsfleet {
namespace {

constexpr timeval kAnswerTimeout{20, 0};

using Connection = std::unique_ptr<redisContext, decltype(&redisFree)>;

std::string new_directory() {
  std::string path = std::filesystem::temp_directory_path() / "wsfleet-redis-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary directory");
  return path;
}

void flatten(const redisReply& reply, std::vector<std::string>& texts) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      texts.push_back(std::to_string(reply.integer));
      return;
    case REDIS_REPLY_ERROR:
      texts.push_back("-" + std::string(reply.str, reply.len));
      return;
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_STRING:
      texts.emplace_back(reply.str, reply.len);
      return;
    case REDIS_REPLY_ARRAY:
      for (std::size_t i = 0; i < reply.elements; ++i) flatten(*reply.element[i], texts);
      return;
    default:  // a null
      return;
  }
}

/// False when the connection ended instead.
bool call(redisContext* context, const std::vector<std::string>& words,
          std::vector<std::string>& answer) {
  std::vector<const char*> starts;
  std::vector<std::size_t> lengths;
  for (const std::string& word : words) {
    starts.push_back(word.data());
    lengths.push_back(word.size());
  }
  void* raw =
      redisCommandArgv(context, static_cast<int>(words.size()), starts.data(), lengths.data());
  if (raw == nullptr) return false;
  flatten(*static_cast<redisReply*>(raw), answer);
  freeReplyObject(raw);
  return true;
}

/// As redis.conf takes it.
std::string config_word(const std::string& text) {
  std::string line = "\"";
  for (const char c : text) line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return line + "\"";
}

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace

RedisServer::RedisServer(RedisServerOptions options)
    : options_(std::move(options)), directory_(new_directory()) {}

std::unique_ptr<RedisServer> RedisServer::start(RedisServerOptions options) {
  std::unique_ptr<RedisServer> server(new RedisServer(std::move(options)));
  // Somebody else may take the port between the look and the start.
  for (int attempt = 0; attempt < 5; ++attempt) {
    server->port_ = free_port().value();
    if (server->launch()) return server;
  }
  throw std::runtime_error("redis-server does not start:\n" + server->log());
}

RedisServer::~RedisServer() {
  end(SIGKILL);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

bool RedisServer::launch() {
  const std::string config_path = directory_ + "/redis.conf";
  {
    std::ofstream config(config_path);
    config << "port " << port_ << "\nbind 127.0.0.1\ndir " << directory_
           << "\nsave \"\"\nappendonly " << (options_.append_only ? "yes" : "no") << "\n";
    if (!options_.password.empty())
      config << "requirepass " << config_word(options_.password) << "\n";
    for (const std::string& line : options_.config) config << line << "\n";
  }
  // Its configuration comes by standard input, where no password is seen in a list of processes.
  ProcessOptions options;
  options.command = {find_program("redis-server", "/usr/sbin"), "-"};
  options.input = config_path;
  options.output = options.errors = directory_ + "/log";
  options.group = std::nullopt;
  auto process = Process::start(options);
  if (!process) throw std::runtime_error(process.error().message);
  process_ = std::move(*process);
  const bool answers = eventually([this] {
    if (process_->poll()) return true;
    try {
      // Another server on this port would have another process id.
      const std::string info = ask_one({"INFO", "server"});
      return info.find(fmt::format("process_id:{}\r", pid())) != std::string::npos;
    } catch (const std::runtime_error&) {
      return false;
    }
  });
  if (answers && !process_->poll()) return true;
  process_.reset();
  return false;
}

void RedisServer::end(int signal) {
  if (!running()) return;
  process_->signal(signal);
  if (signal != SIGKILL) process_->signal(SIGCONT);
  process_->wait(kMinute);
  process_.reset();
}

std::string RedisServer::url(int database) const {
  const std::string& password = options_.password;
  const std::string user = password.empty() ? "" : ":" + percent_encoded(password) + "@";
  return fmt::format("redis://{}127.0.0.1:{}/{}", user, port_, database);
}

void RedisServer::pause() {
  process_->signal(SIGSTOP);
  int status = 0;
  waitpid(pid(), &status, WUNTRACED);
}

void RedisServer::resume() { process_->signal(SIGCONT); }
void RedisServer::kill() { end(SIGKILL); }
void RedisServer::stop() { end(SIGTERM); }

void RedisServer::restart() {
  if (running()) throw std::runtime_error("restart() of a redis-server that runs");
  if (!launch()) throw std::runtime_error("redis-server does not start again:\n" + log());
}

std::vector<std::string> RedisServer::ask(const std::vector<std::string>& words,
                                          int database) const {
  const Connection connection(redisConnectWithTimeout("127.0.0.1", port_, kAnswerTimeout),
                              &redisFree);
  if (!connection || connection->err != 0) throw std::runtime_error("redis-server is not there");
  redisSetTimeout(connection.get(), kAnswerTimeout);
  std::vector<std::string> ignored;
  std::vector<std::string> answer;
  const bool greeted =
      (options_.password.empty() || call(connection.get(), {"AUTH", options_.password}, ignored)) &&
      (database == 0 || call(connection.get(), {"SELECT", std::to_string(database)}, ignored));
  if (!greeted || !call(connection.get(), words, answer)) {
    throw std::runtime_error(std::string("redis-server does not answer: ") + connection->errstr);
  }
  return answer;
}

std::string RedisServer::ask_one(const std::vector<std::string>& words, int database) const {
  const auto answer = ask(words, database);
  return answer.empty() ? "" : answer.front();
}

std::vector<std::string> RedisServer::keys(const std::string& pattern, int database) const {
  auto found = ask({"KEYS", pattern}, database);
  std::sort(found.begin(), found.end());
  return found;
}

std::string RedisServer::log() const {
  std::ostringstream text;
  text << std::ifstream(directory_ + "/log").rdbuf();
  return text.str();
}

}  // namespace wsfleet
