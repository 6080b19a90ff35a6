// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/testing/tls_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <csignal>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <thread>

namespace wsfleet {
namespace {

template <class T>
T must(T value, const char* what) {
  if (!value) throw std::runtime_error(what);
  return value;
}

SSL_CTX* make_context(const ClientIdentity& identity, const std::string& client_authority) {
  SSL_CTX* context = must(SSL_CTX_new(TLS_server_method()), "TLS");
  BIO* text = BIO_new_mem_buf(identity.certificate_pem.data(), -1);
  X509* certificate = must(PEM_read_bio_X509(text, nullptr, nullptr, nullptr), "certificate");
  BIO_free(text);
  text = BIO_new_mem_buf(identity.key_pem.data(), -1);
  EVP_PKEY* key = must(PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr), "key");
  BIO_free(text);
  must(SSL_CTX_use_certificate(context, certificate), "use of the certificate");
  must(SSL_CTX_use_PrivateKey(context, key), "use of the key");
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (client_authority.empty()) return context;
  text = BIO_new_mem_buf(client_authority.data(), -1);
  certificate = must(PEM_read_bio_X509(text, nullptr, nullptr, nullptr), "authority");
  BIO_free(text);
  must(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate), "authority's use");
  X509_free(certificate);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

class Connection : public RawConnection {
 public:
  Connection(SSL_CTX* context, int socket) : session_(SSL_new(context)) {
    SSL_set_fd(session_, socket);
  }
  ~Connection() override {
    SSL_shutdown(session_);
    SSL_free(session_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool accept() { return SSL_accept(session_) == 1; }

  bool send(std::string_view bytes) override {
    return SSL_write(session_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  void wait_gone() override {
    std::array<char, 256> ignored{};
    while (SSL_read(session_, ignored.data(), static_cast<int>(ignored.size())) > 0) continue;
  }

  bool read(RawRequest& request) {
    std::string text;
    while (text.find("\r\n\r\n") == std::string::npos) {
      if (!read_more(text)) return false;
    }
    const std::size_t end = text.find("\r\n\r\n");
    parse_header(text.substr(0, end), request);
    request.body = text.substr(end + 4);
    const auto length = request.headers.find("content-length");
    const std::size_t size = length != request.headers.end() ? std::stoul(length->second) : 0;
    while (request.body.size() < size) {
      if (!read_more(request.body)) return false;
    }
    if (const char* name = SSL_get_servername(session_, TLSEXT_NAMETYPE_host_name)) {
      request.server_name = name;
    }
    if (X509* certificate = SSL_get1_peer_certificate(session_)) {
      std::array<char, 256> name{};
      X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                                static_cast<int>(name.size()));
      request.client_name = name.data();
      X509_free(certificate);
    }
    return true;
  }

 private:
  bool read_more(std::string& text) {
    std::array<char, 4096> buffer{};
    const int count = SSL_read(session_, buffer.data(), static_cast<int>(buffer.size()));
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  static void parse_header(const std::string& text, RawRequest& request) {
    std::size_t begin = 0;
    for (bool is_first = true; begin < text.size(); is_first = false) {
      const std::size_t end = std::min(text.find("\r\n", begin), text.size());
      const std::string line = text.substr(begin, end - begin);
      begin = end + 2;
      if (is_first) {
        const std::size_t space = line.find(' ');
        request.method = line.substr(0, space);
        request.target = line.substr(space + 1, line.rfind(' ') - space - 1);
      } else if (const std::size_t colon = line.find(": "); colon != std::string::npos) {
        std::string name = line.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        request.headers[name] = line.substr(colon + 2);
      }
    }
  }

  SSL* session_;
};

}  // namespace

std::string raw_answer(int status, const std::string& body, const std::string& headers) {
  return fmt::format(
      "HTTP/1.1 {} X\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n"
      "Connection: close\r\n\r\n{}",
      status, headers, body.size(), body);
}

std::string chunked_header() {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::string chunk(const std::string& bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

std::string status_body(int code, const std::string& message) {
  return nlohmann::json{{"kind", "Status"},
                        {"apiVersion", "v1"},
                        {"status", "Failure"},
                        {"message", message},
                        {"code", code}}
      .dump();
}

struct TlsServer::Impl {
  TestAuthority authority;
  SSL_CTX* context = nullptr;
  Handler handler;
  int listener = -1;
  int port = 0;

  mutable std::mutex mutex;
  bool is_ending = false;
  int count = 0;
  std::set<int> open;
  std::vector<RawRequest> requests;
  std::vector<std::thread> workers;
  std::thread acceptor;

  void accept_all() {
    // Clients that are gone must not end the test.
    sigset_t pipe{};
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    while (true) {
      const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      const std::lock_guard lock(mutex);
      if (is_ending || socket < 0) {
        if (socket >= 0) close(socket);
        return;
      }
      open.insert(socket);
      workers.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    {
      Connection connection(context, socket);
      RawRequest request;
      if (connection.accept() && connection.read(request)) {
        {
          const std::lock_guard lock(mutex);
          request.serial = count++;
          requests.push_back(request);
        }
        handler(request, connection);
      }
    }
    const std::lock_guard lock(mutex);
    open.erase(socket);
    close(socket);
  }
};

TlsServer::TlsServer(Handler handler, const TlsServerSettings& settings)
    : impl_(std::make_unique<Impl>()) {
  impl_->handler = std::move(handler);
  impl_->context =
      make_context(impl_->authority.issue(settings.certificate), settings.client_authority);
  impl_->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  must(bind(impl_->listener, any, size) == 0, "bind");
  must(listen(impl_->listener, 64) == 0, "listen");
  must(getsockname(impl_->listener, any, &size) == 0, "getsockname");
  impl_->port = ntohs(address.sin_port);
  impl_->acceptor = std::thread([impl = impl_.get()] { impl->accept_all(); });
}

TlsServer::TlsServer(std::vector<std::string> answers)
    : TlsServer([answers = std::move(answers)](const RawRequest& request, RawConnection& client) {
        const auto at = static_cast<std::size_t>(request.serial);
        client.send(answers[std::min(at, answers.size() - 1)]);
      }) {}

TlsServer::~TlsServer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->is_ending = true;
    for (const int socket : impl_->open) shutdown(socket, SHUT_RDWR);
  }
  shutdown(impl_->listener, SHUT_RDWR);
  impl_->acceptor.join();
  for (std::thread& worker : impl_->workers) worker.join();
  close(impl_->listener);
  SSL_CTX_free(impl_->context);
}

ClusterAccess TlsServer::access() const {
  ClusterAccess access;
  access.context = "test";
  access.name_space = "chat";
  access.server = fmt::format("https://127.0.0.1:{}", impl_->port);
  access.ca_pem = impl_->authority.pem();
  return access;
}

int TlsServer::port() const { return impl_->port; }

std::vector<RawRequest> TlsServer::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

}  // namespace wsfleet
