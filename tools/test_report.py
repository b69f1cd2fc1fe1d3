#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sums up ctest's JUnit files: what was skipped and why, then `N passed, N failed, N skipped`.

A GoogleTest program counts by its test cases, any other test as one. A program that printed no
GoogleTest summary although it began one (a crash) counts as one failure.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

RAN = re.compile(r"^\[==========\] (\d+) tests? from .* ran\.", re.M)
PASSED = re.compile(r"^\[  PASSED  \] (\d+) test", re.M)
FAILED = re.compile(r"^\[  FAILED  \] (\d+) test", re.M)
# path:line: Skipped, the message, then the line that names the case.
SKIPPED = re.compile(r": Skipped\n(.*?)\n*^\[  SKIPPED \] (\S+)", re.M | re.S)
BARE_SKIPPED = re.compile(r"^\[  SKIPPED \] (\S+) \(\d+ ms\)$", re.M)


def tally(case):
    """passed, failed and the list of (name, reason) of one ctest test."""
    name, status = case.get("name"), case.get("status")
    text = case.findtext("system-out") or ""
    if status == "disabled" or case.find("skipped") is not None:
        reason = case.find("skipped")
        said = reason.get("message") if reason is not None else None
        line = next((line for line in text.splitlines() if line.startswith("skip: ")), "")
        return 0, 0, [(name, line[len("skip: "):] or said or "disabled")]
    if not RAN.search(text):
        return (1, 0, []) if status == "run" else (0, 1, [])
    reasons = {full: " ".join(reason.split()) for reason, full in SKIPPED.findall(text)}
    skipped = [(f"{name} {full}", reasons.get(full) or "no reason given") for full in BARE_SKIPPED.findall(text)]
    passed, failed = PASSED.search(text), FAILED.search(text)
    failures = int(failed.group(1)) if failed else 0
    if status != "run" and failures == 0:
        failures = 1
    return int(passed.group(1)) if passed else 0, failures, skipped


def main(paths):
    passed, failed, skipped = 0, 0, []
    for path in paths:
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            good, bad, left_out = tally(case)
            passed, failed = passed + good, failed + bad
            skipped += left_out
            if bad:
                print(f"failed: {case.get('name')} ({path})")
    reasons = {}
    for name, reason in skipped:
        reasons.setdefault(reason, []).append(name)
    for reason, names in sorted(reasons.items()):
        print(f"skipped: {len(names)}: {reason}")
        for name in names[:5]:
            print(f"  {name}")
        if len(names) > 5:
            print(f"  and {len(names) - 5} more")
    print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
