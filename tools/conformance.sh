#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the suites of tests/conformance/suites.tsv (name <TAB> command). A suite prints any number of
# lines and, last, `NAME passed failed skipped` (three numbers); a line `skip: REASON` or
# `differs: …` before it is shown again below the table. Exit code 1 when a suite fails or breaks.
# Names as arguments choose suites.
set -euo pipefail
cd "$(dirname "$0")/.."
list=tests/conformance/suites.tsv
logs=build/conformance
export VEDETTE=${VEDETTE:-$PWD/build/release/bin/vedette}
export VEDETTE_DATA=${VEDETTE_DATA:-$PWD/../shared/data}
mkdir -p "$logs"

status=0
reasons=()
printf '%-28s %8s %8s %8s\n' suite passed failed skipped
while IFS=$'\t' read -r name command; do
  case "$name" in '' | '#'*) continue ;; esac
  if [ "$#" -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
  log=$logs/$name.log
  code=0
  bash -c "$command" >"$log" 2>&1 </dev/null || code=$?
  read -r said passed failed skipped rest < <(tail -n 1 "$log") || true
  if [ "${said:-}" != "$name" ] || ! [[ "${passed:-}${failed:-}${skipped:-}" =~ ^[0-9]+$ ]] ||
    [ -n "${rest:-}" ] || [ -z "${skipped:-}" ]; then
    printf '%-28s %8s\n' "$name" broken
    reasons+=("$name: expected a last line '$name passed failed skipped', exit code $code; see $log")
    status=1
    continue
  fi
  printf '%-28s %8d %8d %8d\n' "$name" "$passed" "$failed" "$skipped"
  if [ "$failed" -gt 0 ] || [ "$code" -ne 0 ]; then
    reasons+=("$name: $failed failed, exit code $code; see $log")
    status=1
  fi
  if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ]; then
    reasons+=("$name: ran nothing")
    status=1
  fi
  while read -r line; do reasons+=("$name: $line"); done < <(grep -E '^(skip|differs): ' "$log" || true)
done <"$list"

if [ "${#reasons[@]}" -gt 0 ]; then
  echo
  printf '%s\n' "${reasons[@]}"
fi
exit $status
