// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/time.h"

// Signatures of waivers: those of SSH keys, as git uses them (OpenSSH's PROTOCOL.sshsig, made by
// `ssh-keygen -Y sign -n vedette-waiver`), and bare Ed25519 ones.
namespace vedette::policy {

inline constexpr std::string_view kSignatureNamespace = "vedette-waiver";

// Who may sign with which key: a file as ssh-keygen(1) describes it under ALLOWED SIGNERS.
// Certificates and keys on tokens (sk-…) are not taken, and told.
class Signers {
 public:
  struct Signer {
    std::vector<std::string> principals;  // patterns; '!' before one excludes
    std::vector<std::string> namespaces;  // empty: any
    std::optional<TimeNs> valid_after;
    std::optional<TimeNs> valid_before;
    std::string key;  // the blob of RFC 4253 section 6.6
  };

  // `name` is for places.
  static Signers parse(std::string_view text, const std::string& name);

  // Whether `signature` is one of `text` by a key that `principal` may sign with at `time`.
  // `signature`: "ed25519:BASE64" of 64 bytes, or what ssh-keygen writes, with its armour or
  // without. The message says what is wrong with it.
  Result<void> check(std::string_view principal, std::string_view text, std::string_view signature,
                     TimeNs time) const;

  const std::vector<Diagnostic>& problems() const { return problems_; }

 private:
  Result<void> check_key(std::string_view principal, std::string_view key, TimeNs time) const;
  Result<void> check_bare(std::string_view principal, std::string_view text,
                          std::string_view signature, TimeNs time) const;

  std::vector<Signer> signers_;
  std::vector<Diagnostic> problems_;
};

}  // namespace vedette::policy
