// SPDX-License-Identifier: Apache-2.0
#pragma once
// A certificate of its own making for 127.0.0.1 and localhost, in PEM files that go away with it.
// For tests.

#include <string>

namespace wsfleet {

class TestCertificate {
 public:
  TestCertificate();
  ~TestCertificate();

  const std::string& path() const { return path_; }
  const std::string& key_path() const { return key_path_; }

 private:
  std::string path_;
  std::string key_path_;
};

}  // namespace wsfleet
