#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds every *_fuzz.cc with libFuzzer, ASan and UBSan and runs each for FUZZ_SECONDS. New inputs go to
# build/fuzz/corpus/NAME; a finding is left in build/fuzz/findings and makes the run fail. Names as
# arguments choose fuzzers: tools/fuzz.sh yaml json
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-60}
jobs=${JOBS:-$(nproc)}

if ! command -v clang++-19 >/dev/null; then
  echo "fuzz: expected clang++-19 (preset fuzz), found none; run make deps" >&2
  exit 2
fi
cmake --preset fuzz >/dev/null
mkdir -p build/fuzz/findings

fuzz_one() {
  local name=$1 seconds=$2 status=0
  local corpus=build/fuzz/corpus/$name log=build/fuzz/$name.log
  mkdir -p "$corpus"
  "build/fuzz/bin/${name}_fuzz" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$name-" \
    "$corpus" "tests/corpus/$name" >"$log" 2>&1 || status=$?
  local runs
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ "$status" -eq 0 ]; then
    echo "$name: ${runs:-0} runs in $seconds s, no finding"
  else
    echo "$name: FINDING, see $log and build/fuzz/findings/"
    grep -m 3 -E 'ERROR|runtime error|SUMMARY' "$log" || tail -n 5 "$log"
    return 1
  fi
}
export -f fuzz_one

names=("$@")
if [ "${#names[@]}" -eq 0 ]; then
  mapfile -t names < <(find src -name '*_fuzz.cc' -printf '%f\n' | sed 's/_fuzz\.cc$//' | sort)
fi
if [ "${#names[@]}" -eq 0 ]; then
  echo "fuzz: no *_fuzz.cc found below src/" >&2
  exit 1
fi
cmake --build build/fuzz -j "$jobs" --target "${names[@]/%/_fuzz}"
status=0
printf '%s\n' "${names[@]}" | xargs -P "$jobs" -I {} bash -c 'fuzz_one "$1" "$2"' _ {} "$seconds" || status=1
echo "fuzz: ${#names[@]} fuzzers, $seconds s each, $([ $status -eq 0 ] && echo 'no findings' || echo 'findings above')"
exit $status
