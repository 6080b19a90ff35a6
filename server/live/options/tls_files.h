// SPDX-License-Identifier: Apache-2.0
#pragma once
// The server's certificate and key: loaded, and loaded again when the files change (as a mounted
// Secret does). Not thread-safe.

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"

namespace wsfleet {

class TlsFiles {
 public:
  TlsFiles(std::string certificate, std::string key);

  /// A context of what the files hold now; an error names the file.
  Result<std::shared_ptr<boost::asio::ssl::context>> load();
  /// Whether a file changed since load() was called last.
  bool changed() const;

 private:
  std::string stamp() const;

  std::string certificate_;
  std::string key_;
  std::string loaded_;
};

}  // namespace wsfleet
