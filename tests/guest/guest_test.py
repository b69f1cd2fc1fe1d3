# SPDX-License-Identifier: Apache-2.0
"""The sensor on another kernel than the running one, in an emulated machine: that the same programs
see the same there, and that what rules with `action: block` match does not happen.

Skips, with the reason, where no such machine can be started (tools/fetch_guest_kernel.sh).
"""
import json
import os
import pathlib
import re
import tempfile
import unittest

import guest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(os.environ.get("VEDETTE_PROGRAMS", PROJECT / "build" / "release" / "bin"))
START = """#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mkdir -p /dev/shm
mount -t cgroup2 none /sys/fs/cgroup
mount -t securityfs none /sys/kernel/security
mount -t tracefs none /sys/kernel/tracing
ip link set lo up
cd /tmp
echo "kernel $(uname -r), modules of security $(cat /sys/kernel/security/lsm)"
{work}
poweroff -f
"""


class Guest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        reason = guest.missing()
        if reason:
            self.skipTest(reason)

    def run_in_guest(self, work, programs, files=(), options="lsm=landlock,lockdown,yama,bpf"):
        archive = guest.base_archive(START.format(work=work))
        for program in programs:
            archive.program(f"bin/{program}", PROGRAMS / program)
        for path, content in files:
            archive.file(path, content)
        archive.tree("share/vedette/content", PROJECT / "content")
        with tempfile.TemporaryDirectory(prefix="vedette-guest-") as folder:
            said = guest.boot(archive, folder, options)
        kernel = re.search(r"kernel .*", said)
        self.assertIsNotNone(kernel, f"the guest did not start:\n{said[-2000:]}")
        print(kernel.group(0))
        return said

    def run_gtest(self, selection, options="lsm=landlock,lockdown,yama,bpf"):
        said = self.run_in_guest(f"sensor_test --gtest_color=no --gtest_filter='{selection}' 2>&1", ["sensor_test"],
                                 options=options)
        self.assertNotIn("[  FAILED  ]", said, said[-8000:])
        passed = re.search(r"\[  PASSED  \] (\d+) test", said)
        self.assertIsNotNone(passed, said[-4000:])
        return int(passed.group(1)), said


class Sensor(Guest):
    """The tracepoints that the tests of the sensor's own module look at, on the guest's kernel."""

    def test_sees_the_same_on_this_kernel(self):
        passed, _ = self.run_gtest("LiveFiles.*:LiveSockets.*:LiveProcesses.*-*Overlay*:*StateAtStart*"
                                   ":*CallsWith*:*DnsAnswers*:*LongArguments*")
        self.assertGreaterEqual(passed, 17)


class Denial(Guest):
    def test_the_kernel_decides_by_the_tables(self):
        passed, said = self.run_gtest("LiveEnforcement.*")
        self.assertGreaterEqual(passed, 7, said[-4000:])

    def test_a_kernel_that_never_asks_is_found_out(self):
        passed, said = self.run_gtest("LiveEnforcement.OpeningAFileIsDenied", options="lsm=landlock,yama")
        self.assertEqual(passed, 0)
        self.assertIn("found that it does not", said)

    def test_rules_that_block_prevent_and_tell(self):
        said = self.run_in_guest(
            ". /enforcement.sh 2>&1", ["vedette"],
            [("/enforcement.sh", (FOLDER / "enforcement.sh").read_bytes()),
             ("/rules.yaml", (FOLDER / "rules.yaml").read_bytes())])
        steps = dict(re.findall(r"^step (\S+) (.*)$", said, re.MULTILINE))
        errors = said.partition("errors begin\n")[2].partition("errors end")[0]
        alerts = [json.loads(line) for line in
                  said.partition("alerts begin\n")[2].partition("alerts end")[0].splitlines()
                  if line.startswith("{")]
        self.assertTrue(alerts, said[-6000:])
        for denied in ("exec_forbidden", "exec_other_name", "create_model", "overwrite_model",
                       "container_reads_weights", "connect_127.0.0.2:8080"):
            self.assertIn("not permitted", steps[denied].lower(), f"{denied}\n{said[-6000:]}")
        for allowed in ("exec_allowed", "read_model", "create_elsewhere", "trainer_writes",
                        "host_reads_weights", "container_reads_model", "connect_127.0.0.3:8080",
                        "connect_127.0.0.2:8082"):
            self.assertEqual(steps[allowed], "done", f"{allowed}\n{said[-6000:]}")
        self.assertEqual(steps["trace_of_forbidden"], "absent")
        self.assertEqual(steps["trace_of_allowed"], "there")
        self.assertEqual(steps["model"], "absent")
        self.assertEqual(steps["content_of_model"], "planted")
        self.assertEqual(steps["model_by_trainer"], "there")
        # The listener takes one connection: the denied one never came.
        self.assertEqual(steps["received_8080"], "from 127.0.0.3:8080")
        self.assertEqual(steps["received_8082"], "from 127.0.0.2:8082")
        self.assertNotIn("lost", errors)

        titles = {alert["rule"]["title"] for alert in alerts}
        self.assertEqual(titles, {"Forbidden program", "Models are written by the trainer only",
                                  "Weights are not read in containers", "Metadata service"})
        # Enforcement begins a moment after watching: what ran in between, while the script waited for the
        # first denial, is told of as what it was.
        while "blocked" not in alerts[0] and alerts[0]["command_line"] == "busybox_forbidd true":
            alerts.pop(0)
        for alert in alerts:
            self.assertTrue(alert.get("blocked"), f"{alert}\n{said[-6000:]}")
        targets = {field["value"] for alert in alerts for field in alert["matched"]
                   if field["field"] == "evt.blocked"}
        self.assertEqual(targets, titles)


if __name__ == "__main__":
    unittest.main()
