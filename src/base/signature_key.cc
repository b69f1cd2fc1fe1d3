// SPDX-License-Identifier: Apache-2.0
#include "base/signature_key.h"

#include <bit>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <optional>

#include "base/shared_library.h"

namespace vedette {
namespace {

#define VEDETTE_TEXT_INNER(text) #text
#define VEDETTE_TEXT(text) VEDETTE_TEXT_INNER(text)
// The interface that these headers are of.
constexpr const char* kName = "libcrypto.so." VEDETTE_TEXT(OPENSSL_SHLIB_VERSION);

constexpr std::size_t kPemBytesMax = std::size_t{1} << 20;
constexpr std::size_t kEd25519Bytes = 32;
constexpr std::size_t kEd25519SignatureBytes = 64;
// Numbers of RSA: what is shorter can be forged, more is OpenSSL's own bound for what it verifies.
constexpr std::size_t kModulusBitsMin = 2048;
constexpr std::size_t kModulusBitsMax = 16384;

std::size_t bits_of(std::string_view number) {
  while (number.starts_with('\0')) number.remove_prefix(1);
  if (number.empty()) return 0;
  return (number.size() - 1) * 8 +
         static_cast<std::size_t>(std::bit_width(static_cast<unsigned char>(number.front())));
}

struct Library {
  decltype(&::BIO_free) bio_free = nullptr;
  decltype(&::BIO_new_mem_buf) bio_new_mem_buf = nullptr;
  decltype(&::BN_bin2bn) bn_bin2bn = nullptr;
  decltype(&::BN_free) bn_free = nullptr;
  decltype(&::EVP_DigestSign) digest_sign = nullptr;
  decltype(&::EVP_DigestSignInit) digest_sign_init = nullptr;
  decltype(&::EVP_DigestVerify) digest_verify = nullptr;
  decltype(&::EVP_DigestVerifyInit) digest_verify_init = nullptr;
  decltype(&::EVP_MD_CTX_free) md_ctx_free = nullptr;
  decltype(&::EVP_MD_CTX_new) md_ctx_new = nullptr;
  decltype(&::EVP_PKEY_CTX_free) pkey_ctx_free = nullptr;
  decltype(&::EVP_PKEY_CTX_new_from_name) pkey_ctx_new_from_name = nullptr;
  decltype(&::EVP_PKEY_free) pkey_free = nullptr;
  decltype(&::EVP_PKEY_fromdata) pkey_fromdata = nullptr;
  decltype(&::EVP_PKEY_fromdata_init) pkey_fromdata_init = nullptr;
  decltype(&::EVP_PKEY_get_id) pkey_get_id = nullptr;
  decltype(&::EVP_PKEY_new_raw_public_key) pkey_new_raw_public_key = nullptr;
  decltype(&::EVP_sha256) sha256 = nullptr;
  decltype(&::EVP_sha384) sha384 = nullptr;
  decltype(&::EVP_sha512) sha512 = nullptr;
  decltype(&::OSSL_PARAM_BLD_free) param_bld_free = nullptr;
  decltype(&::OSSL_PARAM_BLD_new) param_bld_new = nullptr;
  decltype(&::OSSL_PARAM_BLD_push_BN) param_bld_push_bn = nullptr;
  decltype(&::OSSL_PARAM_BLD_push_octet_string) param_bld_push_octet_string = nullptr;
  decltype(&::OSSL_PARAM_BLD_push_utf8_string) param_bld_push_utf8_string = nullptr;
  decltype(&::OSSL_PARAM_BLD_to_param) param_bld_to_param = nullptr;
  decltype(&::OSSL_PARAM_free) param_free = nullptr;
  decltype(&::PEM_read_bio_PUBKEY) pem_read_bio_pubkey = nullptr;
  decltype(&::PEM_read_bio_PrivateKey) pem_read_bio_private_key = nullptr;
};

std::optional<Library> load() {
  const SharedLibrary from(kName);
  Library it;
  const bool is_whole =
      from.resolve("BIO_free", it.bio_free) &&
      from.resolve("BIO_new_mem_buf", it.bio_new_mem_buf) &&
      from.resolve("BN_bin2bn", it.bn_bin2bn) && from.resolve("BN_free", it.bn_free) &&
      from.resolve("EVP_DigestSign", it.digest_sign) &&
      from.resolve("EVP_DigestSignInit", it.digest_sign_init) &&
      from.resolve("EVP_DigestVerify", it.digest_verify) &&
      from.resolve("EVP_DigestVerifyInit", it.digest_verify_init) &&
      from.resolve("EVP_MD_CTX_free", it.md_ctx_free) &&
      from.resolve("EVP_MD_CTX_new", it.md_ctx_new) &&
      from.resolve("EVP_PKEY_CTX_free", it.pkey_ctx_free) &&
      from.resolve("EVP_PKEY_CTX_new_from_name", it.pkey_ctx_new_from_name) &&
      from.resolve("EVP_PKEY_free", it.pkey_free) &&
      from.resolve("EVP_PKEY_fromdata", it.pkey_fromdata) &&
      from.resolve("EVP_PKEY_fromdata_init", it.pkey_fromdata_init) &&
      from.resolve("EVP_PKEY_get_id", it.pkey_get_id) &&
      from.resolve("EVP_PKEY_new_raw_public_key", it.pkey_new_raw_public_key) &&
      from.resolve("EVP_sha256", it.sha256) && from.resolve("EVP_sha384", it.sha384) &&
      from.resolve("EVP_sha512", it.sha512) &&
      from.resolve("OSSL_PARAM_BLD_free", it.param_bld_free) &&
      from.resolve("OSSL_PARAM_BLD_new", it.param_bld_new) &&
      from.resolve("OSSL_PARAM_BLD_push_BN", it.param_bld_push_bn) &&
      from.resolve("OSSL_PARAM_BLD_push_octet_string", it.param_bld_push_octet_string) &&
      from.resolve("OSSL_PARAM_BLD_push_utf8_string", it.param_bld_push_utf8_string) &&
      from.resolve("OSSL_PARAM_BLD_to_param", it.param_bld_to_param) &&
      from.resolve("OSSL_PARAM_free", it.param_free) &&
      from.resolve("PEM_read_bio_PUBKEY", it.pem_read_bio_pubkey) &&
      from.resolve("PEM_read_bio_PrivateKey", it.pem_read_bio_private_key);
  if (!is_whole) return std::nullopt;
  return it;
}

// Stays until the end.
Result<const Library*> library() {
  static const std::optional<Library> kLoaded = load();
  if (!kLoaded)
    return failure(ErrorCode::kUnsupported,
                   std::string("expected OpenSSL's ") + kName +
                       " to be installed, found none; install libssl3 or what has it");
  return &*kLoaded;
}

template <typename T>
using Handle = std::unique_ptr<T, void (*)(T*)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Asked for a password instead of the terminal: there is none.
int no_password(char*, int, int, void*) { return -1; }

// A key of the builder's parameters; null: there is no such key.
EVP_PKEY* build_key(const Library& it, const char* type, OSSL_PARAM_BLD* builder) {
  EVP_PKEY* key = nullptr;
  const Handle<OSSL_PARAM> parameters(it.param_bld_to_param(builder), it.param_free);
  const Handle<EVP_PKEY_CTX> context(it.pkey_ctx_new_from_name(nullptr, type, nullptr),
                                     it.pkey_ctx_free);
  if (parameters && context && it.pkey_fromdata_init(context.get()) == 1)
    it.pkey_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  return key;
}

void append_integer(std::string_view number, std::string& out) {
  while (number.size() > 1 && number.front() == '\0') number.remove_prefix(1);
  // A first bit would make it negative.
  const bool is_padded = number.empty() || static_cast<unsigned char>(number.front()) >= 0x80;
  out += '\x02';
  out += static_cast<char>(number.size() + (is_padded ? 1 : 0));
  if (is_padded) out += '\0';
  out += number;
}

}  // namespace

struct SignatureKey::State {
  State(const Library& it, EVP_PKEY* key) : library(it), handle(key, it.pkey_free) {}
  const Library& library;  // which stays
  Handle<EVP_PKEY> handle;
};

SignatureKey::SignatureKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SignatureKey::SignatureKey(SignatureKey&&) noexcept = default;
SignatureKey& SignatureKey::operator=(SignatureKey&&) noexcept = default;
SignatureKey::~SignatureKey() = default;

Result<SignatureKey> SignatureKey::of_pem(std::string_view pem, Kind kind) {
  TRY(const Library* const it, library());
  const bool is_private = kind == Kind::kPrivate;
  const auto read = is_private ? it->pem_read_bio_private_key : it->pem_read_bio_pubkey;
  EVP_PKEY* key = nullptr;
  if (pem.size() <= kPemBytesMax) {
    const std::unique_ptr<BIO, decltype(&::BIO_free)> memory(
        it->bio_new_mem_buf(pem.data(), static_cast<int>(pem.size())), it->bio_free);
    if (memory) key = read(memory.get(), nullptr, &no_password, nullptr);
  }
  auto state = std::make_unique<State>(*it, key);
  if (key == nullptr || it->pkey_get_id(key) != EVP_PKEY_ED25519) {
    return failure(ErrorCode::kInvalid, std::string("expected a ") +
                                            (is_private ? "private" : "public") +
                                            " key of Ed25519 as PEM, found none");
  }
  return SignatureKey(std::move(state));
}

Result<SignatureKey> SignatureKey::private_of_pem(std::string_view pem) {
  return of_pem(pem, Kind::kPrivate);
}

Result<SignatureKey> SignatureKey::public_of_pem(std::string_view pem) {
  return of_pem(pem, Kind::kPublic);
}

Result<SignatureKey> SignatureKey::ed25519(std::string_view bytes) {
  TRY(const Library* const it, library());
  EVP_PKEY* const key =
      bytes.size() != kEd25519Bytes
          ? nullptr
          : it->pkey_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size());
  if (key == nullptr) return failure(ErrorCode::kInvalid, "expected a key of Ed25519, found none");
  return SignatureKey(std::make_unique<State>(*it, key));
}

