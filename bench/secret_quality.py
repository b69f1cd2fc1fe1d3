#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Precision and recall of `vedette scan secrets` on lines that people labelled.

  bench/secret_quality.py FOLDER [--split tune|held] [--vedette PROGRAM] [--wrong] [--rules] [--unlabelled FILE]

FOLDER (or VEDETTE_LABELS in the environment) holds `labels.tsv`, with the columns split, repository, path,
line, label ("secret" or "not") and why, under a line of heads, and `trees/REPOSITORY/PATH`. Only files that have
labels are scanned. A finding counts when its line has a label; a line counts once. --unlabelled writes where the
others are, so that they can be labelled too; --wrong lists what was found or left out wrongly. Neither shows a value.
"""
import argparse
import collections
import csv
import json
import os
import subprocess
import sys

BATCH = 400  # files a run, below what a command line may hold


def read_labels(folder, split):
    with open(os.path.join(folder, "labels.tsv"), encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {
            (f"{row['repository']}/{row['path']}", int(row["line"])): row["label"] == "secret"
            for row in rows
            if split in (None, row["split"])
        }


def scan(program, folder, paths, flags):
    """The first finding of each line: (path, line) to (rule, probability)."""
    found = {}
    for begin in range(0, len(paths), BATCH):
        command = [program, "scan", "secrets", "--no-cache", "-q", "-f", "ndjson", "--threads", "1", *flags, *paths[begin : begin + BATCH]]
        run = subprocess.run(command, cwd=os.path.join(folder, "trees"), stdout=subprocess.PIPE, check=False)
        if run.returncode not in (0, 1, 3):
            sys.exit(f"{program} ended with {run.returncode}")
        for line in run.stdout.splitlines():
            finding = json.loads(line)
            for place in [finding["place"], *finding.get("also_at", [])]:
                key = (place["path"], place.get("line", 1))
                found.setdefault(key, (finding["rule"]["id"], finding["probability"]))
    return found


def ratio(part, whole):
    return part / whole if whole else float("nan")


def measure(labels, found):
    hits = collections.Counter(label for key, label in labels.items() if key in found)
    secrets = sum(labels.values())
    return ratio(hits[True], hits[True] + hits[False]), ratio(hits[True], secrets), hits


def print_rules(labels, found):
    by_rule = collections.defaultdict(collections.Counter)
    for key, label in labels.items():
        if key in found:
            by_rule[found[key][0]][label] += 1
    for rule, counts in sorted(by_rule.items(), key=lambda pair: -sum(pair[1].values())):
        total = sum(counts.values())
        print(f"  {rule:34} {total:4} lines, precision {ratio(counts[True], total):.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("VEDETTE_LABELS"))
    parser.add_argument("--split")
    parser.add_argument("--vedette", default="build/release/bin/vedette")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--rules", action="store_true")
    parser.add_argument("--unlabelled")
    options = parser.parse_args()
    if not options.folder:
        parser.error("expected FOLDER or VEDETTE_LABELS, found neither")
    program = os.path.abspath(options.vedette)
    for split in [options.split] if options.split else ["tune", "held"]:
        labels = read_labels(options.folder, split)
        paths = sorted({path for path, _ in labels})
        print(f"{split}: {len(labels)} lines of {len({p.split('/')[0] for p in paths})} repositories, "
              f"{sum(labels.values())} secret")
        for name, flags in (("default", []), ("thorough", ["--thorough"])):
            found = scan(program, options.folder, paths, flags)
            precision, recall, hits = measure(labels, found)
            print(f"{name:9} precision {precision:.3f} recall {recall:.3f} "
                  f"({hits[True]} right, {hits[False]} wrong, {len(found.keys() - labels.keys())} without a label)")
            if options.rules:
                print_rules(labels, found)
            if options.wrong:
                for key, label in sorted(labels.items()):
                    if label != (key in found):
                        print(f"  {'missed' if label else 'noise '} {key[0]}:{key[1]} {found.get(key, ('', ''))}")
        if options.unlabelled:
            with open(options.unlabelled, "a", encoding="utf-8") as file:
                for key in sorted(found.keys() - labels.keys()):
                    print(split, *key, *found[key], sep="\t", file=file)


if __name__ == "__main__":
    main()
