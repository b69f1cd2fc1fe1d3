# SPDX-License-Identifier: Apache-2.0
# The sensor's kernel programs: compiled by clang for the BPF machine and put into vedette_sensor. Without clang or
# libbpf the module is built all the same, and its loader says what was missing.
find_program(VEDETTE_BPF_CLANG NAMES clang-19 clang-20 clang-21 clang-18 clang-17 clang-16 clang-15 clang-14 clang)
find_program(VEDETTE_BPF_STRIP NAMES llvm-strip-19 llvm-strip-20 llvm-strip-21 llvm-strip-18 llvm-strip-17 llvm-strip-16
  llvm-strip-15 llvm-strip-14 llvm-strip)
pkg_check_modules(LIBBPF IMPORTED_TARGET libbpf>=1.0)
if(LIBBPF_FOUND)
  vedette_take_archive(LIBBPF "#include <bpf/libbpf.h>
    int main() { return bpf_object__load(bpf_object__open(\"a\")); }")
endif()

function(vedette_kernel_programs target)
  set(missing "")
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    set(missing "it knows the registers of x86-64 only")
  elseif(NOT VEDETTE_BPF_CLANG)
    set(missing "clang, which compiles the kernel programs, was not found")
  elseif(NOT LIBBPF_FOUND)
    set(missing "libbpf was not found")
  endif()
  if(missing)
    message(STATUS "Kernel sensor: not built, ${missing}")
    target_compile_definitions(${target} PRIVATE "VEDETTE_SENSOR_MISSING=\"${missing}\"")
    return()
  endif()
  set(folder ${PROJECT_SOURCE_DIR}/src/sensor/bpf)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/sensor.bpf.o)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.h)
  # Without the debugger's view of it; what the loader needs stays.
  set(strip "")
  if(VEDETTE_BPF_STRIP)
    set(strip COMMAND ${VEDETTE_BPF_STRIP} -g ${object})
  endif()
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${VEDETTE_BPF_CLANG} -target bpf -mcpu=v3 -g -O2 -Wall -Wextra -Wno-unused-parameter -Werror
      -I${PROJECT_SOURCE_DIR}/src -c ${folder}/sensor.bpf.c -o ${object}
    ${strip}
    DEPENDS ${folder}/sensor.bpf.c ${sources} ${PROJECT_SOURCE_DIR}/src/formats/kernel/record_layout.h
    COMMENT "Compiling the kernel programs" VERBATIM)
  set(VEDETTE_SENSOR_OBJECT ${object})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/kernel_object.cc.in ${CMAKE_CURRENT_BINARY_DIR}/kernel_object.cc @ONLY)
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/kernel_object.cc PROPERTIES OBJECT_DEPENDS ${object})
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/kernel_object.cc)
  target_link_libraries(${target} PRIVATE PkgConfig::LIBBPF)
endfunction()
