// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/api/api_transport_tls.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>

namespace wsfleet {

namespace asio = boost::asio;
namespace ssl = asio::ssl;

Result<std::shared_ptr<ssl::context>> tls_context(const std::string& context_name,
                                                  const std::string& ca_pem,
                                                  const ClientIdentity& identity) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  boost::system::error_code error;
  const auto bad = [&](const char* what) {
    return fail(ErrorKind::configuration,
                fmt::format("context {}: {}: {}", context_name, what, error.message()));
  };
  context->set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 |
                       ssl::context::no_tlsv1_1);
  context->set_verify_mode(ssl::verify_peer);
  // What a kubeconfig names is trusted, also where it is an intermediate authority.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context->native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  if (ca_pem.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->add_certificate_authority(asio::buffer(ca_pem), error);
  }
  if (error) return bad("its certificate authority can't be used");
  if (identity.certificate_pem.empty()) return context;
  context->use_certificate_chain(asio::buffer(identity.certificate_pem), error);
  if (error) return bad("the client certificate can't be used");
  context->use_private_key(asio::buffer(identity.key_pem), ssl::context::pem, error);
  if (error) return bad("the client's key can't be used");
  return context;
}

}  // namespace wsfleet
