#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Watching for long under load, all Falco rules loaded: memory, descriptors and the count of events, each
minute; fails when they grow or an event is unaccounted for. Needs root and VEDETTE_DATA.

    bench/soak.py [minutes, default 30] [events a second, default 20000]
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import sustained
from sustained import live

GROWTH_KILOBYTES_MAX = 5 * 1024
WARM_UP_MINUTES = 1


def minute(folder, watcher, pace, number):
    """Opens and programs for a minute; how many events the generator made."""
    end = time.monotonic() + 60
    made = 0
    while time.monotonic() < end:
        made += sustained.generate(folder, "open", pace, pace)[0]
        subprocess.run(["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done"], check=True)
    print(f"{number}\t{watcher.resident_kilobytes()}\t{watcher.descriptors()}\t{made:,}\t"
          f"{watcher.processor_seconds():.1f}\t{os.getloadavg()[0]:.1f}", flush=True)
    return made


def main():
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    pace = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    if os.geteuid() != 0 or not sustained.FALCO.is_dir():
        sys.exit("skipped: not root, or no Falco rules below VEDETTE_DATA")
    with tempfile.TemporaryDirectory(prefix="vedette-soak-") as name:
        folder = pathlib.Path(name)
        sustained.build_generator(folder)
        try:
            watcher = live.Watcher(folder, [sustained.FALCO, folder / "asks.yaml"])
        except live.CannotWatch as reason:
            sys.exit(f"skipped: {reason}")
        print("minute\tresident, KiB\tdescriptors\tmade\tprocessor, s\tload average")
        made, resident, descriptors = 0, [], []
        try:
            for number in range(1, minutes + 1):
                made += minute(folder, watcher, pace, number)
                resident.append(watcher.resident_kilobytes())
                descriptors.append(watcher.descriptors())
            statistics = watcher.stop()
        finally:
            watcher.kill()
        lost = statistics.get("lost", 0)
        print(f"made {made:,}; of all: arrived {statistics['events']:,}, lost {lost:,}, not understood "
              f"{statistics['skipped']:,}")
        base = min(WARM_UP_MINUTES, minutes) - 1
        problems = []
        if resident[-1] - resident[base] > GROWTH_KILOBYTES_MAX:
            problems.append(f"memory grew by {resident[-1] - resident[base]} KiB")
        if descriptors[-1] > descriptors[base]:
            problems.append(f"descriptors grew from {descriptors[base]} to {descriptors[-1]}")
        if statistics["events"] + lost < made:
            problems.append(f"{made - statistics['events'] - lost} events are unaccounted for")
        if statistics["skipped"] != 0:
            problems.append("some records were not understood")
    sys.exit("; ".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
