# SPDX-License-Identifier: Apache-2.0
# cmake -DSTYLES=a.css;b.css -DSCRIPTS=a.js;b.js -DBODY=a.html -DPREFIX=report -DHEADER=output/html/assets.h -DOUT=report_assets.cc
#   -P embed_page.cmake
# Writes the style, the scripts (joined in the order in which they use each other) and the body of an HTML page as C++.
file(READ ${BODY} body)
foreach(part style script)
  string(TOUPPER ${part}S files)
  set(${part} "")
  foreach(file ${${files}})
    file(READ ${file} text)
    string(APPEND ${part} "${text}")
  endforeach()
endforeach()
# Nothing inside may end the element or the literal that holds it; longer literals are not portable.
foreach(part style script body)
  string(LENGTH "${${part}}" length)
  if("${${part}}" MATCHES "</script|</style|[)]vedette\"" OR length GREATER 65000)
    message(FATAL_ERROR "${BODY}: the ${part} of the page cannot be embedded")
  endif()
endforeach()
string(SHA256 style_hash "${style}")
string(SHA256 script_hash "${script}")
file(WRITE ${OUT} "// Written by cmake/embed_page.cmake.
#include \"${HEADER}\"
namespace vedette::output {
std::string_view ${PREFIX}_style() { return R\"vedette(${style})vedette\"; }
std::string_view ${PREFIX}_style_sha256() { return \"${style_hash}\"; }
std::string_view ${PREFIX}_script() { return R\"vedette(${script})vedette\"; }
std::string_view ${PREFIX}_script_sha256() { return \"${script_hash}\"; }
std::string_view ${PREFIX}_body() { return R\"vedette(${body})vedette\"; }
}  // namespace vedette::output
")
