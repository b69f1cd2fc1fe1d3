// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "rules/secret/model.h"
#include "scan/secrets/file_kind.h"

// What a rule's expression found, before anything judged it.
namespace vedette::scan::secrets {

// All views belong to the caller and live as long as the judging lasts.
struct Candidate {
  const rules::secret::SecretRule& rule;
  std::string_view content;  // the whole unpacked text
  std::size_t match_begin = 0;
  std::size_t match_size = 0;
  std::size_t secret_begin = 0;  // inside of the match
  std::size_t secret_size = 0;
  FileKind file;  // file_kind() of the path, asked once for all candidates of a content

  // False: a range lies outside of what holds it; judged as no secret.
  bool valid() const {
    return match_begin <= content.size() && match_size <= content.size() - match_begin &&
           secret_begin >= match_begin && secret_begin - match_begin <= match_size &&
           secret_size <= match_size - (secret_begin - match_begin);
  }
  std::string_view secret() const { return content.substr(secret_begin, secret_size); }
};

}  // namespace vedette::scan::secrets
