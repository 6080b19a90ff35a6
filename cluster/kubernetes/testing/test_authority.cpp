// SPDX-License-Identifier: Apache-2.0
#include "cluster/kubernetes/testing/test_authority.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>

namespace wsfleet {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

std::string taken(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

std::string pem_of(X509* certificate) {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  return taken(out);
}

std::string pem_of(EVP_PKEY* key) {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  return taken(out);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

long next_serial() {
  static std::atomic<long> serial{1};
  return serial++;
}

/// All but the signature.
Certificate blank(EVP_PKEY* key, const std::string& common_name, int until_hours) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), next_serial());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -100L * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until_hours * 3600L);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  return certificate;
}

}  // namespace

struct TestAuthority::Impl {
  Key key = make_key();
  // A name of its own, so that no other is taken for it.
  std::string name = "wsfleet test authority " + std::to_string(next_serial());
  Certificate certificate = blank(key.get(), name, 48);
  std::string pem;
};

TestAuthority::TestAuthority() : impl_(std::make_unique<Impl>()) {
  X509* own = impl_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(own, impl_->key.get(), EVP_sha256());
  impl_->pem = pem_of(own);
}
TestAuthority::~TestAuthority() = default;

const std::string& TestAuthority::pem() const { return impl_->pem; }

ClientIdentity TestAuthority::issue(const CertificateWish& wish) const {
  const Key key = make_key();
  const Certificate certificate = blank(key.get(), wish.common_name, wish.until_hours);
  X509* authority = impl_->certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(authority));
  if (!wish.names.empty()) {
    add_extension(certificate.get(), authority, NID_subject_alt_name, wish.names);
  }
  X509_sign(certificate.get(), impl_->key.get(), EVP_sha256());
  return {pem_of(certificate.get()), pem_of(key.get())};
}

}  // namespace wsfleet
