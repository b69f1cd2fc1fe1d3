// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The style (that of the report of alerts, and programme.css) and the explanations of the page of a
// programme's figures, put into the program by the build (cmake/embed_page.cmake). It has no
// script. The hash is SHA-256 in hexadecimal.
namespace vedette::output {

std::string_view programme_style();
std::string_view programme_style_sha256();
std::string_view programme_script();
std::string_view programme_script_sha256();
std::string_view programme_body();

}  // namespace vedette::output
