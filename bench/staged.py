#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One small staged file in a repository of 5,000: the time of a hook, each run a process of its own.

  bench/staged.py VEDETTE [RUNS]

Prints the median and the best of RUNS (20) in milliseconds, wall and CPU, with a clean file and with one that has
candidates, beside `git diff --cached --quiet` in turn, which tells how busy the machine is.
"""
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

FILES = 5000
LINES = [f"int value_{i} = compute({i}, \"name {i}\");" for i in range(60)]
# Not in one piece, so that no scanner takes this file for a leak.
KEYS = ["github = \"ghp_" + "16C7e42F292c6912E7710c838347" + "Ae178B4a\"",
        "db_password = \"Kx9#mQ2v" + "Lp7z\"",
        "url = \"postgres://app:Wt4n" + "B8cRf1y@db.internal/app\""]


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "gc.auto=0",
                    *arguments], check=True, stdout=subprocess.DEVNULL)


def fill(folder):
    git(folder, "init", "-q", ".")
    for i in range(FILES):
        path = pathlib.Path(folder, f"source/part{i % 50}/file{i}.cc")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([f"// file {i}", *LINES, ""]), encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "begin")


def run(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall * 1000, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def tell(name, times):
    walls, processor = zip(*times)
    print(f"{name:22} wall {statistics.median(walls):6.1f} ms, best {min(walls):6.1f}; "
          f"CPU {statistics.median(processor):6.1f} ms, best {min(processor):6.1f}")


def main():
    vedette = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with tempfile.TemporaryDirectory() as folder:
        fill(folder)
        changed = pathlib.Path(folder, "source/part7/file7.cc")
        text = changed.read_text(encoding="utf-8")
        for name, more in (("clean", ["int last = 1;"]), ("with candidates", KEYS)):
            changed.write_text(text + "\n".join([*more, ""]), encoding="utf-8")
            git(folder, "add", "-A")
            times = {"git diff --cached": [], "vedette --staged": []}
            for _ in range(runs + 1):  # the first is warm-up
                times["git diff --cached"].append(run(["git", "-C", folder, "diff", "--cached", "--quiet"]))
                times["vedette --staged"].append(
                    run([vedette, "scan", "secrets", "--staged", "-f", "ndjson", folder]))
            print(name)
            for command, measured in times.items():
                tell("  " + command, measured[1:])


main()
