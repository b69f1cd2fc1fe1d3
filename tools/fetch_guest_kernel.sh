#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Gets the distribution's kernel, not installed, for tests/guest: they boot it in an emulator because
# it may have what the running kernel lacks. Optional; without it those tests skip. Asks nothing.
set -euo pipefail

folder=${VEDETTE_GUEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vedette/guest}
if [ -s "$folder/vmlinuz" ]; then
  echo "guest kernel: $folder/vmlinuz is there"
  exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  echo "guest kernel: expected a system with apt-get and dpkg-deb, found none; put a kernel with" >&2
  echo "guest kernel: CONFIG_BPF_LSM and CONFIG_DEBUG_INFO_BTF at $folder/vmlinuz" >&2
  exit 2
fi
package=$(apt-cache depends linux-image-amd64 linux-image-generic 2>/dev/null |
  sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
if [ -z "$package" ]; then
  echo "guest kernel: no linux-image package is known; run apt-get update" >&2
  exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get download -qq "$package")
dpkg-deb --fsys-tarfile "$work"/*.deb | tar -x -C "$work" --wildcards './boot/vmlinuz-*'
mkdir -p "$folder"
cp "$work"/boot/vmlinuz-* "$folder/vmlinuz.new"
mv "$folder/vmlinuz.new" "$folder/vmlinuz"
echo "guest kernel: $package at $folder/vmlinuz"