Result<SignatureKey> SignatureKey::rsa(std::string_view modulus, std::string_view exponent) {
  TRY(const Library* const it, library());
  EVP_PKEY* key = nullptr;
  const std::size_t bits = bits_of(modulus);
  if (bits >= kModulusBitsMin && bits <= kModulusBitsMax && bits_of(exponent) <= bits) {
    const auto number = [it](std::string_view bytes) {
      return Handle<BIGNUM>(it->bn_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr),
                            it->bn_free);
    };
    const Handle<BIGNUM> n = number(modulus);
    const Handle<BIGNUM> e = number(exponent);
    const Handle<OSSL_PARAM_BLD> builder(it->param_bld_new(), it->param_bld_free);
    if (n && e && builder) {
      it->param_bld_push_bn(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
      it->param_bld_push_bn(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
      key = build_key(*it, "RSA", builder.get());
    }
  }
  if (key == nullptr)
    return failure(ErrorCode::kInvalid, "expected a key of RSA of 2,048 bits or more, found none");
  return SignatureKey(std::make_unique<State>(*it, key));
}

Result<SignatureKey> SignatureKey::ecdsa(const std::string& curve, std::string_view point) {
  TRY(const Library* const it, library());
  EVP_PKEY* key = nullptr;
  const Handle<OSSL_PARAM_BLD> builder(it->param_bld_new(), it->param_bld_free);
  if (builder) {
    it->param_bld_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.data(),
                                   curve.size());
    it->param_bld_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                    point.size());
    key = build_key(*it, "EC", builder.get());
  }
  if (key == nullptr) return failure(ErrorCode::kInvalid, "expected a key of ECDSA, found none");
  return SignatureKey(std::make_unique<State>(*it, key));
}

