#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All public rules over all recorded Windows events against the pairs that an independent evaluator found.

Every pair (file, record, rule) of oracle/otrf-atomic.tsv must be found. What is found beside them is listed by
rule with the reason: the evaluator does not know Security 4688 as a source of process_creation. Last line:
`oracle passed failed skipped`.
"""
import collections
import glob
import json
import os
import subprocess
import sys

data = os.environ.get("VEDETTE_DATA", "../shared/data")
vedette = os.environ.get("VEDETTE", "build/release/bin/vedette")
cache = os.environ.get("VEDETTE_BENCH_CACHE", os.path.expanduser("~/.cache/vedette/bench"))
events = os.path.join(cache, "otrf", "dev")
archive = os.path.join(data, "events", "otrf-atomic.tar.zst")


def stop(reason):
    print(f"skip: {reason}")
    print("oracle 0 0 1")
    sys.exit(0)


if not os.path.exists(archive):
    stop("no recorded events; set VEDETTE_DATA")
if not os.path.exists(os.path.join(cache, "otrf", ".complete")):
    os.makedirs(os.path.join(cache, "otrf"), exist_ok=True)
    subprocess.run(["tar", "--zstd", "-xf", archive, "-C", os.path.join(cache, "otrf")], check=True)
    open(os.path.join(cache, "otrf", ".complete"), "w").close()

command = [vedette, "detect", "--format", "tsv", events]
for folder in sorted(glob.glob(os.path.join(data, "sigma", "rules*"))):
    command += ["--rules", folder]
found = set()
done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
if done.returncode not in (0, 3):
    print(f"differs: vedette detect ended with {done.returncode}")
    print("oracle 0 1 0")
    sys.exit(1)
for line in done.stdout.splitlines():
    path, record, rule = line.split("\t")
    found.add((os.path.basename(path), int(record), rule))
with open(os.path.join(data, "oracle", "otrf-atomic.tsv"), encoding="utf-8") as file:
    wanted = {(a, int(b), c) for a, b, c in (line.rstrip("\n").split("\t") for line in file)}

missing = wanted - found
for pair in sorted(missing)[:20]:
    print("differs: not found:", *pair)

# Why a pair is found that the oracle has not: the event's channel and id say.
extra = collections.defaultdict(list)
for file, record, rule in sorted(found - wanted):
    extra[file].append((record, rule))
reasons = collections.Counter()
unexplained = 0
for file, pairs in extra.items():
    by_record = collections.defaultdict(list)
    for record, rule in pairs:
        by_record[record].append(rule)
    with open(os.path.join(events, file), "rb") as lines:
        for number, line in enumerate(lines, 1):
            for rule in by_record.get(number, ()):
                event = json.loads(line)
                # NXLog's names, else those of Winlogbeat 6.
                channel = str(event.get("Channel") or event.get("log_name") or "").lower()
                if channel == "security" and (event.get("EventID") or event.get("event_id")) == 4688:
                    reasons[(rule, "Security 4688 as process_creation")] += 1
                else:
                    unexplained += 1
                    reasons[(rule, f"unexplained: {channel} {event.get('EventID')}")] += 1
for (rule, reason), count in sorted(reasons.items(), key=lambda pair: -pair[1]):
    print(f"beside the oracle: {count} {rule} {reason}")
    if reason.startswith("unexplained"):
        print(f"differs: {count} {rule} {reason}")
print(f"beside the oracle: {sum(reasons.values())} pairs in all, {unexplained} unexplained")
print(f"oracle {len(wanted & found)} {len(missing) + unexplained} 0")
sys.exit(1 if missing or unexplained else 0)
