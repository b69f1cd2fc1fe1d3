#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the distribution packages that Vedette is built, tested and linted with. Debian 12 and
# 13, Ubuntu 24.04. Needs root or sudo only when something is missing; asks nothing; may be run again.
set -euo pipefail

build_packages=(
  g++ cmake ninja-build pkg-config git ca-certificates python3 ccache mold
  libsimdjson-dev libre2-dev libyaml-dev libarchive-dev libexpat1-dev libxxhash-dev libfmt-dev
  libcli11-dev libgtest-dev libbenchmark-dev zlib1g-dev libdeflate-dev liblzma-dev libsqlite3-dev libzstd-dev zstd libbpf-dev libelf-dev
  libssl-dev libcurl4-openssl-dev librdkafka-dev libseccomp-dev libtomlplusplus-dev
)
# What watches containers is tested and shown in one; all else works without, so nobody is asked to
# become root for it. A runc from elsewhere stays: its package and ours would displace each other.
if [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; then
  command -v runc >/dev/null || build_packages+=(runc)
  command -v busybox >/dev/null || build_packages+=(busybox-static)
  build_packages+=(python3-yaml umoci docker-registry)
fi
# What only the tests of the templates for CI systems use; they skip without.
[ -z "${CI:-}" ] || build_packages+=(groovy pre-commit shellcheck)
# Linting and fuzzing take clang 19 where the distribution has it, else its newest.
clang_versions=(19 20 21 18)

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }
# apt-cache show succeeds for names that other packages only refer to: ask for a version.
# Its output is taken whole: grep -q would close the pipe early, which pipefail takes for a failure.
available() { [[ $(apt-cache policy "$1" 2>/dev/null) == *'Candidate: '[!\(]* ]]; }
clang_packages() { echo "clang-$1 clang-format-$1 clang-tidy-$1 libclang-rt-$1-dev"; }

missing() {
  local package
  for package in "$@"; do
    installed "$package" || echo "$package"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "deps: expected root or sudo to install packages, found neither." >&2
    echo "deps: run as root: apt-get install ${wanted[*]}" >&2
    exit 2
  fi
}

if ! command -v apt-get >/dev/null; then
  echo "deps: expected a system with apt-get (Debian 12 or 13, Ubuntu 24.04), found none." >&2
  echo "deps: install the equivalents of: ${build_packages[*]}" >&2
  exit 2
fi

# shellcheck disable=SC2046  # the lists are words on purpose
mapfile -t wanted < <(missing "${build_packages[@]}" $(clang_packages 19))
if [ "${#wanted[@]}" -eq 0 ]; then
  echo "deps: all packages are installed"
  exit 0
fi

# A system whose newest clang is another one is complete with that.
mapfile -t wanted_build < <(missing "${build_packages[@]}")
if [ "${#wanted_build[@]}" -eq 0 ]; then
  for version in "${clang_versions[@]:1}"; do
    # shellcheck disable=SC2046
    if [ -z "$(missing $(clang_packages "$version"))" ] && ! available clang-19; then
      echo "deps: all packages are installed (clang $version; this system has no clang 19)"
      exit 0
    fi
  done
fi

echo "deps: refreshing the package lists"
as_root apt-get update -qq

clang=""
for version in "${clang_versions[@]}"; do
  if available "clang-$version" && available "clang-tidy-$version"; then
    clang=$version
    break
  fi
done
case "$clang" in
  19) ;;
  "") echo "deps: no clang here: make lint and make fuzz will say so; building and testing work" ;;
  *) echo "deps: no clang 19 here, taking clang $clang; its layout and warnings may differ" ;;
esac

# shellcheck disable=SC2046
mapfile -t wanted < <(missing "${build_packages[@]}" $([ -z "$clang" ] || clang_packages "$clang"))
if [ "${#wanted[@]}" -eq 0 ]; then
  echo "deps: all packages are installed"
  exit 0
fi
echo "deps: installing ${wanted[*]}"
as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get install -y -qq \
  --no-install-recommends -o Dpkg::Use-Pty=0 "${wanted[@]}" >/tmp/vedette-deps.$$.log 2>&1 || {
  tail -n 30 "/tmp/vedette-deps.$$.log" >&2
  echo "deps: apt-get install failed; its last lines are above" >&2
  rm -f "/tmp/vedette-deps.$$.log"
  exit 1
}
rm -f "/tmp/vedette-deps.$$.log"
echo "deps: done"
