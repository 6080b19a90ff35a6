// SPDX-License-Identifier: Apache-2.0
#pragma once
// A TLS server on 127.0.0.1 that shares no code with the client under test, and that answers what a
// test writes, byte by byte: whole, in pieces, cut off, or never. A thread per connection. Test
// code only.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/kubernetes/access/access.h"
#include "cluster/kubernetes/testing/test_authority.h"

namespace wsfleet {

struct RawRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string client_name;  // CN of the client's certificate; "": it gave none
  std::string server_name;  // of the TLS handshake (SNI)
  int serial = 0;           // 0 for the server's first request
};

/// The client's end; the handler's thread uses it.
class RawConnection {
 public:
  virtual ~RawConnection() = default;
  /// False: the client has gone.
  virtual bool send(std::string_view bytes) = 0;
  /// Returns when the client has gone or the server ends.
  virtual void wait_gone() = 0;
};

/// A whole answer; `headers` as "Name: value\r\n".
std::string raw_answer(int status, const std::string& body, const std::string& headers = "");
/// The header of a chunked answer, and one chunk of it; an empty chunk is its end.
std::string chunked_header();
std::string chunk(const std::string& bytes);
/// What a Kubernetes API server says about an error.
std::string status_body(int code, const std::string& message);

struct TlsServerSettings {
  CertificateWish certificate = {};
  std::string client_authority = {};  // PEM; "": clients are asked for no certificate
};

class TlsServer {
 public:
  /// The connection is closed when it returns.
  using Handler = std::function<void(const RawRequest&, RawConnection&)>;

  explicit TlsServer(Handler handler, const TlsServerSettings& settings = {});
  /// Each of the answers once, then the last one again.
  explicit TlsServer(std::vector<std::string> answers);
  ~TlsServer();

  /// With the authority that issued the server's certificate, to 127.0.0.1.
  ClusterAccess access() const;
  int port() const;
  std::vector<RawRequest> requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wsfleet
