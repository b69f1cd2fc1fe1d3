// SPDX-License-Identifier: Apache-2.0
#include "base/signature_key.h"

#include <gtest/gtest.h>

namespace vedette {
namespace {

std::string of_hexadecimal(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return out;
}

// RFC 8032, 7.1, test 3.
TEST(SignatureKey, ChecksEd25519) {
  const Result<SignatureKey> key = SignatureKey::ed25519(
      of_hexadecimal("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
  ASSERT_TRUE(key.has_value()) << key.error().message;
  std::string signature = of_hexadecimal(
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  EXPECT_TRUE(key->verifies(SignedDigest::kOwn, "\xaf\x82", signature));
  EXPECT_FALSE(key->verifies(SignedDigest::kOwn, "\xaf\x83", signature));
  signature[0] = 'a';
  EXPECT_FALSE(key->verifies(SignedDigest::kOwn, "\xaf\x82", signature));
  EXPECT_FALSE(key->verifies(SignedDigest::kOwn, "\xaf\x82", ""));
  EXPECT_EQ(SignatureKey::ed25519("short").error().code, ErrorCode::kInvalid);
}

// RFC 6979, A.2.5: P-256 with SHA-256, "sample".
TEST(SignatureKey, ChecksCurves) {
  const std::string point = of_hexadecimal(
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  const Result<SignatureKey> key = SignatureKey::ecdsa("P-256", point);
  ASSERT_TRUE(key.has_value()) << key.error().message;
  const std::string signature = ecdsa_signature(
      of_hexadecimal("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"),
      of_hexadecimal("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"));
  EXPECT_TRUE(key->verifies(SignedDigest::kSha256, "sample", signature));
  EXPECT_FALSE(key->verifies(SignedDigest::kSha256, "test", signature));
  EXPECT_FALSE(key->verifies(SignedDigest::kSha512, "sample", signature));
  EXPECT_FALSE(SignatureKey::ecdsa("P-256", point.substr(1)).has_value());
  EXPECT_FALSE(SignatureKey::ecdsa("P-255", point).has_value());
}

TEST(SignatureKey, WantsLongNumbersOfRsa) {
  EXPECT_FALSE(SignatureKey::rsa("", "").has_value());
  const std::string exponent("\x01\x00\x01", 3);
  EXPECT_FALSE(SignatureKey::rsa("\x7F" + std::string(255, '\xFF'), exponent).has_value());
  EXPECT_FALSE(SignatureKey::rsa('\0' + std::string(255, '\xFF'), exponent).has_value());
  EXPECT_FALSE(SignatureKey::rsa(std::string(2049, '\xFF'), exponent).has_value());
  const auto key = SignatureKey::rsa('\0' + std::string(256, '\xFF'), exponent);
  ASSERT_TRUE(key.has_value());
  EXPECT_FALSE(key->verifies(SignedDigest::kSha256, "text", std::string(256, 'a')));
}

TEST(SignatureKey, WritesNumbersAsDer) {
  EXPECT_EQ(ecdsa_signature("\x01", std::string("\0\x7F", 2)), "\x30\x06\x02\x01\x01\x02\x01\x7F");
  EXPECT_EQ(ecdsa_signature("\x80", ""), std::string("\x30\x07\x02\x02\0\x80\x02\x01\0", 9));
  const std::string longest = ecdsa_signature(std::string(66, '\xFF'), std::string(66, '\xFF'));
  EXPECT_TRUE(longest.starts_with("\x30\x81\x8A\x02\x43"));
  EXPECT_EQ(longest.size(), 3U + 2 * 69);
  EXPECT_EQ(ecdsa_signature(std::string(68, 'a'), "b"), "");
}

TEST(SignatureKey, RefusesOtherPem) {
  EXPECT_EQ(SignatureKey::public_of_pem("").error().code, ErrorCode::kInvalid);
  EXPECT_EQ(SignatureKey::private_of_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n").error().code,
            ErrorCode::kInvalid);
}

}  // namespace
}  // namespace vedette
