// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// report.css, report.html and the scripts beside this file, put into the program by the build
// (cmake/embed_page.cmake). The hashes are SHA-256 in hexadecimal.
namespace vedette::output {

std::string_view report_style();
std::string_view report_style_sha256();
std::string_view report_script();
std::string_view report_script_sha256();
std::string_view report_body();

}  // namespace vedette::output
