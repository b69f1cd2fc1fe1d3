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

echo "# ten correlations over the same events, their base rules matching half of them: without and with, in turn"
correlate() {
  "$vedette" detect "${flags[@]}" "$@" --format tsv --threads 1 --quiet --stats "$cache/stats.json" "$cache/otrf/dev" >/dev/null || true
  python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["seconds"])' "$cache/stats.json"
}
for _ in 1 2 3 4 5; do
  echo "$(correlate) $(correlate --rules bench/correlations)"
done >"$cache/correlations.txt"
python3 - "$cache/correlations.txt" <<'EOF'
import statistics, sys
rows = [[float(cell) for cell in line.split()] for line in open(sys.argv[1])]
print(f"without, s\t{statistics.median(row[0] for row in rows):.2f}")
print(f"with, s\t{statistics.median(row[1] for row in rows):.2f}")
print(f"cost, median of pairs\t{(statistics.median(row[1] / row[0] for row in rows) - 1) * 100:.0f} %")
EOF

if command -v evtx_dump >/dev/null; then
  echo "# EVTX against evtx_dump -t 1 -o jsonl (crate evtx), in turn, one thread, medians of 5; loading rules not counted"
  [ -f "$cache/big.evtx" ] || python3 tools/make_big_evtx.py "$data/sigma/regression_data" "$cache/big.evtx" 128
  printf 'title: Nothing\nlogsource: {product: windows}\ndetection: {a: {EventID: 1, Image: nothing}, condition: a}\n' >"$cache/one_rule.yml"
  : >"$cache/evtx.tsv"
  for _ in 1 2 3 4 5; do
    "$vedette" detect "${flags[@]}" --format tsv --threads 1 --quiet --stats "$cache/all.json" "$cache/big.evtx" >/dev/null || true
    "$vedette" detect --rules "$cache/one_rule.yml" --format tsv --threads 1 --quiet --stats "$cache/one.json" "$cache/big.evtx" >/dev/null || true
    dump=$(TIMEFORMAT=%R; { time evtx_dump -t 1 -o jsonl "$cache/big.evtx" >/dev/null 2>&1; } 2>&1)
    python3 -c 'import json,sys; a, b = (json.load(open(f)) for f in sys.argv[1:3]); print(a["events"], a["seconds"], b["seconds"], sys.argv[3], sep="\t")' \
      "$cache/all.json" "$cache/one.json" "$dump" >>"$cache/evtx.tsv"
  done
  python3 - "$cache/evtx.tsv" <<'EOF'
import statistics, sys
rows = [[float(cell) for cell in line.split("\t")] for line in open(sys.argv[1])]
events = rows[0][0]
for name, column in (("all rules, alerts written", 1), ("one rule", 2), ("evtx_dump", 3)):
    print(f"{name}, records/s\t{events / statistics.median(row[column] for row in rows):,.0f}")
print(f"all rules to evtx_dump\t{statistics.median(row[3] / row[1] for row in rows):.2f}")
print(f"one rule to evtx_dump\t{statistics.median(row[3] / row[2] for row in rows):.2f}")
EOF
else
  echo "EVTX	skipped: no evtx_dump on PATH (cargo install evtx)"
fi

if command -v valgrind >/dev/null && [ -n "${CALLGRIND:-}" ]; then
  echo "# instructions per event, 20,000 events taken evenly from all recordings (CALLGRIND=1)"
  mkdir -p "$cache/slice"
  slice=$cache/slice/even.ndjson
  [ -f "$slice" ] || find "$cache/otrf/dev" -name '*.ndjson' -print0 | sort -z | xargs -0 cat | awk 'NR % 34 == 1' >"$slice"
  head -n 1 "$slice" >"$cache/one.ndjson"
  count() {
    local input=$1
    shift
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$vedette" detect "${flags[@]}" "$@" --format tsv \
      --threads 1 "$input" 2>&1 >/dev/null | sed -n 's/.*Collected : //p'
  }
  events=$(($(wc -l <"$slice") - 1))
  plain=$((($(count "$slice") - $(count "$cache/one.ndjson")) / events))
  correlated=$((($(count "$slice" --rules bench/correlations) - $(count "$cache/one.ndjson" --rules bench/correlations)) / events))
  echo "instructions per event	$plain"
  echo "with ten correlations	$correlated ($((correlated * 1000 / plain - 1000)) per mille more)"
fi
