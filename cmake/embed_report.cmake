# SPDX-License-Identifier: Apache-2.0
# cmake -DFOLDER=src/output/html -DOUT=report_assets.cc -P embed_report.cmake
# Writes the style, the scripts (joined in the order in which they use each other) and the body of the HTML report as C++.
file(READ ${FOLDER}/report.css style)
file(READ ${FOLDER}/report.html body)
set(script "")
foreach(name model timeline overview list details main)
  file(READ ${FOLDER}/${name}.js text)
  string(APPEND script "${text}")
endforeach()
# Nothing inside may end the element or the literal that holds it; longer literals are not portable.
foreach(part style script body)
  string(LENGTH "${${part}}" length)
  if("${${part}}" MATCHES "</script|</style|[)]vedette\"" OR length GREATER 65000)
    message(FATAL_ERROR "${FOLDER}: the ${part} of the report cannot be embedded")
  endif()
endforeach()
string(SHA256 style_hash "${style}")
string(SHA256 script_hash "${script}")
file(WRITE ${OUT} "// Written by cmake/embed_report.cmake.
#include \"output/html/assets.h\"
namespace vedette::output {
std::string_view report_style() { return R\"vedette(${style})vedette\"; }
std::string_view report_style_sha256() { return \"${style_hash}\"; }
std::string_view report_script() { return R\"vedette(${script})vedette\"; }
std::string_view report_script_sha256() { return \"${script_hash}\"; }
std::string_view report_body() { return R\"vedette(${body})vedette\"; }
}  // namespace vedette::output
")
