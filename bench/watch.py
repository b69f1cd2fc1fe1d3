#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What watching costs those who are watched: pairs of runs, without and with `vedette watch` and all
Falco rules, in alternating order; medians of ratios. Then the watcher's own memory, processor time and
time to its first event, and how late alerts are. Needs root and VEDETTE_DATA (else ../shared/data).

    bench/watch.py [pairs]
"""
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[1]
DATA = pathlib.Path(os.environ.get("VEDETTE_DATA", PROJECT.parent / "shared" / "data"))
VEDETTE = str(PROJECT / "build" / "release" / "bin" / "vedette")
LOADS = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char** argv) {
  const long count = argc > 2 ? atol(argv[2]) : 1;
  if (strcmp(argv[1], "open") == 0)
    for (long i = 0; i < count; ++i) close((int)syscall(SYS_openat, AT_FDCWD, argv[3], O_RDONLY));
  if (strcmp(argv[1], "nothing") == 0)
    for (long i = 0; i < count; ++i) syscall(SYS_getppid);
  if (strcmp(argv[1], "exec") == 0)
    for (long i = 0; i < count; ++i) {
      const pid_t child = vfork();
      if (child == 0) { execl("/bin/true", "true", (char*)0); _exit(1); }
      int status; waitpid(child, &status, 0);
    }
  return 0;
}
"""


def watch(folder, *flags):
    alerts = (folder / "alerts").open("w")
    rules = ["--rules", str(DATA / "falco" / "rules"), "--rules", str(folder / "mark.yaml")]
    return subprocess.Popen([VEDETTE, "watch", *rules, "--format", "falco", *flags], stdout=alerts,
                            stderr=subprocess.DEVNULL)


def mark(folder):
    subprocess.run([folder / "vedette_mark"], check=False)


def ready(folder, process):
    start = time.monotonic()
    while not (folder / "alerts").read_text():
        mark(folder)
        time.sleep(0.005)
        if process.poll() is not None or time.monotonic() - start > 30:
            sys.exit("skipped: vedette watch did not start")


def stop(process):
    process.send_signal(signal.SIGINT)
    process.wait()


def timed(command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def pairs_of(name, asked, command, folder, pairs):
    ratios = []
    for pair in range(pairs):
        taken = {}
        for on in ((False, True), (True, False))[pair % 2]:
            process = watch(folder) if on else None
            if on:
                ready(folder, process)
            taken[on] = timed(command)
            if on:
                stop(process)
        ratios.append(taken[True] / taken[False])
    print(f"{name}\tasked {asked}\t{statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]", flush=True)


def own_cost(folder):
    start = time.monotonic()
    process = watch(folder)
    ready(folder, process)
    print(f"start to first alert, s\tasked 0.5\t{time.monotonic() - start:.2f}")
    stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    before = int(stat[11]) + int(stat[12])
    time.sleep(10)
    stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    used = (int(stat[11]) + int(stat[12]) - before) / os.sysconf("SC_CLK_TCK") / 10
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    print(f"processor, quiet host, % of one\tasked 1\t{used * 100:.1f}")
    print(f"resident memory, MB\tasked 40\t{resident / 1024:.0f}")
    stop(process)


def delay(folder, name, asked, act, is_it):
    """From the event's own time to the time at which its alert was read."""
    process = watch(folder)
    ready(folder, process)
    late = []
    alerts = (folder / "alerts").open()
    alerts.read()
    for _ in range(200):
        act()
        line = ""
        while True:
            line += alerts.readline()
            if not line.endswith("\n"):
                continue
            fields = json.loads(line)["output_fields"]
            line = ""
            if is_it(fields):
                late.append((time.time_ns() - fields["evt.time"]) / 1e6)
                break
        time.sleep(0.003)
    stop(process)
    late.sort()
    print(f"delay of {name}, ms\tasked {asked}\tp50 {late[100]:.2f}, p99 {late[197]:.2f}", flush=True)


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    if os.geteuid() != 0:
        sys.exit("skipped: not root")
    with tempfile.TemporaryDirectory(prefix="vedette-bench-") as name:
        folder = pathlib.Path(name)
        (folder / "load.c").write_text(LOADS)
        subprocess.run(["cc", "-O2", "-o", folder / "load", folder / "load.c"], check=True)
        shutil.copy("/bin/true", folder / "vedette_mark")
        (folder / "mark.yaml").write_text(
            "- rule: mark\n  desc: mark\n  condition: evt.type = execve and proc.name = vedette_mark\n"
            "  output: at %evt.time %proc.name\n  priority: DEBUG\n")
        (folder / "a.c").write_text("int main(void) { return 0; }\n")
        load = str(folder / "load")
        # The first two are told by no rule, the last one is, for a prefix that it has.
        for file in ("/etc/hostname", str(folder / "a.c"), "/etc/shadow-"):
            label = f"1e6 open/close of {file.replace(str(folder), 'TMP')}"
            pairs_of(label, 1.25, [load, "open", "1000000", file], folder, pairs)
        pairs_of("find / -xdev", 1.08, ["find", "/", "-xdev"], folder, pairs)
        compile_all = f"for i in $(seq 30); do cc -O1 -o {folder}/a {folder}/a.c; done"
        pairs_of("gcc of a small file x30", 1.02, ["sh", "-c", compile_all], folder, pairs)
        pairs_of("1000 fork+exec", 1.03, [load, "exec", "1000"], folder, pairs)
        pairs_of("5e6 getppid", 1.10, [load, "nothing", "5000000"], folder, pairs)
        own_cost(folder)
        delay(folder, "an exec's alert", "1 at p99", lambda: mark(folder),
              lambda fields: fields.get("proc.name") == "vedette_mark")
        batched = folder / "vedette_batched"
        batched.write_text("")
        # Only here: this rule makes the kernel tell of every open.
        with (folder / "mark.yaml").open("a") as rules:
            rules.write("- rule: batched\n  desc: batched\n"
                        "  condition: evt.type in (open, openat) and fd.name endswith /vedette_batched\n"
                        "  output: at %evt.time %fd.name\n  priority: DEBUG\n")
        delay(folder, "an open's alert", "12 at p50, 25 at p99", batched.read_text,
              lambda fields: str(fields.get("fd.name", "")).endswith("/vedette_batched"))


if __name__ == "__main__":
    main()
