// SPDX-License-Identifier: Apache-2.0
// kubeconfig files: merged, the chosen context's cluster and user read, what is unsafe or unknown
// refused in words.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "cluster/kubernetes/access/access.h"
#include "cluster/kubernetes/access/base64.h"
#include "cluster/kubernetes/access/exec_plugin.h"
#include "cluster/kubernetes/access/token_source.h"

namespace wsfleet {
namespace {

namespace fs = std::filesystem;

/// An entry of `clusters`, `users` or `contexts`, and the file that it stands in.
struct Entry {
  YAML::Node value;
  std::string file;
  std::string place;  // "kubeconfig FILE: user 'NAME'"
};

tl::unexpected<Error> wrong(const Entry& entry, const std::string& what) {
  return fail(ErrorKind::configuration, entry.place + ": " + what);
}

std::string text(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

/// Keys that are there but empty say nothing, as for kubectl.
bool says(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && !value.IsNull() && !(value.IsScalar() && value.Scalar().empty()) &&
         !(value.IsSequence() && value.size() == 0);
}

bool is_true(const YAML::Node& node, const char* key) {
  return says(node, key) && node[key].as<bool>(false);
}

std::vector<std::string> files_of(const KubeconfigChoice& choice) {
  if (!choice.files.empty()) return choice.files;
  std::vector<std::string> files;
  if (const char* variable = std::getenv("KUBECONFIG"); variable != nullptr && *variable != 0) {
    const std::string list = variable;
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(':', at), list.size());
      if (end > at) files.push_back(list.substr(at, end - at));
      at = end + 1;
    }
    return files;
  }
  const char* home = std::getenv("HOME");
  return {fmt::format("{}/.kube/config", home != nullptr ? home : "")};
}

struct LoadedFile {
  std::string path;
  YAML::Node root;
};

/// Files that are not there are left out as kubectl does, unless all are missing.
Result<std::vector<LoadedFile>> load_files(const std::vector<std::string>& files) {
  std::vector<LoadedFile> loaded;
  for (const std::string& path : files) {
    std::error_code error;
    if (!fs::exists(path, error)) continue;
    const auto content = read_credential(path);
    if (!content) return tl::unexpected(content.error());
    try {
      YAML::Node root = YAML::Load(*content);
      if (root.IsNull()) continue;
      if (!root.IsMap()) {
        return fail(ErrorKind::configuration, fmt::format("kubeconfig {} is no mapping", path));
      }
      loaded.push_back({path, root});
    } catch (const YAML::Exception& exception) {
      return fail(ErrorKind::configuration,
                  fmt::format("kubeconfig {}: {}", path, exception.what()));
    }
  }
  if (!loaded.empty()) return loaded;
  std::string tried;
  for (const std::string& path : files) tried += (tried.empty() ? "" : ", ") + path;
  return fail(ErrorKind::configuration,
              fmt::format("there is no kubeconfig (tried: {}); set KUBECONFIG", tried));
}

/// The first file that has it counts.
Result<Entry> find(const std::vector<LoadedFile>& files, const char* list, const char* kind,
                   const std::string& name) {
  std::string known;
  for (const LoadedFile& file : files) {
    const YAML::Node entries = file.root[list];
    if (!entries || !entries.IsSequence()) continue;
    for (const YAML::Node& entry : entries) {
      const std::string called = text(entry, "name");
      if (called == name && entry[kind] && entry[kind].IsMap()) {
        return Entry{entry[kind], file.path,
                     fmt::format("kubeconfig {}: {} '{}'", file.path, kind, name)};
      }
      if (called != name) known += (known.empty() ? "" : ", ") + called;
    }
  }
  return fail(ErrorKind::configuration, fmt::format("the kubeconfig has no {} '{}'; it has: {}",
                                                    kind, name, known.empty() ? "none" : known));
}

/// `KEY-data` (base64) or the file that `KEY` names, relative to the kubeconfig; "" for neither.
Result<std::string> pem_of(const Entry& entry, const std::string& key) {
  if (const std::string data = text(entry.value, (key + "-data").c_str()); !data.empty()) {
    auto decoded = base64_decode(data);
    if (decoded) return *decoded;
    return wrong(entry, key + "-data is no base64");
  }
  const std::string path = text(entry.value, key.c_str());
  if (path.empty()) return std::string();
  const auto content = read_credential((fs::path(entry.file).parent_path() / path).string());
  if (content) return *content;
  return wrong(entry, key + ": " + content.error().message);
}

Result<void> read_cluster(const Entry& cluster, ClusterAccess& access) {
  access.server = text(cluster.value, "server");
  if (!access.server.starts_with("https://")) {
    return wrong(cluster, fmt::format("its server '{}' is not https://…: credentials are not sent "
                                      "in clear",
                                      access.server));
  }
  if (is_true(cluster.value, "insecure-skip-tls-verify")) {
    return wrong(cluster,
                 "insecure-skip-tls-verify is not done here; give certificate-authority instead");
  }
  if (says(cluster.value, "proxy-url")) {
    return wrong(cluster, "proxy-url is not supported; give an address that is reached directly");
  }
  access.tls_name = text(cluster.value, "tls-server-name");
  auto ca = pem_of(cluster, "certificate-authority");
  if (!ca) return tl::unexpected(ca.error());
  access.ca_pem = std::move(*ca);
  return {};
}

Result<ExecPlugin> plugin_of(const Entry& user) {
  const YAML::Node exec = user.value["exec"];
  ExecPlugin plugin;
  plugin.api_version = text(exec, "apiVersion");
  if (plugin.api_version != "client.authentication.k8s.io/v1" &&
      plugin.api_version != "client.authentication.k8s.io/v1beta1") {
    return wrong(user, fmt::format("exec.apiVersion '{}' is neither "
                                   "client.authentication.k8s.io/v1 nor …/v1beta1",
                                   plugin.api_version));
  }
  plugin.command = text(exec, "command");
  if (plugin.command.empty()) return wrong(user, "exec.command is missing");
  // With a slash it is relative to the kubeconfig; without one it is looked for in PATH.
  if (plugin.command.find('/') != std::string::npos) {
    plugin.command = (fs::path(user.file).parent_path() / plugin.command).string();
  }
  if (text(exec, "interactiveMode") == "Always") {
    return wrong(user, "exec.interactiveMode is Always, and there is no terminal for the plugin");
  }
  plugin.install_hint = text(exec, "installHint");
  for (const YAML::Node& argument : exec["args"]) plugin.arguments.push_back(argument.Scalar());
  for (const YAML::Node& variable : exec["env"]) {
    plugin.environment.emplace_back(text(variable, "name"), text(variable, "value"));
  }
  return plugin;
}

/// What would make us somebody else than the kubeconfig means, were it left out.
Result<void> refuse_others(const Entry& user) {
  if (says(user.value, "auth-provider")) {
    return wrong(user, "auth-provider is no more; use the exec plugin of that provider");
  }
  if (says(user.value, "username") || says(user.value, "password")) {
    return wrong(user, "user names with passwords are not supported; use a token or a certificate");
  }
  for (const char* key : {"as", "as-uid", "as-groups", "as-user-extra"}) {
    if (!says(user.value, key)) continue;
    return wrong(user, fmt::format("impersonation ({}) is not supported; use credentials of that "
                                   "user",
                                   key));
  }
  return {};
}

Result<void> use_plugin(const Entry& user, ClusterAccess& access) {
  const auto plugin = plugin_of(user);
  if (!plugin) return tl::unexpected(plugin.error());
  const auto first = run_exec_plugin(*plugin);
  if (!first) return wrong(user, first.error().message);
  const auto credential = renewed_credential(*plugin, *first);
  if (!first->token.empty()) {
    access.token = [credential]() -> Result<std::string> {
      return credential().map([](const ExecCredential& given) { return given.token; });
    };
  }
  if (!first->certificate_pem.empty()) {
    access.identity = [credential]() -> Result<ClientIdentity> {
      return credential().map([](const ExecCredential& given) {
        return ClientIdentity{given.certificate_pem, given.key_pem};
      });
    };
  }
  return {};
}

Result<void> read_user(const Entry& user, ClusterAccess& access) {
  if (auto others = refuse_others(user); !others) return others;
  auto certificate = pem_of(user, "client-certificate");
  if (!certificate) return tl::unexpected(certificate.error());
  auto key = pem_of(user, "client-key");
  if (!key) return tl::unexpected(key.error());
  if (certificate->empty() != key->empty()) {
    return wrong(user, "client-certificate and client-key go together");
  }
  access.certificate_pem = std::move(*certificate);
  access.key_pem = std::move(*key);
  // As kubectl has it: the file is what is renewed, so it counts.
  if (const std::string file = text(user.value, "tokenFile"); !file.empty()) {
    access.token = token_from_file((fs::path(user.file).parent_path() / file).string());
    const auto token = access.token();
    return token ? Result<void>() : wrong(user, "tokenFile: " + token.error().message);
  }
  if (const std::string token = trimmed(text(user.value, "token")); !token.empty()) {
    access.token = [token]() -> Result<std::string> { return token; };
    return {};
  }
  return says(user.value, "exec") ? use_plugin(user, access) : Result<void>();
}

Result<ClusterAccess> read(const std::vector<LoadedFile>& files, const std::string& wanted) {
  std::string name = wanted;
  for (const LoadedFile& file : files) {
    if (name.empty()) name = text(file.root, "current-context");
  }
  if (name.empty()) {
    return fail(ErrorKind::configuration,
                "no context is named and the kubeconfig has no current-context");
  }
  const auto context = find(files, "contexts", "context", name);
  if (!context) return tl::unexpected(context.error());
  for (const char* key : {"cluster", "user"}) {
    if (text(context->value, key).empty()) return wrong(*context, fmt::format("it has no {}", key));
  }
  const auto cluster = find(files, "clusters", "cluster", text(context->value, "cluster"));
  if (!cluster) return tl::unexpected(cluster.error());
  const auto user = find(files, "users", "user", text(context->value, "user"));
  if (!user) return tl::unexpected(user.error());
  ClusterAccess access;
  access.context = name;
  access.name_space = text(context->value, "namespace");
  if (access.name_space.empty()) access.name_space = "default";
  if (auto is_read = read_cluster(*cluster, access); !is_read) {
    return tl::unexpected(is_read.error());
  }
  if (auto is_read = read_user(*user, access); !is_read) return tl::unexpected(is_read.error());
  return access;
}

}  // namespace

Result<ClusterAccess> kubeconfig_access(const KubeconfigChoice& choice) {
  const auto files = load_files(files_of(choice));
  if (!files) return tl::unexpected(files.error());
  try {
    return read(*files, choice.context);
  } catch (const YAML::Exception& exception) {
    return fail(ErrorKind::configuration, fmt::format("the kubeconfig: {}", exception.what()));
  }
}

}  // namespace wsfleet
