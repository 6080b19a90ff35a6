// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/exec_plugin.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "cluster/kubernetes/token_source.h"
#include "core/live_clock.h"
#include "core/utc.h"

extern char** environ;

namespace wsfleet {
namespace {

using nlohmann::json;

// A token that is about to expire would do so on its way.
constexpr TimeNs kExpiryMargin = 10 * kSecond;
constexpr std::size_t kMostOutput = 1 << 20;

struct Pipe {
  int read = -1;
  int write = -1;

  bool open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  void close_write() {
    if (write >= 0) close(std::exchange(write, -1));
  }
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_write();
    if (read >= 0) close(read);
  }
};

std::vector<std::string> environment_of(const ExecPlugin& plugin) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      all[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : plugin.environment) all[name] = value;
  all["KUBERNETES_EXEC_INFO"] = json{
      {"apiVersion", plugin.api_version},
      {"kind", "ExecCredential"},
      {"spec",
       {{"interactive", false}}}}.dump();
  std::vector<std::string> entries;
  for (const auto& [name, value] : all) entries.push_back(name + "=" + value);
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

/// Without a terminal and with no signal blocked or ignored, whatever the threads of ours do.
Result<pid_t> start(const ExecPlugin& plugin, const Pipe& out, const Pipe& errors) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.write, STDERR_FILENO);
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  sigset_t none{};
  sigemptyset(&none);
  sigset_t defaults = none;
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGCHLD);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> words = {plugin.command};
  words.insert(words.end(), plugin.arguments.begin(), plugin.arguments.end());
  std::vector<std::string> environment = environment_of(plugin);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, plugin.command.c_str(), &actions, &attributes,
                                  pointers(words).data(), pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return pid;
  const std::string hint = plugin.install_hint.empty() ? "" : "\n" + trimmed(plugin.install_hint);
  return fail(ErrorKind::configuration, fmt::format("the exec plugin {} can't be run: {}{}",
                                                    plugin.command, std::strerror(failed), hint));
}

struct PluginOutput {
  std::string out;
  std::string errors;
};

/// Reads both until the plugin has closed them; nothing when that is not so in time.
std::optional<PluginOutput> read_output(const Pipe& out, const Pipe& errors, TimeNs until) {
  PluginOutput said;
  std::array<pollfd, 2> ends{pollfd{out.read, POLLIN, 0}, pollfd{errors.read, POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const TimeNs left = until - monotonic_now();
    if (left <= 0) return std::nullopt;
    if (poll(ends.data(), ends.size(), static_cast<int>(left / kMillisecond) + 1) < 1) continue;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      std::array<char, 4096> buffer{};
      const ssize_t count = ::read(ends[i].fd, buffer.data(), buffer.size());
      std::string& text = i == 0 ? said.out : said.errors;
      if (count <= 0) {
        ends[i].fd = -1;
      } else if (text.size() < kMostOutput) {
        text.append(buffer.data(), static_cast<std::size_t>(count));
      }
    }
  }
  return said;
}

/// Its wait status; killed when it is not over in time.
int end_of(pid_t pid, TimeNs until) {
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (monotonic_now() >= until) kill(pid, SIGKILL);
    poll(nullptr, 0, 5);
  }
  return status;
}

std::string tail(const std::string& text) {
  constexpr std::size_t kEnough = 500;
  return trimmed(text.size() > kEnough ? text.substr(text.size() - kEnough) : text);
}

std::string string_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<ExecCredential> parse_credential(const ExecPlugin& plugin, const std::string& text) {
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorKind::configuration,
                fmt::format("the exec plugin {} {}", plugin.command, what));
  };
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object() || string_at(object, "kind") != "ExecCredential") {
    return wrong("printed no ExecCredential");
  }
  if (const std::string version = string_at(object, "apiVersion"); version != plugin.api_version) {
    return wrong(fmt::format("printed the version '{}', not {}", version, plugin.api_version));
  }
  const json status = object.value("status", json::object());
  ExecCredential credential{string_at(status, "token"), string_at(status, "clientCertificateData"),
                            string_at(status, "clientKeyData"),
                            string_at(status, "expirationTimestamp")};
  if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return wrong("gave a certificate without its key, or the key alone");
  }
  if (credential.token.empty() && credential.certificate_pem.empty()) {
    return wrong("gave neither a token nor a certificate");
  }
  if (!credential.expires.empty() && !parse_utc(credential.expires)) {
    return wrong(fmt::format("gave the expirationTimestamp '{}'", credential.expires));
  }
  return credential;
}

bool has_expired(const ExecCredential& credential) {
  if (credential.expires.empty()) return false;
  const auto at = parse_utc(credential.expires);
  return !at || *at <= wall_now() + kExpiryMargin;
}

}  // namespace

Result<ExecCredential> run_exec_plugin(const ExecPlugin& plugin) {
  Pipe out;
  Pipe errors;
  if (!out.open() || !errors.open()) {
    return fail(fmt::format("no pipe for {}: {}", plugin.command, std::strerror(errno)));
  }
  const auto pid = start(plugin, out, errors);
  if (!pid) return tl::unexpected(pid.error());
  out.close_write();
  errors.close_write();
  const TimeNs until = monotonic_now() + plugin.within;
  const auto said = read_output(out, errors, until);
  const int status = end_of(*pid, until);
  if (!said || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) {
    return fail(ErrorKind::unavailable,
                fmt::format("the exec plugin {} did not end within {}", plugin.command,
                            format_duration_short(plugin.within)));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(ErrorKind::configuration,
                fmt::format("the exec plugin {} failed: {}", plugin.command, tail(said->errors)));
  }
  return parse_credential(plugin, said->out);
}

std::function<Result<ExecCredential>()> renewed_credential(ExecPlugin plugin,
                                                           ExecCredential first) {
  struct Kept {
    std::mutex mutex;
    ExecPlugin plugin;
    ExecCredential credential;
  };
  auto kept = std::make_shared<Kept>();
  kept->plugin = std::move(plugin);
  kept->credential = std::move(first);
  return [kept]() -> Result<ExecCredential> {
    const std::lock_guard lock(kept->mutex);
    if (has_expired(kept->credential)) {
      auto renewed = run_exec_plugin(kept->plugin);
      if (!renewed) return fail(ErrorKind::unavailable, renewed.error().message);
      kept->credential = std::move(*renewed);
    }
    return kept->credential;
  };
}

}  // namespace wsfleet
