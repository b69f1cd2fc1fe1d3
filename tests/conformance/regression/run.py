#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Conformance suite: SigmaHQ's regression_data, EVTX and JSON alike, with exact counts.

`vedette rules test` lets a sample have more alerts than its match_count says; here every such sample
must be one of counts.tsv, with the number written there.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NOTE = re.compile(r": note: rule (\S+),.* expected (\d+) alerts, found (.*?)(;|$)")


def corrected_counts():
    counts = {}
    with open(os.path.join(HERE, "counts.tsv"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                rule, count, reason = line.rstrip("\n").split("\t")
                counts[rule] = (int(count), reason)
    return counts


def main():
    data = os.path.join(os.environ.get("VEDETTE_DATA", ""), "sigma")
    if not os.path.isdir(os.path.join(data, "regression_data")):
        print("skip: SigmaHQ's rules with regression_data are not at $VEDETTE_DATA/sigma")
        print("regression 0 0 1")
        return 0
    done = subprocess.run([os.environ["VEDETTE"], "rules", "test", "--rules", data],
                          stdout=subprocess.PIPE, check=False)
    text = done.stdout.decode()
    total = re.search(r"^(\d+) passed, (\d+) failed$", text, re.M)
    skipped = re.search(r"^(\d+) skipped$", text, re.M)
    if not total:
        print(text)
        return 1
    passed, failed = int(total.group(1)), int(total.group(2))
    counts = corrected_counts()
    for line in text.splitlines():
        if ": failed: " in line:
            print(line)
        note = NOTE.search(line)
        if note:
            rule, found = note.group(1), set(re.findall(r"(\d+) in ", note.group(3)))
            wanted, reason = counts.pop(rule, (None, ""))
            if found == {str(wanted)}:
                print(f"differs: {rule}: match_count {note.group(2)}, found {wanted}: {reason}")
            else:
                print(line)
                passed, failed = passed - 1, failed + 1
        elif ": note: " in line and skipped:
            print("skip: " + line.split("regression_data/")[-1].replace(": note: ", ": "))
    print(f"regression {passed} {failed} {skipped.group(1) if skipped else 0}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
