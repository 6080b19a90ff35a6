// SPDX-License-Identifier: Apache-2.0
#include "cluster/local/services.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>

#include "core/live/entropy.h"
#include "core/live/stop.h"
#include "core/net/http_client.h"
#include "core/process/files.h"
#include "core/process/free_port.h"
#include "core/process/waiting.h"

namespace wsfleet {
namespace {

constexpr TimeNs kReadyWithin = 60 * kSecond;  // a loaded machine; a healthy start takes one second
constexpr TimeNs kAnswerWithin = 2 * kSecond;
// Somebody else may take a port between the look and the start.
constexpr int kStarts = 3;

Result<void> make_place(const ServicePlace& place) {
  if (mkdir(place.directory.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return fail(fmt::format("can't make {}: {}", place.directory, std::strerror(errno)));
}

Result<Process> launch_process(const ServicePlace& place, std::vector<std::string> command) {
  return Process::start({.command = std::move(command),
                         .environment = {},
                         .output = place.log,
                         .errors = place.log,
                         .group = place.group});
}

/// Waits until it answers; nothing when it ended instead, which a port in use brings about.
Result<bool> becomes_ready(const char* name, const ServicePlace& place, Process& process,
                           const std::function<bool()>& answers) {
  bool ended = false;
  const bool ready = wait_for(
      [&] {
        ended = process.poll().has_value();
        return ended || answers();
      },
      kReadyWithin);
  if (ready) return !ended;
  if (stop_requested()) return fail(ErrorKind::stopped, "stopped by the user");
  return fail(fmt::format("{} does not answer within {}; its log ends with:\n{}", name,
                          format_duration_short(kReadyWithin), last_lines(place.log)));
}

Error did_not_start(const char* name, const ServicePlace& place) {
  return {ErrorKind::failed,
          fmt::format("{} does not start; its log ends with:\n{}", name, last_lines(place.log))};
}

bool http_answers(std::uint16_t port, const std::string& target, const std::string& token) {
  HttpRequest request;
  request.port = port;
  request.target = target;
  if (!token.empty()) request.headers = {{"Authorization", "Bearer " + token}};
  const auto answer = http_exchange(request, kAnswerWithin);
  return answer && answer->status == 200;
}

/// Sends the text and takes what comes first; "" when nothing does.
std::string say_to(std::uint16_t port, const std::string& text) {
  const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      send(file, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())) {
    pollfd readable{.fd = file, .events = POLLIN, .revents = 0};
    char block[256];
    if (poll(&readable, 1, static_cast<int>(kAnswerWithin / kMillisecond)) == 1) {
      const ssize_t size = recv(file, block, sizeof block, 0);
      if (size > 0) answer.assign(block, static_cast<std::size_t>(size));
    }
  }
  close(file);
  return answer;
}

}  // namespace

// --- Redis

Result<std::unique_ptr<RedisService>> RedisService::start(const std::string& program,
                                                          const ServicePlace& place) {
  if (auto made = make_place(place); !made) return tl::unexpected(made.error());
  auto redis = std::make_unique<RedisService>();
  redis->program_ = program;
  redis->place_ = place;
  redis->password_ = random_uuid();
  for (int i = 0; i < kStarts; ++i) {
    const auto port = free_port();
    if (!port) return tl::unexpected(port.error());
    redis->port_ = *port;
    if (auto launched = redis->launch(); !launched) return tl::unexpected(launched.error());
    const auto ready =
        becomes_ready("redis-server", place, *redis->process_, [&] { return redis->answers(); });
    if (!ready) return tl::unexpected(ready.error());
    if (*ready) return redis;
  }
  return tl::unexpected(did_not_start("redis-server", place));
}

Result<void> RedisService::launch() {
  const std::string config = place_.directory + "/redis.conf";
  const std::string text = fmt::format(
      "bind 127.0.0.1\nport {}\ndir {}\nrequirepass {}\nappendonly yes\nappendfsync everysec\n"
      "save \"\"\n",
      port_, place_.directory, password_);
  if (auto written = replace_file(config, text); !written) return written;
  auto process = launch_process(place_, {program_, config});
  if (!process) return tl::unexpected(process.error());
  process_ = std::move(*process);
  return {};
}

Result<void> RedisService::restart() { return launch(); }

bool RedisService::answers() const {
  const std::string answer = say_to(port_, fmt::format("AUTH {}\r\n", password_));
  return answer.starts_with("+OK");
}

std::string RedisService::url() const {
  return fmt::format("redis://:{}@127.0.0.1:{}/0", password_, port_);
}

// --- Prometheus

Result<std::unique_ptr<PrometheusService>> PrometheusService::start(const std::string& program,
                                                                    const ServicePlace& place,
                                                                    TimeNs scrape_interval,
                                                                    TimeNs scrape_timeout) {
  if (auto made = make_place(place); !made) return tl::unexpected(made.error());
  auto service = std::make_unique<PrometheusService>();
  service->targets_file_ = place.directory + "/targets.json";
  const std::string config = place.directory + "/prometheus.yml";
  const std::string text = prometheus_config({.scrape_interval = scrape_interval,
                                              .scrape_timeout = scrape_timeout,
                                              .targets_file = service->targets_file_});
  if (auto written = service->set_targets({}); !written) return tl::unexpected(written.error());
  if (auto written = replace_file(config, text); !written) return tl::unexpected(written.error());
  for (int i = 0; i < kStarts; ++i) {
    const auto port = free_port();
    if (!port) return tl::unexpected(port.error());
    service->port_ = *port;
    auto process =
        launch_process(place, prometheus_command({.program = program,
                                                  .address = "127.0.0.1",
                                                  .port = *port,
                                                  .config_file = config,
                                                  .data_directory = place.directory + "/tsdb"}));
    if (!process) return tl::unexpected(process.error());
    service->process_ = std::move(*process);
    const auto ready = becomes_ready("prometheus", place, *service->process_,
                                     [&] { return http_answers(*port, "/-/ready", ""); });
    if (!ready) return tl::unexpected(ready.error());
    if (*ready) return service;
  }
  return tl::unexpected(did_not_start("prometheus", place));
}

Result<void> PrometheusService::set_targets(const std::vector<ScrapeTarget>& targets) {
  return replace_file(targets_file_, prometheus_targets(targets));
}

// --- nginx

Result<std::unique_ptr<NginxService>> NginxService::start(const std::string& program,
                                                          const ServicePlace& place,
                                                          NginxSettings settings) {
  if (auto made = make_place(place); !made) return tl::unexpected(made.error());
  auto service = std::make_unique<NginxService>();
  settings.directory = place.directory;
  settings.program = program;
  settings.admin_token = random_uuid();
  for (int i = 0; i < kStarts; ++i) {
    const auto port = free_port();
    const auto admin_port = free_port();
    if (!port || !admin_port) return tl::unexpected((port ? admin_port : port).error());
    settings.port = *port;
    settings.admin_port = *admin_port;
    service->settings_ = settings;
    auto command = write_nginx(settings);
    if (!command) return tl::unexpected(command.error());
    auto process = launch_process(place, std::move(*command));
    if (!process) return tl::unexpected(process.error());
    service->process_ = std::move(*process);
    const auto ready = becomes_ready("nginx", place, *service->process_, [&] {
      return http_answers(*admin_port, "/livez", settings.admin_token);
    });
    if (!ready) return tl::unexpected(ready.error());
    if (*ready) return service;
  }
  return tl::unexpected(did_not_start("nginx", place));
}

}  // namespace wsfleet
