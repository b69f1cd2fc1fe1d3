# SPDX-License-Identifier: Apache-2.0
# Every library is a distribution package; docs/decisions/ says why each is used.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
# A header; its pkg-config flags choose the packaged library, which throws.
find_path(TOMLPLUSPLUS toml++/toml.h REQUIRED)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(LZMA REQUIRED IMPORTED_TARGET liblzma)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
# The archive, of which the linker takes the few members that are wanted; else the whole shared library.
find_library(CRYPTO_DIGESTS NAMES libcrypto.a crypto HINTS ${CRYPTO_LIBRARY_DIRS} REQUIRED)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark QUIET)

# vedette_take_archive(PREFIX SOURCE): PkgConfig::PREFIX is linked from its archive where that links SOURCE. Each
# shared library takes 0.1 ms and more of every start. Not for those that unpack and parse what comes from outside:
# these get the distribution's updates without being built again, and so do the archive's own needs of that kind.
include(CheckCXXSourceCompiles)
function(vedette_take_archive prefix source)
  set(archives "")
  foreach(name ${${prefix}_STATIC_LIBRARIES})
    if(name MATCHES "^(c|m|dl|rt|pthread|z|zstd|lzma|bz2)$")
      list(APPEND archives ${name})
      continue()
    endif()
    find_library(VEDETTE_ARCHIVE_${name} lib${name}.a HINTS ${${prefix}_STATIC_LIBRARY_DIRS})
    mark_as_advanced(VEDETTE_ARCHIVE_${name})
    if(NOT VEDETTE_ARCHIVE_${name})
      return()
    endif()
    list(APPEND archives ${VEDETTE_ARCHIVE_${name}})
  endforeach()
  set(CMAKE_REQUIRED_INCLUDES ${${prefix}_INCLUDE_DIRS})
  set(CMAKE_REQUIRED_LIBRARIES ${archives} Threads::Threads)
  set(CMAKE_REQUIRED_QUIET TRUE)
  check_cxx_source_compiles("${source}" VEDETTE_${prefix}_ARCHIVE_LINKS)
  if(VEDETTE_${prefix}_ARCHIVE_LINKS)
    set_target_properties(PkgConfig::${prefix} PROPERTIES INTERFACE_LINK_LIBRARIES "${archives}")
  endif()
endfunction()
vedette_take_archive(RE2 "#include <re2/re2.h>
  int main() { return RE2::FullMatch(\"a\", RE2(\"a\")) ? 0 : 1; }")
vedette_take_archive(SECCOMP "#include <seccomp.h>
  int main() { return seccomp_load(seccomp_init(SCMP_ACT_ALLOW)); }")

# A program loads only the libraries that it uses: `vedette` none of the agent's.
add_link_options(-Wl,--as-needed)

find_program(CCACHE ccache)
if(CCACHE)
  # Checkouts in different folders have one cache: paths below this one are made relative.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
