// SPDX-License-Identifier: Apache-2.0
#pragma once
// A certificate authority of a test's own and the certificates that it issues, good and bad ones.
// Test code only.

#include <memory>
#include <string>

#include "cluster/kubernetes/access/access.h"

namespace wsfleet {

struct CertificateWish {
  std::string names = "IP:127.0.0.1,DNS:localhost";  // "": none at all
  std::string common_name = "wsfleet test";
  int until_hours = 24;  // from now; below 0: it has expired
};

class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();

  /// The authority's own certificate.
  const std::string& pem() const;
  ClientIdentity issue(const CertificateWish& wish = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
