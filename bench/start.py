#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a start costs: wall and processor time of short commands, each a process of its own, and their instructions.

  VEDETTE=build/release/bin/vedette bench/start.py [--rounds N] [--beside OTHER]

Prints least and median of N runs (200), and the instructions that callgrind counts where valgrind is installed: these do
not depend on what else the machine does. --beside measures another build in turn with this one.
"""
import argparse
import os
import pathlib
import pickle
import re
import shutil
import statistics
import subprocess
import tempfile
import time

VEDETTE = os.environ.get("VEDETTE", "build/release/bin/vedette")


def run(command, null):
    """Milliseconds of wall and processor time."""
    actions = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    begin = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - begin
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"expected exit code 0 of {' '.join(command)}, found {os.waitstatus_to_exitcode(status)}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def instructions(command):
    if shutil.which("valgrind") is None:
        return "valgrind is not installed"
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], check=True,
                          capture_output=True, text=True)
    count = int(re.findall(r"Collected : (\d+)", done.stderr)[-1])
    return f"{count / 1e6:.2f} million instructions"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--beside", help="another vedette")
    options = parser.parse_args()
    programs = [os.path.abspath(one) for one in (VEDETTE, options.beside) if one]
    with tempfile.TemporaryDirectory() as name, open(os.devnull, "r+b") as null:
        folder = pathlib.Path(name)
        os.environ["XDG_CACHE_HOME"] = name
        small = folder / "small.pkl"
        small.write_bytes(pickle.dumps({"weights": [1.5] * 20}))
        for words in (["--version"], ["scan", "model", "-f", "ndjson", str(small)]):
            runs = {program: [] for program in programs}
            for _ in range(options.rounds):
                for program, times in runs.items():
                    times.append(run([program, *words], null.fileno()))
            for program, times in runs.items():
                wall, spent = ([one[i] for one in times] for i in (0, 1))
                print(f"{program} {' '.join(words[:2])}: wall {min(wall):.2f} least, {statistics.median(wall):.2f} ms "
                      f"median; processor {min(spent):.2f} least, {statistics.median(spent):.2f} ms median; "
                      f"{instructions([program, *words])}", flush=True)


if __name__ == "__main__":
    main()
