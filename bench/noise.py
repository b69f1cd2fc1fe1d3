#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the gate says of well-kept repositories: every blocking finding, to be examined by hand.

  bench/noise.py FOLDER... [--vedette PROGRAM] [--db DATABASE] [--policy FILE] [--rule PATTERN] [--verdict VERDICT]
                 [--save FILE] [--compare FILE] [--counts]

Each FOLDER is a repository with its history, or holds such. `vedette ci --all` judges the whole of it. Of each finding with the
verdict (block) it prints repository, rule, place and the masked value, never the value; then the counts by repository
and by rule. --save keeps the list as JSON, --compare tells what is new and what is gone against such a list.
"""
import argparse
import collections
import fnmatch
import json
import os
import subprocess
import sys
import tempfile


def repositories(folders):
    for folder in folders:
        if os.path.isdir(os.path.join(folder, ".git")):
            yield folder
            continue
        for name in sorted(os.listdir(folder)):
            if os.path.isdir(os.path.join(folder, name, ".git")):
                yield os.path.join(folder, name)


def judge(options, folder):
    """The judgements of one repository as `vedette ci` tells them."""
    command = [options.vedette, "ci", "--all", "-q", "--no-cache", "-f", "json"]
    if options.db:
        command += ["--db", options.db]
    if options.policy:
        command += ["--policy", options.policy]
    with tempfile.TemporaryFile() as output:
        run = subprocess.run(command + [folder], stdout=output, check=False)
        if run.returncode not in (0, 1, 3):
            sys.exit(f"{folder}: {options.vedette} ended with {run.returncode}")
        output.seek(0)
        return json.load(output), run.returncode


def short(judgement, repository):
    finding = judgement["finding"]
    place = finding["place"]
    vulnerability = finding.get("vulnerability", {})
    return {
        "repository": repository,
        "rule": finding["rule"]["id"],
        "path": place["path"],
        "line": place.get("line", 0),
        "commit": place.get("commit", {}).get("id", "")[:12],
        "identity": finding["identity"],
        "what": finding.get("redacted") or vulnerability.get("package", ""),
        "clause": judgement["reasons"][-1]["clause"] if judgement.get("reasons") else "",
        "probability": finding.get("probability"),
        "verdict": judgement["verdict"],
    }


def revision(folder):
    return subprocess.run(["git", "-C", folder, "rev-parse", "--short=12", "HEAD"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def print_finding(one):
    commit = f"@{one['commit']}" if one["commit"] else ""
    print(f"{one['repository']:20} {one['rule']:28} {one['path']}:{one['line']}{commit}  {one['what']}  [{one['clause']}]")


def print_counts(title, counter):
    print(f"\n{title}")
    for name, count in counter.most_common():
        print(f"  {count:6}  {name}")


def compare(found, file):
    with open(file, encoding="utf-8") as kept:
        before = {(one["repository"], one["identity"], one["path"], one["line"]): one for one in json.load(kept)}
    now = {(one["repository"], one["identity"], one["path"], one["line"]): one for one in found}
    for title, keys in (("new", now.keys() - before.keys()), ("gone", before.keys() - now.keys())):
        print(f"\n{title}: {len(keys)}")
        for key in sorted(keys):
            print_finding(now.get(key) or before[key])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--vedette", default="build/release/bin/vedette")
    parser.add_argument("--db")
    parser.add_argument("--policy")
    parser.add_argument("--rule", default="*")
    parser.add_argument("--verdict", default="block")
    parser.add_argument("--save")
    parser.add_argument("--compare")
    parser.add_argument("--counts", action="store_true", help="no list")
    options = parser.parse_args()
    options.vedette = os.path.abspath(options.vedette)
    found, verdicts = [], collections.defaultdict(collections.Counter)
    for folder in repositories(options.folders):
        name = os.path.basename(os.path.normpath(folder))
        report, code = judge(options, folder)
        kept = [short(one, name) for one in report["judgements"]]
        verdicts[name].update(one["verdict"] for one in kept)
        found += [one for one in kept if one["verdict"] == options.verdict and fnmatch.fnmatch(one["rule"], options.rule)]
        print(f"{name} {revision(folder)}: {dict(sorted(verdicts[name].items()))}{', incomplete' if code == 3 else ''}", flush=True)
    if not options.counts:
        print()
        for one in found:
            print_finding(one)
    print_counts(f"{options.verdict} by repository", collections.Counter(one["repository"] for one in found))
    print_counts(f"{options.verdict} by rule", collections.Counter(one["rule"] for one in found))
    if options.save:
        with open(options.save, "w", encoding="utf-8") as kept:
            json.dump(found, kept, indent=1)
    if options.compare:
        compare(found, options.compare)


main()
