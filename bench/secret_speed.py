#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Processor time and memory of secret scanning over a tree, beside other scanners.

  bench/secret_speed.py [--rounds N] [--rules gitleaks.toml] [--peer NAME=COMMAND]... TREE

Reads the tree once to have it in memory, then runs everything in turn, N times (5), each as a process of
its own, and prints medians: megabytes of text for each second of processor time (user and system), wall
time and peak memory. A COMMAND of a peer holds {tree} and {out} where these belong. What is read as text
is counted by Vedette, and the same number is taken for all.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

VEDETTE = os.environ.get("VEDETTE", "build/release/bin/vedette")


def run(command):
    """Processor seconds, wall seconds, peak MB."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rules", help="gitleaks' rules")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("tree")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")

        def vedette(*flags):
            # The cache, where there is one, would measure something else.
            return [VEDETTE, "scan", "secrets", "--no-cache", *flags, "-q", "-f", "json", "-o", out, options.tree]

        subprocess.run(vedette("--threads", "1"), check=False, stdout=subprocess.DEVNULL)
        with open(out, encoding="utf-8") as file:
            summary = json.load(file)["summary"]
        megabytes = summary["bytes"] / 1e6
        print(f"# {options.tree}: {summary['files']} files, {megabytes:.0f} MB of text")

        rows = {}
        if options.rules:
            rows["vedette, gitleaks' rules"] = vedette("--threads", "1", "--rules", options.rules)
            rows["vedette, gitleaks' rules, 2 threads"] = vedette("--threads", "2", "--rules", options.rules)
        rows["vedette, own rules"] = vedette("--threads", "1")
        rows["vedette, own rules, 2 threads"] = vedette("--threads", "2")
        if shutil.which("rg"):
            rows["rg -c WORD"] = ["rg", "-j1", "-c", "WORD", options.tree]
        for peer in options.peer:
            name, command = peer.split("=", 1)
            rows[name] = [part.format(tree=options.tree, out=out) for part in command.split()]
        figures = {name: [] for name in rows}
        for _ in range(options.rounds):
            for name, command in rows.items():
                figures[name].append(run(command))
        print("what\tMB/CPU s\tCPU s\twall s\tpeak MB")
        for name, runs in figures.items():
            processor, wall, peak = (statistics.median(column) for column in zip(*runs))
            print(f"{name}\t{megabytes / processor:.1f}\t{processor:.2f}\t{wall:.2f}\t{peak:.0f}")


if __name__ == "__main__":
    main()
