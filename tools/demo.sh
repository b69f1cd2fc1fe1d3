#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packages, build, and what the program is for: a change that brings a key, an exploited dependency and a hostile model,
# blocked and mended; our rules over the audit log of a staged attack, a table here and a report in HTML; the same live,
# an attack acted out in a container while `vedette watch` looks on (a replay where that is not possible).
set -euo pipefail
cd "$(dirname "$0")/.."
recording=tests/e2e/recording/attack.log
report=vedette-report.html
program=build/release/bin/vedette

make --no-print-directory deps
echo "demo: building the program (the first time takes some minutes)"
cmake --preset release >/dev/null
cmake --build build/release -j "$(nproc)" --target vedette

echo
echo "demo: the story of one change, in a repository made on the spot: the gate blocks it, what mends it passes"
echo
tools/change_demo.py "$program"
echo
echo "demo: $recording: what Linux audit recorded while an attack was acted out in a scratch system"
echo
"$program" detect --rules content/sigma --format table --group "$recording"
"$program" detect --rules content/sigma --format html --output "$report" "$recording"
echo
echo "demo: the same as a report to click through: file://$PWD/$report"
echo
python3 tools/live_demo/live_demo.py
echo "demo: credentials in what is about to ship: a small repository made on the spot"
echo
tools/secret_demo.sh "$program"
echo
echo "demo: an image made on the spot: what is known about its packages, and a key that a later layer deletes"
echo
tools/image_demo.py "$program"
echo "demo: a clean and a hostile model made on the spot, never loaded: what loading would have done"
echo
tools/model_demo.py "$program"
echo "demo: now your own machine (as root), and your own logs, any format, files or folders:"
echo
echo "    $program ci"
echo "    $program scan secrets ."
echo "    $program scan image app.tar"
echo "    $program scan model ~/.cache/huggingface"
echo "    $program watch"
echo "    $program detect /var/log"
