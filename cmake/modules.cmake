# SPDX-License-Identifier: Apache-2.0
# One static library per folder of src/, one test program per folder; the suffix of a file tells its role.

add_library(vedette_options INTERFACE)
target_include_directories(vedette_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(vedette_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # False alarms of GCC 12: std::string's operator+ (bug 105651), temporaries in braced initialisers (bug 105562).
  target_compile_options(vedette_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
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

set(VEDETTE_TEST_CONTENT ${PROJECT_SOURCE_DIR}/content)

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
    set(scope PUBLIC)
  else()
    add_library(vedette_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(vedette_${name} ${scope} vedette_options ${MODULE_LINKS})
  if(tests AND NOT VEDETTE_FUZZ)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE vedette_${name} GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE
      VEDETTE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
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
      add_executable(${fuzzer} ${file} ${PROJECT_SOURCE_DIR}/tests/corpus/replay.cc)
      string(REGEX REPLACE "_fuzz$" "" corpus ${fuzzer})
      add_test(NAME corpus.${corpus} COMMAND ${fuzzer} ${PROJECT_SOURCE_DIR}/tests/corpus/${corpus})
      set_tests_properties(corpus.${corpus} PROPERTIES LABELS corpus)
    endif()
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
