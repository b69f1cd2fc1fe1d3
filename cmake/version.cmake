# SPDX-License-Identifier: Apache-2.0
# Run at every build (cmake -P): asks git for the commit and rewrites the header only when it changed.
# Wants SOURCE, INPUT, OUTPUT, VEDETTE_VERSION, VEDETTE_LIBRARIES ("name version;name version").
set(VEDETTE_COMMIT "unknown")
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse --short=12 HEAD
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(VEDETTE_COMMIT ${commit})
    execute_process(COMMAND ${GIT} -C ${SOURCE} status --porcelain --untracked-files=no
      OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      string(APPEND VEDETTE_COMMIT "-modified")
    endif()
  endif()
endif()
configure_file(${INPUT} ${OUTPUT} @ONLY)
