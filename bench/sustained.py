#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many events a second pass through decoding and matching, all Falco rules loaded, and whether what
was made is what arrived and what was counted as lost. Needs root and VEDETTE_DATA (else ../shared/data).

    bench/sustained.py [seconds]
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "tests" / "e2e"))
import live  # noqa: E402

DATA = pathlib.Path(os.environ.get("VEDETTE_DATA", PROJECT.parent / "shared" / "data"))
FALCO = DATA / "falco" / "rules"
SYMLINK = 88  # its number; hardly anybody else calls it, so that sums close to the last event
PACES = (100_000, 200_000, 300_000, 400_000, 500_000, 0)  # events a second of both threads; 0: unpaced
GENERATOR = r"""
// generate KIND PATH EVENTS EVENTS_A_SECOND: two threads make so many system calls.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
static const char* kind;
static const char* path;
static long events, pace;
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
static void* generate(void* unused) {
  const double start = now();
  for (long i = 0; i < events; ++i) {
    if (strcmp(kind, "open") == 0) {
      close(open(path, O_RDONLY));
    } else if (symlink("/planted", path) == 0) {
      abort();  // it exists
    }
    if (pace != 0 && i % 64 == 0) {
      const double ahead = (double)i / (double)pace - (now() - start);
      if (ahead > 0.001) usleep((unsigned)(ahead * 1e6));
    }
  }
  return unused;
}
int main(int count, char** arguments) {
  if (count != 5) return 2;
  kind = arguments[1];
  path = arguments[2];
  events = atol(arguments[3]) / 2;
  pace = atol(arguments[4]) / 2;
  pthread_t other;
  const double start = now();
  pthread_create(&other, NULL, generate, NULL);
  generate(NULL);
  pthread_join(other, NULL);
  printf("%ld %.3f\n", events * 2, now() - start);
  return 0;
}
"""


def build_generator(folder):
    (folder / "generate.c").write_text(GENERATOR)
    subprocess.run(["cc", "-O2", "-pthread", "-o", folder / "generate", folder / "generate.c"], check=True)
    (folder / "planted").write_text("")
    # Asks for the file of the generator, and never matches: the kernel must send each of its opens.
    (folder / "asks.yaml").write_text(
        "- rule: Asks for the planted file\n  desc: and for a program that is not there\n"
        f"  condition: evt.type in (open, openat) and fd.name = {folder}/planted and proc.cmdline = vedette-nobody\n"
        "  output: never\n  priority: DEBUG\n")


def generate(folder, kind, events, pace):
    with subprocess.Popen([folder / "generate", kind, folder / "planted", str(events), str(pace)],
                          stdout=subprocess.PIPE, text=True) as process:
        made, seconds = process.stdout.read().split()
    return int(made), float(seconds), process.pid


def alone(folder):
    """Decoding and matching without a kernel that makes the events meanwhile."""
    capture = folder / "alone.capture"
    watcher = live.Watcher(folder, [FALCO, folder / "asks.yaml"], "--record", capture, "--record-matching", "--ring-size", "256")
    generate(folder, "open", 500_000, 0)
    events = watcher.stop()["events"]
    command = [live.VEDETTE, "detect", "--rules", FALCO, "--format", "falco", "--threads", "1", capture]
    taken = []
    for _ in range(5):
        before = os.times()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = os.times()
        taken.append(after.children_user - before.children_user + after.children_system - before.children_system)
    capture.unlink()
    print(f"replay of opens, one thread\t{events / min(taken):,.0f} events a second of processor time", flush=True)


def row(folder, kind, pace, seconds):
    """One rate: what was made, what arrived, what was counted as lost."""
    capture = folder / "row.capture"
    recorded = ["--record", capture, "--record-matching"] if kind == "symlink" else []
    watcher = live.Watcher(folder, [FALCO, folder / "asks.yaml"], "--ring-size", "64", *recorded)
    made, taken, pid = generate(folder, kind, int(seconds * (pace or 400_000)), pace)
    used = watcher.processor_seconds()
    statistics = watcher.stop()
    lost = statistics.get("lost", 0)
    text = f"{kind}\t{pace or 'unpaced'}\t{made / taken:,.0f}\t{made:,}\t{statistics['events']:,}\t{lost:,}"
    if recorded:
        arrived, lost_calls = live.delivered_and_lost(capture, SYMLINK, pid)
        capture.unlink()
        text += f"\t{arrived:,} + {lost_calls:,} = {arrived + lost_calls:,}"
        # The losses are of all calls that rules ask for, ours or not.
        closes = arrived + lost_calls == made if lost_calls == 0 else arrived + lost_calls >= made
    else:
        closes = statistics["events"] + lost >= made
    print(f"{text}\t{'closes' if closes else 'OPEN'}\t{used:.1f} s\t{statistics['events'] / used:,.0f}", flush=True)
    return closes


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5
    if os.geteuid() != 0 or not FALCO.is_dir():
        sys.exit("skipped: not root, or no Falco rules below VEDETTE_DATA")
    with tempfile.TemporaryDirectory(prefix="vedette-sustained-") as name:
        folder = pathlib.Path(name)
        build_generator(folder)
        try:
            alone(folder)
        except live.CannotWatch as reason:
            sys.exit(f"skipped: {reason}")
        print(f"load average {os.getloadavg()[0]:.1f} at {time.strftime('%H:%M')}")
        print("call\tasked/s\tmade/s\tmade\tevents of all\tlost of all\tours: arrived + lost\tsum\tprocessor\tevents a processor second")
        closed = [row(folder, kind, pace, seconds) for kind in ("open", "symlink") for pace in PACES]
    sys.exit(0 if all(closed) else 1)


if __name__ == "__main__":
    main()
