// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace vedette::ingest {

// The name of an image in a registry: `[HOST[:PORT]/]REPOSITORY[:TAG][@sha256:…]`, by Docker's
// rules of what is a host: the part before the first slash when it has a dot, a colon or a capital
// letter, or is "localhost".
struct Reference {
  std::string host;        // with its port
  std::string repository;  // "library/alpine"
  std::string tag;         // "latest" where neither a tag nor a digest is said
  std::string digest;      // "sha256:…"; beats the tag

  // What a registry is asked for.
  const std::string& tag_or_digest() const { return digest.empty() ? tag : digest; }
  // As it is written in full.
  std::string text() const;
};

// `registry` is where names without a host are: "HOST", or "HOST/FOLDER" with the folder of names
// that have none. Empty: such names are refused.
Result<Reference> read_reference(std::string_view text, std::string_view registry);

}  // namespace vedette::ingest
