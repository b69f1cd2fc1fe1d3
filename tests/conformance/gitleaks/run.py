#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the naive scanner of secrets with gitleaks itself, finding by finding.

  VEDETTE_GITLEAKS=CHECKOUT run.py DRIVER [PACK FOLDER...]

CHECKOUT is gitleaks' sources with the program `gitleaks` built in it. Without folders its own test
data are compared by its own configurations. Which files it takes for binary or for an archive comes
from its own log: the walk is not what is compared. A difference is a line; the last line counts.
"""
import collections
import json
import os
import re
import resource
import subprocess
import sys
import tempfile

SKIPPED = re.compile(rb"skipping (?:binary file|archive: exceeds|unknown archive)")


def cpu_seconds():
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def gitleaks(checkout, pack, folder):
    """Its findings, the files that it did not look into, and its seconds of CPU."""
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "report.json")
        command = [os.path.join(checkout, "gitleaks"), "dir", "--no-banner", "--no-color", "--exit-code", "0",
                   "--config", pack, "--report-format", "json", "--report-path", report]
        before = cpu_seconds()
        subprocess.run(command + [folder], check=True, stderr=subprocess.DEVNULL)
        seconds = cpu_seconds() - before
        log = subprocess.run(command + ["--log-level", "trace", folder], check=True, stderr=subprocess.PIPE).stderr
        with open(report, encoding="utf-8", errors="replace") as file:
            found = json.load(file)
    skipped = set()
    for line in log.splitlines():
        if SKIPPED.search(line):
            path = re.search(rb' path=("(?:[^"\\]|\\.)*"|\S+)', line)
            if path:
                skipped.add(path.group(1).strip(b'"').decode(errors="surrogateescape"))
    return found, skipped, seconds


def files_below(folder, skipped):
    if os.path.isfile(folder):
        return [folder]
    names = []
    for where, _, entries in os.walk(folder):
        for entry in entries:
            path = os.path.join(where, entry)
            if os.path.isfile(path) and not os.path.islink(path) and path not in skipped and "\n" not in path:
                names.append(path)
    return sorted(names)


def text_of(code):
    # JSON has a replacement character for each byte that is not UTF-8.
    return bytes.fromhex(code).decode(errors="replace")


def ours(driver, pack, paths):
    with tempfile.NamedTemporaryFile("w", suffix=".txt", errors="surrogateescape") as listing:
        listing.write("".join(path + "\n" for path in paths))
        listing.flush()
        out = subprocess.run([driver, pack, listing.name], check=True, stdout=subprocess.PIPE).stdout
    for line in out.decode(errors="surrogateescape").split("\n")[:-1]:
        path, rule, *numbers, match, secret = line.split("\t")
        yield (path, rule, *map(int, numbers), text_of(match), text_of(secret))


def key(finding):
    return (finding["File"], finding["RuleID"], finding["StartLine"], finding["EndLine"], finding["StartColumn"],
            finding["EndColumn"], finding["Match"], finding["Secret"])


def compare(checkout, driver, pack, folder):
    found, skipped, seconds = gitleaks(checkout, pack, folder)
    paths = files_below(folder, skipped)
    # The pack itself is never scanned.
    paths = [path for path in paths if path != pack]
    theirs = collections.Counter(map(key, found))
    mine = collections.Counter(ours(driver, pack, paths))
    for sign, rest in (("-", theirs - mine), ("+", mine - theirs)):
        for finding in sorted(rest.elements()):
            path, rule, *numbers, _, _ = finding
            print(f"{sign} {path}:{numbers[0]}:{numbers[2]}-{numbers[1]}:{numbers[3]} {rule}")
    size = sum(os.path.getsize(path) for path in paths)
    print(f"# {folder} with {os.path.basename(pack)}: {len(paths)} files, {size} bytes, "
          f"{sum(theirs.values())} findings of gitleaks in {seconds:.2f} s, {sum((theirs & mine).values())} the same")
    return theirs == mine


def main():
    checkout = os.environ.get("VEDETTE_GITLEAKS")
    if not checkout or not os.path.exists(os.path.join(checkout, "gitleaks")) or len(sys.argv) < 2:
        print("skip: VEDETTE_GITLEAKS names no checkout with its program")
        print("gitleaks 0 0 1")
        return 0
    driver = os.path.abspath(sys.argv[1])
    if len(sys.argv) > 3:
        pairs = [(sys.argv[2], folder) for folder in sys.argv[3:]]
    else:
        data = os.path.join(checkout, "testdata")
        packs = [os.path.join(data, "config", name) for name in sorted(os.listdir(os.path.join(data, "config")))
                 if name.endswith(".toml")] + [os.path.join(checkout, "config", "gitleaks.toml")]
        folders = [os.path.join(data, "repos"), os.path.join(data, "expected"), os.path.join(data, "archives"),
                   os.path.join(checkout, "detect"), os.path.join(checkout, "cmd")]
        pairs = [(pack, folder) for pack in packs for folder in folders]
    results = [compare(checkout, driver, pack, folder) for pack, folder in pairs]
    print(f"gitleaks {results.count(True)} {results.count(False)} 0")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
