// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::formats::packages {

// A licence as SPDX writes it (SPDX 2.3, annex D).
struct LicenseExpression {
  // "(Apache-2.0 OR MIT) AND LicenseRef-x"; empty where nothing was written.
  std::string text;
  // Whether all names in it are of SPDX's list; else those that are not are LicenseRef-….
  bool is_known = true;
  // What each LicenseRef of the text stands for, as it was written.
  struct Reference {
    std::string id;
    std::string written;
  };
  std::vector<Reference> references;
};

// Reads what a package's metadata says of its licence: an expression in any case of letters, a name
// that people use ("Apache License 2.0", "BSD-3"), "MIT/X11". What is neither becomes one
// LicenseRef as a whole. At most kLicenseBytesMax are looked at.
inline constexpr std::size_t kLicenseBytesMax = 1000;
LicenseExpression license_expression(std::string_view written);
// Of several that are written beside each other, all of which hold.
LicenseExpression license_expression(std::span<const std::string> written);

std::span<const std::string_view> license_ids();
std::span<const std::string_view> license_exception_ids();

}  // namespace vedette::formats::packages
