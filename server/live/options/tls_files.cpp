// SPDX-License-Identifier: Apache-2.0
#include "server/live/options/tls_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

namespace wsfleet {
namespace {

std::string stamp_of(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return "gone";
  return fmt::format("{}.{}.{}.{}", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size,
                     status.st_ino);
}

}  // namespace

TlsFiles::TlsFiles(std::string certificate, std::string key)
    : certificate_(std::move(certificate)), key_(std::move(key)) {}

std::string TlsFiles::stamp() const { return stamp_of(certificate_) + "/" + stamp_of(key_); }

bool TlsFiles::changed() const { return stamp() != loaded_; }

Result<std::shared_ptr<boost::asio::ssl::context>> TlsFiles::load() {
  namespace ssl = boost::asio::ssl;
  loaded_ = stamp();
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 |
                       ssl::context::no_tlsv1_1);
  // Each connection's buffers go when they are empty.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  boost::system::error_code error;
  context->use_certificate_chain_file(certificate_, error);
  if (error) {
    return fail(ErrorKind::configuration, fmt::format("no certificate can be read from '{}': {}",
                                                      certificate_, error.message()));
  }
  context->use_private_key_file(key_, ssl::context::pem, error);
  if (error) {
    return fail(ErrorKind::configuration,
                fmt::format("no private key for '{}' can be read from '{}': {}", certificate_, key_,
                            error.message()));
  }
  return context;
}

}  // namespace wsfleet
