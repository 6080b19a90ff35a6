// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a cluster's API server is and who we are there: from kubeconfig files or, in a pod, from
// its ServiceAccount. Files are read, exec plugins are run; nothing is connected to. Whatever is
// missing or odd is an Error (configuration) that names the file and the key. TLS can't be turned
// off: a server without https, or `insecure-skip-tls-verify: true`, is refused in words.

#include <functional>
#include <string>
#include <vector>

#include "core/result.h"

namespace wsfleet {

/// A client certificate with its key, PEM; "" for none.
struct ClientIdentity {
  std::string certificate_pem;
  std::string key_pem;

  bool operator==(const ClientIdentity&) const = default;
};

struct ClusterAccess {
  std::string context;          // of the kubeconfig; "in-cluster" in a pod
  std::string name_space;       // the context's, the pod's; "default" where neither says one
  std::string server;           // "https://host:port", with a path where there is one
  std::string tls_name;         // what the certificate must be for; "": the server's host
  std::string ca_pem;           // certificates to trust; "": those of the system
  std::string certificate_pem;  // of the client, with its key; "": none
  std::string key_pem;
  /// The bearer token, asked for before each request: files and exec plugins are read again when
  /// due. Empty function: no token. Thread-safe.
  std::function<Result<std::string>()> token;
  /// Where an exec plugin gives the client's certificate, which expires: asked for before each
  /// request, in place of `certificate_pem`. Empty function: it does not change. Thread-safe.
  std::function<Result<ClientIdentity>()> identity;
};

struct KubeconfigChoice {
  std::vector<std::string> files;  // merged, the first one that says something counts; none:
                                   // KUBECONFIG (several, by ':'), else ~/.kube/config
  std::string context;             // "": current-context
};

Result<ClusterAccess> kubeconfig_access(const KubeconfigChoice& choice);
/// Token and CA of the pod's ServiceAccount; the token is read again each minute at least.
Result<ClusterAccess> in_cluster_access(
    const std::string& directory = "/var/run/secrets/kubernetes.io/serviceaccount");

}  // namespace wsfleet
