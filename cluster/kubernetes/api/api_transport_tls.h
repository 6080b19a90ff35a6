// SPDX-License-Identifier: Apache-2.0
#pragma once
// The TLS settings of connections to an API server: whom to trust, who we are, what is too old.
// The name that the certificate must be for belongs to the single connection. Private to
// api_transport.cpp: it needs Asio's headers.

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "cluster/kubernetes/access/access.h"
#include "core/result.h"

namespace wsfleet {

/// `ca_pem` "": the system's authorities. ErrorKind::configuration, with the kubeconfig's context
/// in its words.
Result<std::shared_ptr<boost::asio::ssl::context>> tls_context(const std::string& context_name,
                                                               const std::string& ca_pem,
                                                               const ClientIdentity& identity);

}  // namespace wsfleet
