// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/testing/scripted_api_server.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <mutex>
#include <thread>
#include <utility>

namespace wsfleet {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

struct Certificate {
  std::string certificate_pem;
  std::string key_pem;
};

std::string contents_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

void add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("wsfleet test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, NID_subject_alt_name, "IP:127.0.0.1");
  X509_sign(certificate, key, EVP_sha256());
  BIO* certificate_out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(certificate_out, certificate);
  BIO* key_out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_out, key, nullptr, nullptr, 0, nullptr, nullptr);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {contents_of(certificate_out), contents_of(key_out)};
}

}  // namespace

struct ScriptedApiServer::Impl {
  explicit Impl(Script given)
      : script(std::move(given)),
        certificate(make_certificate()),
        tls(asio::ssl::context::tls_server),
        acceptor(io, {asio::ip::address_v4::loopback(), 0}) {
    tls.use_certificate_chain(asio::buffer(certificate.certificate_pem));
    tls.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
    thread = std::thread([this] { serve(); });
  }

  ~Impl() {
    ending = true;
    // Wakes the one that accepts.
    ErrorCode ignored;
    asio::io_context own;
    tcp::socket socket(own);
    socket.connect(acceptor.local_endpoint(ignored), ignored);
    thread.join();
    for (std::thread& connection : connections) connection.join();
  }

  void serve() {
    while (true) {
      ErrorCode error;
      tcp::socket socket(io);
      acceptor.accept(socket, error);
      if (ending) return;
      if (error) continue;
      socket.set_option(tcp::no_delay(true), error);
      connections.emplace_back(
          [this, accepted = std::move(socket)]() mutable { answer(std::move(accepted)); });
    }
  }

  void answer(tcp::socket socket) {
    ErrorCode error;
    asio::ssl::stream<tcp::socket> stream(std::move(socket), tls);
    stream.handshake(asio::ssl::stream_base::server, error);
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    if (!error) http::read(stream, buffer, request, error);
    if (error) return;
    const ScriptedRequest asked{std::string(request.method_string()), std::string(request.target()),
                                request.body(), std::string(request[http::field::content_type])};
    const ScriptedAnswer said = turn(asked);
    if (said.delivery == ScriptedAnswer::Delivery::dropped) return;
    if (said.delivery == ScriptedAnswer::Delivery::never) {
      while (!gone(stream)) rest();
      return;
    }
    if (said.more) {
      send_pieces(stream, said);
    } else {
      send_whole(stream, said);
    }
    stream.shutdown(error);
  }

  ScriptedAnswer turn(const ScriptedRequest& asked) {
    const std::lock_guard one(turn_mutex);
    const ScriptedAnswer said = script(asked);
    const std::lock_guard lock(mutex);
    requests.push_back(asked);
    return said;
  }

  static void send_whole(asio::ssl::stream<tcp::socket>& stream, const ScriptedAnswer& said) {
    http::response<http::string_body> response{
        http::int_to_status(static_cast<unsigned>(said.status)), 11};
    response.set(http::field::content_type, "application/json");
    response.keep_alive(false);
    response.body() = said.body;
    response.prepare_payload();
    ErrorCode ignored;
    http::write(stream, response, ignored);
  }

  void send_pieces(asio::ssl::stream<tcp::socket>& stream, const ScriptedAnswer& said) const {
    ErrorCode error;
    const auto send = [&](const std::string& bytes) {
      asio::write(stream, asio::buffer(bytes), error);
    };
    send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::string piece = said.body;
    bool goes_on = true;
    while (!error) {
      if (!piece.empty()) send(fmt::format("{:x}\r\n{}\r\n", piece.size(), piece));
      if (!goes_on || error) break;
      if (piece.empty()) rest();
      if (gone(stream)) return;
      piece.clear();
      goes_on = said.more(piece);
    }
    if (!error) send("0\r\n\r\n");
  }

  /// A client that ends a watch closes its connection; it sends nothing else.
  bool gone(asio::ssl::stream<tcp::socket>& stream) const {
    char byte = 0;
    const int descriptor = stream.next_layer().native_handle();
    return ending || recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
  }
  static void rest() { poll(nullptr, 0, 5); }

  const Script script;
  const Certificate certificate;
  asio::io_context io;
  asio::ssl::context tls;
  tcp::acceptor acceptor;
  std::atomic<bool> ending{false};
  std::mutex turn_mutex;
  mutable std::mutex mutex;
  std::vector<ScriptedRequest> requests;
  std::vector<std::thread> connections;
  std::thread thread;
};

ScriptedApiServer::ScriptedApiServer(Script script)
    : impl_(std::make_unique<Impl>(std::move(script))) {}

ScriptedApiServer::~ScriptedApiServer() = default;

ClusterAccess ScriptedApiServer::access() const {
  ErrorCode ignored;
  ClusterAccess access;
  access.context = "scripted";
  access.name_space = "chat";
  access.server =
      "https://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint(ignored).port());
  access.ca_pem = impl_->certificate.certificate_pem;
  return access;
}

std::vector<ScriptedRequest> ScriptedApiServer::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

}  // namespace wsfleet
