#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A repository's whole history beside git's own reading of all its objects: history.sh VEDETTE REPOSITORY [RUNS].
# CPU seconds (user and system) and memory of each run; bench/RESULTS.md says how to read them.
set -euo pipefail
vedette=$1
repository=$2
runs=${3:-3}
for ((run = 0; run < runs; ++run)); do
  /usr/bin/time -f "cat-file  %U + %S s, %M KB" \
    git -C "$repository" cat-file --batch-all-objects --batch --unordered >/dev/null
  /usr/bin/time -f "history   %U + %S s, %M KB" \
    "$vedette" scan secrets --history --no-cache --threads 1 -q -f ndjson -o /dev/null "$repository" 2>&1 | tail -1
done
