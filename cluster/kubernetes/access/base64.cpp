// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/access/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace wsfleet {

std::optional<std::string> base64_decode(std::string_view text) {
  std::string dense;
  std::copy_if(text.begin(), text.end(), std::back_inserter(dense),
               [](char c) { return c != ' ' && c != '\n' && c != '\r' && c != '\t'; });
  const std::size_t end = dense.find_last_not_of('=') + 1;
  const std::size_t padding = dense.size() - end;
  const bool is_alphabet =
      std::all_of(dense.begin(), dense.begin() + static_cast<long>(end),
                  [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '/'; });
  if (dense.size() % 4 != 0 || padding > 2 || !is_alphabet) return std::nullopt;
  if (dense.empty()) return std::string();
  std::string decoded(dense.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                   reinterpret_cast<const unsigned char*>(dense.data()),
                                   static_cast<int>(dense.size()));
  if (size < 0) return std::nullopt;
  // The block decoder gives bytes for the padding too.
  decoded.resize(static_cast<std::size_t>(size) - padding);
  return decoded;
}

}  // namespace wsfleet
