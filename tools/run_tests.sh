#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs all tests of the release build, then unit and corpus tests once more under AddressSanitizer and
# UndefinedBehaviorSanitizer (preset dev; ASAN=0 leaves that out), and ends with what was skipped and
# why and one line `N passed, N failed, N skipped`.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
status=0
reports=()
# What the programs keep for their next run is the tests' own.
export XDG_CACHE_HOME=$PWD/build/test-cache

run_tests() {
  local folder=$1
  shift
  rm -f "$folder/tests.xml"
  ctest --test-dir "$folder" -j "$jobs" --output-on-failure --no-tests=error --timeout 600 \
    --test-output-size-passed 1000000 --test-output-size-failed 1000000 \
    --output-junit "$PWD/$folder/tests.xml" "$@" || status=1
  reports+=("$folder/tests.xml")
}

run_tests build/release
if [ "${ASAN:-1}" != 0 ]; then
  cmake --preset dev >/dev/null
  cmake --build build/dev -j "$jobs"
  run_tests build/dev -L '^(unit|corpus)$'
else
  echo "tests: ASAN=0: the sanitizer build was not run"
fi
python3 tools/test_report.py "${reports[@]}" || status=1
exit $status
