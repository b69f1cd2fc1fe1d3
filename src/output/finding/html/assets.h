// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The style (that of the report of alerts, and findings.css) and the script of the page of
// findings, put into the program by the build (cmake/embed_page.cmake). The hashes are SHA-256 in
// hexadecimal.
namespace vedette::output {

std::string_view findings_style();
std::string_view findings_style_sha256();
std::string_view findings_script();
std::string_view findings_script_sha256();
std::string_view findings_body();

}  // namespace vedette::output
