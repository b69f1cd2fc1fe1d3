# SPDX-License-Identifier: Apache-2.0
# One static library per folder of src/, one test program per folder; the suffix of a file tells its role.

add_library(vedette_options INTERFACE)
target_include_directories(vedette_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
# Some packages ask for it, some not: one set of options for all, so that they can share precompiled headers.
target_compile_options(vedette_options INTERFACE -pthread)
target_compile_options(vedette_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # False alarms of GCC 12: std::string's operator+ (bug 105651), temporaries in braced initialisers (bug 105562).
  target_compile_options(vedette_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    # Of GCC 14: what it takes for possible sizes after it has put std::vector's functions into each other
    # (std::vector::insert). GCC 12 says these with more right, and still does.
    target_compile_options(vedette_options INTERFACE -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # libstdc++ 12 uses itself what it calls deprecated (std::stable_sort).
  target_compile_options(vedette_options INTERFACE -Wthread-safety -Wno-deprecated-declarations)
endif()
if(VEDETTE_SANITIZE)
  target_compile_options(vedette_options INTERFACE -fsanitize=${VEDETTE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=undefined)
  target_link_options(vedette_options INTERFACE -fsanitize=${VEDETTE_SANITIZE})
endif()
if(VEDETTE_COVERAGE)
  target_compile_options(vedette_options INTERFACE --coverage)
  target_link_options(vedette_options INTERFACE --coverage)
endif()
if(VEDETTE_FUZZ)
  target_compile_options(vedette_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_libraries(vedette_options INTERFACE fmt::fmt Threads::Threads)

# The standard library, read once: a third of the time of a cold build. Off where a compiler cache takes the work
# over, which would tie its entries to one build folder. `make lint` compiles everything without it, so that no
# source forgets an include.
if(CCACHE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  set(VEDETTE_PRECOMPILE_DEFAULT OFF)
else()
  set(VEDETTE_PRECOMPILE_DEFAULT ON)
endif()
option(VEDETTE_PRECOMPILE "Precompile the standard headers" ${VEDETTE_PRECOMPILE_DEFAULT})
set(VEDETTE_STANDARD_HEADERS <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath> <cstddef> <cstdint> <cstdio>
  <cstdlib> <cstring> <deque> <expected> <filesystem> <fstream> <functional> <limits> <map> <memory> <mutex> <numeric>
  <optional> <set> <span> <string> <string_view> <system_error> <thread> <tuple> <unordered_map> <unordered_set>
  <utility> <variant> <vector>)
# In a build without optimisation fmt changes GCC's options for a while, and behind a precompiled header they stay so.
if(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
  list(APPEND VEDETTE_STANDARD_HEADERS <fmt/format.h>)
endif()
# Tests are compiled for their compile time: they call optimised libraries.
set(VEDETTE_TEST_OPTIONS "")
if(CMAKE_BUILD_TYPE STREQUAL RelWithDebInfo)
  set(VEDETTE_TEST_OPTIONS -O1)
endif()
if(VEDETTE_PRECOMPILE)
  # GCC forgets with them what it may not say of the standard library's own code (bug 105562 and its kin).
  target_compile_options(vedette_options INTERFACE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/empty.cc "")
  add_library(vedette_standard OBJECT ${CMAKE_CURRENT_BINARY_DIR}/empty.cc)
  target_link_libraries(vedette_standard PRIVATE vedette_options)
  target_precompile_headers(vedette_standard PRIVATE ${VEDETTE_STANDARD_HEADERS})
  add_library(vedette_standard_tests OBJECT ${CMAKE_CURRENT_BINARY_DIR}/empty.cc)
  target_link_libraries(vedette_standard_tests PRIVATE vedette_options GTest::gtest)
  target_compile_options(vedette_standard_tests PRIVATE ${VEDETTE_TEST_OPTIONS})
  target_precompile_headers(vedette_standard_tests PRIVATE ${VEDETTE_STANDARD_HEADERS} <gtest/gtest.h>)
endif()

# vedette_precompiled(TARGET [TESTS]): TARGET begins with the headers above, TESTS with those of tests.
function(vedette_precompiled target)
  set(from vedette_standard)
  if(ARGC GREATER 1)
    set(from vedette_standard_tests)
    target_compile_options(${target} PRIVATE ${VEDETTE_TEST_OPTIONS})
  endif()
  if(VEDETTE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

set(VEDETTE_TEST_CONTENT ${PROJECT_SOURCE_DIR}/content)

# vedette_source_folder(FILES...): VEDETTE_SOURCE_DIR for those that use it, so that the other commands are the same in
# every checkout and a compiler cache serves them.
function(vedette_source_folder)
  foreach(file ${ARGN})
    file(STRINGS ${file} uses REGEX VEDETTE_SOURCE_DIR LIMIT_COUNT 1)
    if(uses)
      set_property(SOURCE ${file} PROPERTY COMPILE_DEFINITIONS VEDETTE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    endif()
  endforeach()
endfunction()

# vedette_module(NAME LINKS <targets...>): src/NAME/**.cc becomes vedette_NAME, its *_test.cc NAME_test,
# each *_fuzz.cc a fuzzer (preset fuzz) or a corpus test (other presets).
function(vedette_module name)
  cmake_parse_arguments(MODULE "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  set(tests ${all})
  set(fuzzers ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER all EXCLUDE REGEX "_(test|fuzz|bench)\\.cc$")
  if(all)
    add_library(vedette_${name} STATIC ${all})
    vedette_precompiled(vedette_${name})
    set(scope PUBLIC)
  else()
    add_library(vedette_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(vedette_${name} ${scope} vedette_options ${MODULE_LINKS})
  if(tests AND NOT VEDETTE_FUZZ)
    add_executable(${name}_test ${tests})
    vedette_precompiled(${name}_test TESTS)
    target_link_libraries(${name}_test PRIVATE vedette_${name} GTest::gtest_main)
    vedette_source_folder(${tests})
    add_test(NAME unit.${name} COMMAND ${name}_test)
    set_tests_properties(unit.${name} PROPERTIES LABELS unit)
  endif()
  foreach(file ${fuzzers})
    get_filename_component(fuzzer ${file} NAME_WE)
    if(VEDETTE_FUZZ)
      add_executable(${fuzzer} ${file})
      target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
    else()
      # The same entry point over the stored corpus: a past crash stays a test.
      if(NOT TARGET vedette_replay)
        add_library(vedette_replay OBJECT ${PROJECT_SOURCE_DIR}/tests/corpus/replay.cc)
        target_link_libraries(vedette_replay PRIVATE vedette_options)
      endif()
      add_executable(${fuzzer} ${file} $<TARGET_OBJECTS:vedette_replay>)
      string(REGEX REPLACE "_fuzz$" "" corpus ${fuzzer})
      add_test(NAME corpus.${corpus} COMMAND ${fuzzer} ${PROJECT_SOURCE_DIR}/tests/corpus/${corpus})
      set_tests_properties(corpus.${corpus} PROPERTIES LABELS corpus)
    endif()
    vedette_precompiled(${fuzzer})
    target_link_libraries(${fuzzer} PRIVATE vedette_${name})
  endforeach()
endfunction()

# vedette_page(TARGET PREFIX HEADER BODY file STYLES files... SCRIPTS files...): an HTML page's parts as functions
# PREFIX_style(), PREFIX_script() ... that HEADER (below src) declares, compiled into TARGET.
function(vedette_page target prefix header)
  cmake_parse_arguments(PAGE "" "BODY" "STYLES;SCRIPTS" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${prefix}_assets.cc)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} "-DSTYLES=${PAGE_STYLES}" "-DSCRIPTS=${PAGE_SCRIPTS}" -DBODY=${PAGE_BODY}
      -DPREFIX=${prefix} -DHEADER=${header} -DOUT=${out} -P ${PROJECT_SOURCE_DIR}/cmake/embed_page.cmake
    DEPENDS ${PAGE_STYLES} ${PAGE_SCRIPTS} ${PAGE_BODY} ${PROJECT_SOURCE_DIR}/cmake/embed_page.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
