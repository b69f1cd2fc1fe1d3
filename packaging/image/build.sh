#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes an OCI image layout that holds a built vedette-agent, the shared libraries that it loads, its
# rules and nothing else: no shell, no package manager. Needs umoci; downloads
# nothing. The result can be copied into a registry with any tool that reads OCI layouts.
#   packaging/image/build.sh build/release/bin/vedette-agent OUT_FOLDER [TAG]
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# -lt 2 ]; then
  echo "usage: $0 VEDETTE_AGENT OUT_FOLDER [TAG]" >&2
  exit 2
fi
program=$(realpath "$1")
out=$2
tag=${3:-latest}
for tool in umoci install; do
  command -v "$tool" >/dev/null || { echo "image: expected $tool, found none" >&2; exit 2; }
done
[ -x "$program" ] || { echo "image: expected a program at $1, found none; run make build" >&2; exit 2; }
[ ! -e "$out" ] || { echo "image: $out exists; remove it or name another folder" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umoci init --layout "$out"
umoci new --image "$out:$tag"
umoci unpack --rootless --image "$out:$tag" "$work/bundle"
root=$work/bundle/rootfs

packaging/image/collect.sh "$program" "$root"
mkdir -p "$root/etc/vedette" "$root/var/lib/vedette" "$root/tmp" "$root/proc" "$root/sys" "$root/run"
install -m 0644 packaging/vedette-agent.yaml "$root/etc/vedette/vedette-agent.yaml"

umoci repack --image "$out:$tag" "$work/bundle"
umoci config --image "$out:$tag" \
  --config.entrypoint /usr/bin/vedette-agent \
  --config.cmd run --config.cmd --config --config.cmd /etc/vedette/vedette-agent.yaml \
  --config.label org.opencontainers.image.title=vedette-agent \
  --config.label org.opencontainers.image.licenses=Apache-2.0
umoci gc --layout "$out"
echo "image: $out:$tag"
