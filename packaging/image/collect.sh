#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts a built program into a folder that becomes an image: the program, the shared libraries that it loads, our rules, the
# authorities for TLS, and nothing else: no shell, no package manager. Downloads nothing.
#   packaging/image/collect.sh build/release/bin/vedette FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# -ne 2 ]; then
  echo "usage: $0 PROGRAM FOLDER" >&2
  exit 2
fi
program=$(realpath "$1")
root=$(realpath -m "$2")
for tool in ldd install strip; do
  command -v "$tool" >/dev/null || { echo "image: expected $tool, found none" >&2; exit 2; }
done
[ -x "$program" ] || { echo "image: expected a program at $1, found none; run make build" >&2; exit 2; }

install -D -m 0755 "$program" "$root/usr/bin/$(basename "$program")"
strip --strip-debug "$root/usr/bin/$(basename "$program")"
# What the program is linked with, and what it opens by name when it needs it (SQLite), which no list of its own has.
libraries() {
  local name path
  ldd "$1" | grep -o '/[^ ]*'
  [ "${2:-}" = opened ] || return 0
  grep -aoE 'lib[[:alnum:]_+-]+\.so\.[0-9]+' "$1" | sort -u | while read -r name; do
    path=$(/sbin/ldconfig -p | awk -v name="$name" '$1 == name && !found { print $NF; found = 1 }')
    [ -z "$path" ] || { echo "$path"; libraries "$path"; }
  done
}

# Under the names by which they are looked for, the loader included, in the folders that those names lead to: where /lib is a
# link to /usr/lib the image gets the same link.
libraries "$program" opened | sort -u | while read -r library; do
  folder=$(dirname "$library")
  install -D -m 0755 "$(realpath "$library")" "$root$(realpath "$folder")/$(basename "$library")"
  top=/$(cut -d/ -f2 <<<"$folder")
  [ ! -L "$top" ] || ln -sfn "$(readlink "$top")" "$root$top"
done
mkdir -p "$root/usr/share/vedette" "$root/etc/ssl/certs"
cp -r content "$root/usr/share/vedette/"
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  install -m 0644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
