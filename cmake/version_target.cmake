# SPDX-License-Identifier: Apache-2.0
# vedette_version: build/<preset>/generated/cmd/build_version.h, what `vedette --version` prints.
set(VEDETTE_GENERATED ${PROJECT_BINARY_DIR}/generated)
# Debian's re2.pc says 0.0.0: the number of the shared library tells more.
if(RE2_VERSION STREQUAL "0.0.0")
  file(REAL_PATH ${RE2_LINK_LIBRARIES} re2_file)
  string(REGEX MATCH "[0-9.]+$" RE2_VERSION "${re2_file}")
  string(PREPEND RE2_VERSION "libre2.so")
endif()
set(libraries
  "simdjson ${SIMDJSON_VERSION}" "re2 ${RE2_VERSION}" "libyaml ${YAML_VERSION}"
  "libarchive ${ARCHIVE_VERSION}" "expat ${EXPAT_VERSION}" "xxhash ${XXHASH_VERSION}"
  "fmt ${fmt_VERSION}" "CLI11 ${CLI11_VERSION}")
string(REPLACE ";" ", " libraries "${libraries}")
add_custom_target(vedette_version
  COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D VEDETTE_VERSION=${PROJECT_VERSION}
    -D "VEDETTE_LIBRARIES=${libraries}" -D INPUT=${PROJECT_SOURCE_DIR}/cmake/version.h.in
    -D OUTPUT=${VEDETTE_GENERATED}/cmd/build_version.h -P ${PROJECT_SOURCE_DIR}/cmake/version.cmake
  BYPRODUCTS ${VEDETTE_GENERATED}/cmd/build_version.h
  COMMENT "version header" VERBATIM)
