// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::formats::packages {

// A Package URL taken apart (package-url/purl-spec), escapes resolved: what no ecosystem is needed
// for.
struct PurlParts {
  std::string type;   // in lower case
  std::string space;  // "debian", "@scope", "github.com/a"; may be empty
  std::string name;
  std::string version;  // may be empty
  std::vector<std::pair<std::string, std::string>> qualifiers;
  std::string subpath;  // behind '#'; may be empty

  // Empty when it is not there.
  std::string_view qualifier(std::string_view key) const;
};

// The specification's percent-encoding; `kept` stands as it is too.
void append_percent_encoded(std::string_view text, std::string_view kept, std::string& out);
std::string percent_decoded(std::string_view text);

// Nothing where the text is no Package URL.
std::optional<PurlParts> split_purl(std::string_view purl);
std::string join_purl(const PurlParts& parts);

}  // namespace vedette::formats::packages
