// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/endpoints/endpoints_options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cctype>
#include <map>

#include "cluster/balancers/balancer.h"
#include "cluster/kubernetes/fleet/names.h"
#include "core/log.h"

namespace wsfleet {
namespace {

constexpr int kUsage = 2;

/// "--targets-port" to "WSFLEET_TARGETS_PORT".
std::string variable_of(const std::string& option) {
  std::string name = "WSFLEET_";
  for (const char c : option.substr(2)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

template <class T>
CLI::Option* add(CLI::App& app, const std::string& name, T& target, const std::string& text) {
  return app.add_option(name, target, text)->envname(variable_of(name));
}

void add_options(CLI::App& app, EndpointsOptions& options) {
  std::map<std::string, BalancerKind> balancers;
  for (const auto& [name, kind] : balancer_names()) balancers[name] = kind;
  const std::map<std::string, IngressKind> ingresses = {{"nginx", IngressKind::nginx},
                                                        {"none", IngressKind::none}};
  options.selector = kServerSelector;
  options.pod_port = kServerPort;
  add(app, "--selector", options.selector, "labels of the pods (those of the manifests)");
  add(app, "--namespace", options.name_space, "of the pods (its own)");
  add(app, "--pod-port", options.pod_port, "where they listen (3000)")->check(CLI::Range(1, 65535));
  add(app, "--kubeconfig", options.kubeconfig, "(the pod's ServiceAccount)");
  add(app, "--ingress", options.ingress, "nginx, or none: only the list of targets (nginx)")
      ->transform(CLI::CheckedTransformer(ingresses).description(""));
  add(app, "--balancer", options.balancer, "how nginx picks a pod (ewma)")
      ->transform(CLI::CheckedTransformer(balancers).description(""));
  add(app, "--seed", options.seed, "of the balancer's chance (1)");
  add(app, "--directory", options.directory, "where nginx' files are written; needed with it");
  add(app, "--listen", options.listen_address, "IPv4 address to listen on (0.0.0.0)");
  add(app, "--port", options.port, "where clients connect (8000)");
  add(app, "--nginx-admin-port", options.nginx_admin_port, "of nginx, on 127.0.0.1 (8001)");
  add(app, "--targets-port", options.targets_port,
      "of /targets, for Prometheus, and /readyz (8081); 0: any free one");
  add(app, "--nginx", options.nginx, "its program (/usr/sbin/nginx)");
}

}  // namespace

EndpointsCommand read_endpoints_command(int argc, const char* const* argv) {
  EndpointsCommand command;
  CLI::App app(
      "wsfleet-endpoints: tells an nginx of its own, and Prometheus, which pods of a workload "
      "there\n"
      "are. Each option is also an environment variable: --targets-port is WSFLEET_TARGETS_PORT.",
      "wsfleet-endpoints");
  add_options(app, command.options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    command.exit_status = app.exit(error) == 0 ? 0 : kUsage;
    return command;
  }
  if (command.options.ingress == IngressKind::nginx && command.options.directory.empty()) {
    log_error("--ingress nginx needs --directory, where its files can be written");
    command.exit_status = kUsage;
    return command;
  }
  command.go_on = true;
  return command;
}

}  // namespace wsfleet
