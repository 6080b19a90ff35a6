// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/endpoints/nginx_ingress.h"

#include <fmt/format.h>

#include <csignal>
#include <utility>

#include "cluster/ingress/nginx_files.h"
#include "core/live/entropy.h"
#include "core/live/stop.h"
#include "core/net/http_client.h"
#include "core/process/files.h"
#include "core/process/process.h"
#include "core/process/waiting.h"

namespace wsfleet {
namespace {

constexpr TimeNs kReadyWithin = 60 * kSecond;  // a loaded machine; a healthy start takes one second
constexpr TimeNs kAnswerWithin = 2 * kSecond;
constexpr TimeNs kEndsWithin = 3 * kSecond;

}  // namespace

struct NginxIngress::Impl {
  NginxSettings settings;
  std::string log;
  std::unique_ptr<Process> process;

  Result<void> ask(const char* method, const char* path, std::string body) const {
    HttpRequest request;
    request.method = method;
    request.port = settings.admin_port;
    request.target = path;
    request.headers = {{"Authorization", "Bearer " + settings.admin_token}};
    request.body = std::move(body);
    const auto answer = http_exchange(request, kAnswerWithin);
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status == 200) return {};
    return fail(
        fmt::format("nginx answers {} {} with {}: {}", method, path, answer->status, answer->body));
  }
};

NginxIngress::NginxIngress(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

NginxIngress::~NginxIngress() {
  impl_->process->signal(SIGTERM);
  impl_->process->wait(kEndsWithin);
}

Result<std::unique_ptr<NginxIngress>> NginxIngress::start(const NginxIngressSettings& settings) {
  auto impl = std::make_unique<Impl>();
  impl->settings.balancer = settings.balancer;
  impl->settings.seed = settings.seed;
  impl->settings.directory = settings.directory;
  impl->settings.address = settings.address;
  impl->settings.port = settings.port;
  impl->settings.admin_port = settings.admin_port;
  impl->settings.admin_token = random_uuid();
  impl->settings.program = settings.program;
  impl->log = settings.directory + "/nginx.log";
  auto command = write_nginx(impl->settings);
  if (!command) return tl::unexpected(command.error());
  auto process = Process::start({.command = std::move(*command),
                                 .environment = {},
                                 .output = impl->log,
                                 .errors = impl->log,
                                 .group = 0});
  if (!process) return tl::unexpected(process.error());
  impl->process = std::make_unique<Process>(std::move(*process));
  std::unique_ptr<NginxIngress> nginx(new NginxIngress(std::move(impl)));
  const auto serves = [&nginx] { return nginx->impl_->ask("GET", "/livez", "").has_value(); };
  wait_for([&] { return !nginx->still_runs() || serves(); }, kReadyWithin);
  if (auto runs = nginx->still_runs(); !runs) return tl::unexpected(runs.error());
  if (serves()) return nginx;
  if (stop_requested()) return fail(ErrorKind::stopped, "stopped while nginx started");
  return fail("nginx does not answer");
}

Result<void> NginxIngress::put(const std::vector<IngressEndpoint>& endpoints) {
  return impl_->ask("PUT", "/endpoints", endpoints_json(endpoints));
}

Result<void> NginxIngress::forget(EndpointId endpoint) {
  return impl_->ask("POST", "/forget", forget_json(endpoint));
}

Result<void> NginxIngress::still_runs() {
  const auto end = impl_->process->poll();
  if (!end) return {};
  return fail(fmt::format("nginx ended with {}; its logs end with:\n{}\n{}", describe(*end),
                          last_lines(impl_->log),
                          last_lines(impl_->settings.directory + "/error.log")));
}

}  // namespace wsfleet
