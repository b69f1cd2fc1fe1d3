#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long the second scan of a history takes, after ten new commits. REPOSITORY is not changed: a clone
# that borrows its objects is scanned, and gets the commits.
set -euo pipefail
vedette=$(realpath "${VEDETTE:-build/release/bin/vedette}")
repository=$(realpath "${1:?usage: bench/history_again.sh REPOSITORY}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
clone=$folder/clone
git init -q --bare "$clone"
objects=$(cd "$repository" && realpath "$(git rev-parse --git-path objects)")
echo "$objects" > "$clone/objects/info/alternates"
git -C "$repository" for-each-ref --format='%(objectname) %(refname)' |
  while read -r id name; do echo "create $name $id"; done | git -C "$clone" update-ref --stdin
head=$(git -C "$repository" rev-parse HEAD)
scan() {
  /usr/bin/time -f "$1: %e s, %U s user, %M KB" \
    "$vedette" scan secrets --history --cache-dir "$folder/cache" -q -f json -o "$folder/report.json" "$clone" || true
  python3 -c 'import json,sys; s = json.load(open(sys.argv[1]))["summary"]
print("  commits", s["commits"], "files", s["files"], "known", s["cached"], "findings", s["findings"])' "$folder/report.json"
}
scan "first scan"
scan "again, nothing new"
{
  for number in $(seq 10); do
    echo "commit refs/heads/bench-news"
    echo "committer Bench <bench@example.org> $((1900000000 + number)) +0000"
    printf 'data 4\nnews\n'
    if [ "$number" = 1 ]; then echo "from $head"; fi
    printf 'M 100644 inline news-%s.txt\ndata 12\nhello world\n\n' "$number"
  done
} | git -C "$clone" fast-import --quiet
scan "after ten commits"
