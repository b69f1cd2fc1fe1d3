// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/signature.h"

#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace vedette::vulnerabilities {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

// Asked for a password instead of the terminal: there is none.
int no_password(char*, int, int, void*) { return -1; }

template <typename Read>
Result<Key> read_key(std::string_view text, std::string_view what, Read read) {
  const Memory memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  Key key(memory ? read(memory.get(), nullptr, &no_password, nullptr) : nullptr, &EVP_PKEY_free);
  if (!key || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) {
    return failure(ErrorCode::kInvalid,
                   "expected a " + std::string(what) + " key of Ed25519 as PEM, found none");
  }
  return key;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Result<std::string> sign(std::string_view key, std::string_view bytes) {
  TRY(const Key own, read_key(key, "private", &PEM_read_bio_PrivateKey));
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, own.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes_of(bytes), bytes.size()) != 1 ||
      size != kSignatureBytes)
    return failure(ErrorCode::kSystem, "OpenSSL could not sign");
  return signature;
}

Result<void> check_signature(std::string_view key, std::string_view bytes,
                             std::string_view signature) {
  TRY(const Key theirs, read_key(key, "public", &PEM_read_bio_PUBKEY));
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (!context || signature.size() != kSignatureBytes ||
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, theirs.get()) != 1 ||
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes),
                       bytes.size()) != 1)
    return failure(ErrorCode::kInvalid, "the signature is not of this key, or not of these bytes");
  return {};
}

}  // namespace vedette::vulnerabilities
