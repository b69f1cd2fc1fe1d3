#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the whole pipeline costs: `vedette ci` over a real repository with its history and an image.

    bench/pipeline.py VEDETTE FOLDER REPOSITORY ADVISORIES...

FOLDER keeps what is made once (root, mmdebstrap, pip, npm): an image of a Debian system with Python and Node of about
1 GB, the clone of REPOSITORY (any git address) and the database of ADVISORIES (what `vedette db build` takes). Then,
least of RUNS runs each, the seconds by the clock and of the processor: without any result known; with everything
known; with one file changed and committed; and the stages of each.
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import time

import image_layout
import image_make

RUNS = 3
DEBIAN = """python3-pip python3-django python3-pandas python3-requests python3-cryptography nodejs npm
 default-jre-headless nginx redis-server postgresql curl openssl git perl imagemagick""".split()


def make_image(folder):
    path = os.path.join(folder, "saved.tar")
    if os.path.exists(path):
        return path
    os.makedirs(folder, exist_ok=True)
    first = os.path.join(folder, "layer0.tar")
    if not os.path.exists(first):
        image_make.DEBIAN[:] = DEBIAN
        image_make.debian(first + ".part.tar", "/etc/apt/sources.list.d/debian.sources")
        os.rename(first + ".part.tar", first)
    layers = [first, *(image_make.layer(folder, i + 1, make) for i, make in enumerate((image_make.python, image_make.node)))]
    image_layout.write_saved(path + ".part", layers)
    os.rename(path + ".part", path)
    return path


def run(program, folder, cache, *more):
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([program, "ci", "--all", "--quiet", "--cache-dir", cache, "-f", "json", "--output", "../verdict.json",
                           "--stages", "../stages.json", *more], cwd=folder, check=False)
    seconds = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"vedette ci ended with {done.returncode}")
    with open(os.path.join(folder, "..", "stages.json"), encoding="utf-8") as file:
        stages = json.load(file)["stages"]
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, stages


def show(title, runs):
    seconds, processor, stages = min(runs, key=lambda one: one[0])
    print(f"{title}: {seconds:.2f} s, {processor:.2f} s of processor")
    for stage in stages:
        print(f"    {stage['name']:<9} {stage['status']:<11} {stage['seconds']:7.2f} s {stage['work_seconds']:7.2f} s of work "
              f"{stage['files']:>8} files {stage['bytes'] / 1e6:9.1f} MB {stage['cached']:>8} known {stage['findings']:>6} findings",
              flush=True)


def main(program, folder, repository, *advisories):
    program = os.path.abspath(program)
    image = os.path.abspath(make_image(os.path.join(folder, "image")))
    clone = os.path.join(folder, "repository")
    shutil.rmtree(clone, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", repository, clone], check=True)
    database = os.path.abspath(os.path.join(folder, "vulnerabilities.db"))
    if not os.path.exists(database):
        subprocess.run([program, "db", "build", "-o", database, *advisories], check=True)
    files = subprocess.run(["git", "ls-files"], cwd=clone, check=True, capture_output=True).stdout.count(b"\n")
    commits = subprocess.run(["git", "rev-list", "--count", "HEAD"], cwd=clone, check=True, capture_output=True).stdout.decode().strip()
    print(f"{files} files, {commits} commits, an image of {os.path.getsize(image) / 1e6:.0f} MB")
    cache = os.path.abspath(os.path.join(folder, "cache"))
    wanted = ["--image", image, "--db", database]
    cold = []
    for _ in range(RUNS):
        shutil.rmtree(cache, ignore_errors=True)
        cold.append(run(program, clone, cache, *wanted))
    show("nothing known", cold)
    show("nothing changed", [run(program, clone, cache, *wanted) for _ in range(RUNS)])
    changed = []
    for number in range(RUNS):
        with open(os.path.join(clone, "vedette_changed.py"), "a", encoding="utf-8") as file:
            file.write(f"value = {number}\n")
        subprocess.run(["git", "add", "."], cwd=clone, check=True)
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "one file"],
                       cwd=clone, check=True)
        changed.append(run(program, clone, cache, *wanted))
    show("one file changed", changed)


if __name__ == "__main__":
    main(*sys.argv[1:])
