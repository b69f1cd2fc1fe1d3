#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that reads sources without running them: layout, tidy_test (floors, sizes, words), every
# header alone, clang as second compiler, clang-tidy. Results are kept in the user's cache by content, so a
# second run looks only at what changed, also in another checkout.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
status=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT
step() { printf 'lint: %-28s' "$1"; }

find_tool() {
  local version
  for version in 19 20 21 18; do
    if command -v "$1-$version" >/dev/null; then
      echo "$1-$version"
      return
    fi
  done
}
format=$(find_tool clang-format)
tidy=$(find_tool clang-tidy)
clang=$(find_tool clang++)
for found in "clang-format:$format" "clang-tidy:$tidy" "clang++:$clang"; do
  if [ -z "${found#*:}" ]; then
    echo "lint: expected ${found%:*} (19), found none; run make deps" >&2
    exit 2
  fi
done

step "layout ($format)"
mapfile -t sources < <(find src tests bench -name '*.cc' -o -name '*.h' | sort)
if "$format" --dry-run --Werror "${sources[@]}" 2>"$output"; then
  echo "ok, ${#sources[@]} files"
else
  echo "FAILED"
  grep -E 'error:' "$output" | cut -d: -f1 | sort | uniq -c | sed 's/^/  /'
  echo "  repair with: $format -i FILE"
  status=1
fi

step "shell scripts"
if bash -n tools/*.sh .ci/run && ! grep -L '^set -euo pipefail' tools/*.sh .ci/run | grep .; then
  echo "ok"
else
  echo "  FAILED: a script does not parse, or does not begin with set -euo pipefail"
  status=1
fi

# The compile commands and the generated version header are all that the next steps need. Without precompiled headers,
# so that a source that forgets an include is found.
step "configure"
cmake --preset release -B build/lint -DVEDETTE_PRECOMPILE=OFF >/dev/null
cmake --build build/lint --target vedette_version >/dev/null
echo "ok"

step "floors, sizes, words"
cmake --build build/lint -j "$jobs" --target tidy_test >/dev/null
if build/lint/bin/tidy_test --gtest_brief=1 >"$output" 2>&1; then
  echo "ok"
else
  echo "FAILED"
  sed 's/^/  /' "$output"
  status=1
fi

python3 tools/lint_sources.py --jobs "$jobs" --build build/lint --clang "$clang" --tidy "$tidy" || status=1
if [ $status -eq 0 ]; then echo "lint: clean"; else echo "lint: FAILED, see above" >&2; fi
exit $status
