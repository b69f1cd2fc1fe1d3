#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What it costs to go through a tree and to read it, before anything is looked for, beside ripgrep, which
# does the same: bench/walk.sh TREE. The tree should be warm and no repository, as ripgrep then ignores
# nothing either. Medians of 7 runs in turn.
set -euo pipefail
tree=$(realpath "${1:?usage: bench/walk.sh TREE}")
cd "$(dirname "$0")/.."
cmake --preset release >/dev/null
cmake --build build/release -j "$(nproc)" --target walk_bench >/dev/null
command -v rg >/dev/null || { echo "walk: skipped, no rg (package ripgrep)"; exit 0; }
exec python3 - build/release/bin/walk_bench "$tree" <<'EOF'
import os, statistics, subprocess, sys, time
bench, tree = sys.argv[1:]
runs = {
    "list, 1 thread": [bench, "list", "1", tree],
    "rg --files, 1 thread": ["rg", "--files", "--no-ignore", "--hidden", "--threads", "1", tree],
    "read, 1 thread": [bench, "read", "1", tree],
    "read, 2 threads": [bench, "read", "2", tree],
    "rg -c WORD, 1 thread": ["rg", "-c", "--no-ignore", "--hidden", "--threads", "1", "vedetteWORD", tree],
    "rg -c WORD, 2 threads": ["rg", "-c", "--no-ignore", "--hidden", "--threads", "2", "vedetteWORD", tree],
}
figures = {name: [] for name in runs}
read = ""
for _ in range(7):
    for name, command in runs.items():
        before = os.times()
        begin = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
        wall = time.monotonic() - begin
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        figures[name].append((wall, cpu))
        if name == "read, 1 thread":
            read = done.stdout
files, size = (int(field) for field in read.split()[:2])
print(f"{files} files, {size / 1e6:.0f} MB of text")
for name, rows in figures.items():
    wall, cpu = (statistics.median(column) for column in zip(*rows))
    print(f"{name}\t{wall:.3f} s\t{cpu:.3f} s CPU\t{cpu * 1e6 / files:.2f} us a file\t{cpu * 1e9 / size:.2f} ns a byte")
EOF
