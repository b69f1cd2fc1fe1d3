#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scanning an image costs beside reading it, and beside what others need.

    bench/image.py VEDETTE FOLDER [TRIVY [SYFT]]

FOLDER is what bench/image_make.py made. For each of its three images: the bare cost of reading it in one process
(unpack all layers, SHA-256 of the stored bytes), then `vedette scan image`, packages alone and with secrets, with and
without a cache of earlier results; seconds of processor, the least of RUNS runs, and peak memory. With the programs of
others, the same of theirs for the archive, once each. Whether the packages of Debian are those that dpkg has.
"""
import json
import os
import subprocess
import sys
import tarfile
import tempfile

import image_layout

RUNS = 3
STEP = 1 << 18

BARE = """
import hashlib, sys, zlib
for path in sys.argv[2:]:
    digest = hashlib.sha256()
    unpack = zlib.decompressobj(31) if sys.argv[1] == "gzip" else None
    with open(path, "rb") as file:
        while block := file.read(%d):
            digest.update(block)
            while unpack and block:
                unpack.decompress(block, %d)
                block = unpack.unconsumed_tail
""" % (STEP, STEP)


def cost(*commands, runs=RUNS, environment=os.environ):
    """(least seconds of processor, largest peak in MB of a run)"""
    seconds, peak = [], 0
    for _ in range(runs):
        total = 0
        for command in commands:
            child = os.posix_spawnp(command[0], command, environment, file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
            usage = os.wait4(child, 0)[2]
            total += usage.ru_utime + usage.ru_stime
            peak = max(peak, usage.ru_maxrss)
        seconds.append(total)
    return min(seconds), peak / 1024


def measure(vedette, image, out):
    kind, parts = image_layout.stored_layers(image)
    bare = [[sys.executable, "-c", BARE, kind, *parts]]
    if kind == "zstd":
        bare.append(["zstd", "-q", "-d", "-c", "--single-thread", *parts])
    base, _ = cost(*bare)
    scan = [vedette, "scan", "image", "-q", "-o", out, "-f", "json", image]
    print(f"{os.path.basename(image)}: bare {base:.2f} s")
    for name, more in (("packages", ["--only", "packages"]), ("packages, one thread", ["--only", "packages", "--threads", "1"]),
                       ("with secrets", [])):
        seconds, peak = cost([*scan, *more])
        print(f"  {name}: {seconds:.2f} s ({seconds / base:.2f} times bare), {peak:.0f} MB")


def dpkg_of(folder):
    """Names and versions of what is installed, by the first layer's own database."""
    with tarfile.open(os.path.join(folder, "layer0.tar")) as tar:
        text = tar.extractfile("./var/lib/dpkg/status").read().decode()
    paragraphs = [dict(line.split(": ", 1) for line in one.splitlines() if ": " in line and line[0] != " ")
                  for one in text.split("\n\n") if one]
    return {(one["Package"], one["Version"]) for one in paragraphs if one["Status"].endswith(" installed")}


def main(vedette, folder, trivy=None, syft=None):
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as place:
        out = os.path.join(place, "out")
        saved = os.path.join(folder, "saved.tar")
        for name in ("saved.tar", "gzip", "zstd"):
            measure(vedette, os.path.join(folder, name), out)
        alone = {**os.environ, "XDG_CACHE_HOME": place, "TRIVY_CACHE_DIR": place, "SYFT_CHECK_FOR_APP_UPDATE": "false"}
        if trivy:
            print("trivy: %.2f s, %.0f MB" % cost(
                [trivy, "image", "-q", "--input", saved, "--list-all-pkgs", "--scanners", "license", "--skip-db-update",
                 "--skip-java-db-update", "--offline-scan", "-f", "json"], runs=1, environment=alone))
        if syft:
            print("syft: %.2f s, %.0f MB" % cost([syft, "-q", "docker-archive:" + saved, "-o", "json"], runs=1,
                                                 environment=alone))
        subprocess.run([vedette, "scan", "image", "-q", "-o", out, "-f", "json", "--only", "packages", saved], check=False)
        with open(out, encoding="utf-8") as file:
            found = json.load(file)["packages"]["packages"]
        ours = {(p["name"], p["version"]) for p in found if p["ecosystem"] == "deb"}
        theirs = dpkg_of(folder)
        kinds = {kind: sum(p["ecosystem"] == kind for p in found) for kind in sorted({p["ecosystem"] for p in found})}
        print(f"packages {kinds}; of dpkg only we {sorted(ours - theirs)}, only dpkg {sorted(theirs - ours)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