Result<std::string> SignatureKey::sign(std::string_view text) const {
  const Library& it = state_->library;
  const Handle<EVP_MD_CTX> context(it.md_ctx_new(), it.md_ctx_free);
  std::string signature(kEd25519SignatureBytes, '\0');
  std::size_t size = signature.size();
  if (!context ||
      it.digest_sign_init(context.get(), nullptr, nullptr, nullptr, state_->handle.get()) != 1 ||
      it.digest_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes_of(text), text.size()) != 1 ||
      size != kEd25519SignatureBytes)
    return failure(ErrorCode::kSystem, "OpenSSL could not sign");
  return signature;
}

bool SignatureKey::verifies(SignedDigest digest, std::string_view text,
                            std::string_view signature) const {
  const Library& it = state_->library;
  const EVP_MD* const how = digest == SignedDigest::kSha256   ? it.sha256()
                            : digest == SignedDigest::kSha384 ? it.sha384()
                            : digest == SignedDigest::kSha512 ? it.sha512()
                                                              : nullptr;
  const Handle<EVP_MD_CTX> context(it.md_ctx_new(), it.md_ctx_free);
  return context &&
         it.digest_verify_init(context.get(), nullptr, how, nullptr, state_->handle.get()) == 1 &&
         it.digest_verify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

std::string ecdsa_signature(std::string_view r, std::string_view s) {
  if (r.size() > kCurveNumberBytesMax || s.size() > kCurveNumberBytesMax) return {};
  std::string numbers;
  append_integer(r, numbers);
  append_integer(s, numbers);
  std::string out = "\x30";
  // X.690, 8.1.3.5: one byte says the length up to 127.
  if (numbers.size() > 0x7F) out += '\x81';
  out += static_cast<char>(numbers.size());
  return out + numbers;
}

}  // namespace vedette
