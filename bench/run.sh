#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Speed and memory over the recorded Windows events (VEDETTE_DATA, else ../shared/data), unpacked once to
# VEDETTE_BENCH_CACHE (default ~/.cache/vedette/bench). bench/RESULTS.md says how to read the figures.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${VEDETTE_DATA:-../shared/data}
cache=${VEDETTE_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vedette/bench}
if [ ! -f "$data/events/otrf-atomic.tar.zst" ]; then
  echo "bench: skipped, no recorded events in $data (set VEDETTE_DATA)"
  exit 0
fi
cmake --preset release >/dev/null
cmake --build build/release -j "$(nproc)" --target vedette detect_bench >/dev/null
mkdir -p "$cache"
if [ ! -f "$cache/otrf/.complete" ]; then
  mkdir -p "$cache/otrf"
  tar --zstd -xf "$data/events/otrf-atomic.tar.zst" -C "$cache/otrf"
  touch "$cache/otrf/.complete"
fi
rules=("$data"/sigma/rules*)
flags=()
for folder in "${rules[@]}"; do flags+=(--rules "$folder"); done
vedette=build/release/bin/vedette

echo "# otrf-atomic, all rules, log sources on, alerts written as tsv"
build/release/bin/detect_bench content "$cache/otrf/dev" "${rules[@]}"

peak() { /usr/bin/time -f %M "$@" 2>&1 >/dev/null | tail -n 1; }
if [ -x /usr/bin/time ]; then
  echo "peak memory 1 thread, MB	$(($(peak "$vedette" detect "${flags[@]}" --format tsv --threads 1 "$cache/otrf/dev") / 1024))"
  echo "peak memory 2 threads, MB	$(($(peak "$vedette" detect "${flags[@]}" --format tsv --threads 2 "$cache/otrf/dev") / 1024))"
else
  echo "peak memory	skipped: no /usr/bin/time (package time)"
fi

echo "# ten correlations over the same events: seconds without and with, median of 5"
median_seconds() {
  for _ in 1 2 3 4 5; do
    "$vedette" detect "$@" --format tsv --threads 1 --stats "$cache/stats.json" "$cache/otrf/dev" >/dev/null 2>&1 || true
    python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["seconds"])' "$cache/stats.json"
  done | sort -n | sed -n 3p
}
without=$(median_seconds "${flags[@]}")
with=$(median_seconds "${flags[@]}" --rules bench/correlations)
python3 -c 'import sys; a, b = map(float, sys.argv[1:]); print(f"without, s\t{a:.2f}\nwith, s\t{b:.2f}\ncost\t{(b / a - 1) * 100:.0f} %")' "$without" "$with"

if command -v evtx_dump >/dev/null; then
  echo "# EVTX against evtx_dump (crate evtx), one thread each, whole processes, best of 3"
  [ -f "$cache/big.evtx" ] || python3 tools/make_big_evtx.py "$data/sigma/regression_data" "$cache/big.evtx" 128
  best() { for _ in 1 2 3; do /usr/bin/time -f %e "$@" 2>&1 >/dev/null | tail -n 1; done | sort -n | head -n 1; }
  echo "vedette, s	$(best "$vedette" detect "${flags[@]}" --format tsv --threads 1 "$cache/big.evtx")"
  echo "evtx_dump -t 1 -o jsonl, s	$(best evtx_dump -t 1 -o jsonl "$cache/big.evtx")"
else
  echo "EVTX	skipped: no evtx_dump on PATH (cargo install evtx)"
fi

if command -v valgrind >/dev/null && [ -n "${CALLGRIND:-}" ]; then
  echo "# instructions per event, the first 20,000 events (CALLGRIND=1)"
  mkdir -p "$cache/slice"
  find "$cache/otrf/dev" -name '*.ndjson' -print0 | sort -z | xargs -0 cat | head -n 20000 >"$cache/slice/20000.ndjson" || true
  count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$vedette" detect "${flags[@]}" --format tsv --threads 1 "$1" 2>&1 >/dev/null |
      sed -n 's/.*Collected : //p'
  }
  head -n 1 "$cache/slice/20000.ndjson" >"$cache/one.ndjson"
  echo "instructions per event	$((($(count "$cache/slice/20000.ndjson") - $(count "$cache/one.ndjson")) / 19999))"
fi
