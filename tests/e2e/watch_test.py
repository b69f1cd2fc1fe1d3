# SPDX-License-Identifier: Apache-2.0
"""`vedette watch` as a whole: what is done here is seen, recorded, and found again in the recording.

Skips where the kernel cannot be watched, with the reason that the program gives.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
VEDETTE = os.environ.get("VEDETTE", str(PROJECT / "build" / "release" / "bin" / "vedette"))
RULES = """
title: Planted file read
id: 3d0c2a0e-8a55-4a6b-9f0c-0d8a5f3b1c01
logsource: {product: linux, category: file_access}
detection:
  read: {TargetFilename|endswith: /planted_credential}
  condition: read
level: high
---
title: Program with a marked argument
id: 3d0c2a0e-8a55-4a6b-9f0c-0d8a5f3b1c02
logsource: {product: linux, category: process_creation}
detection:
  start: {CommandLine|contains: vedette-marked-argument}
  condition: start
level: medium
---
title: Connection to the port of the test
id: 3d0c2a0e-8a55-4a6b-9f0c-0d8a5f3b1c03
logsource: {product: linux, category: network_connection}
detection:
  connect: {DestinationIp: 127.0.0.1, DestinationPort: 9}
  condition: connect
level: low
"""
FALCO = """
- rule: Falco sees the planted file
  desc: the same through the other language
  condition: evt.type in (open, openat, openat2) and fd.name endswith /planted_credential
  output: read %fd.name by %proc.name in %container.id
  priority: WARNING
"""


class Watch(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vedette-watch-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "rules.yml").write_text(RULES)
        (self.folder / "falco.yaml").write_text(FALCO)
        (self.folder / "planted_credential").write_text("planted\n")
        self.capture = self.folder / "stream.capture"

    def start(self, *flags):
        rules = ["--rules", self.folder / "rules.yml", "--rules", self.folder / "falco.yaml"]
        self.alerts = self.folder / "alerts"
        self.errors = self.folder / "errors"
        with self.alerts.open("w") as alerts, self.errors.open("w") as errors:
            process = subprocess.Popen([VEDETTE, "watch", *rules, *flags], stdout=alerts, stderr=errors)
        # Its first alert says that it is ready: a program with the marked argument.
        for _ in range(100):
            subprocess.run(["true", "vedette-marked-argument"], check=False)
            time.sleep(0.1)
            if self.alerts.stat().st_size > 0:
                return process
            if process.poll() is not None:
                said = self.errors.read_text().strip()
                # Anything else that ends it is a fault of ours.
                if "kernel sensor" not in said:
                    self.fail(f"vedette watch ended: {said}")
                self.skipTest(said.splitlines()[-1])
        process.kill()
        process.wait()
        self.fail("no alert within 10 s")

    def act(self):
        (self.folder / "planted_credential").read_text()
        subprocess.run(["python3", "-c", "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"],
                       check=True)
        time.sleep(0.5)

    def end(self, process):
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        return self.alerts.read_text()

    def replay(self, *flags):
        rules = ["--rules", self.folder / "rules.yml", "--rules", self.folder / "falco.yaml"]
        return subprocess.run([VEDETTE, "detect", *rules, *flags, self.capture], capture_output=True,
                              text=True, check=False)

    def test_sees_files_processes_and_connections(self):
        process = self.start("--format", "ndjson")
        self.act()
        output = self.end(process)
        alerts = [json.loads(line) for line in output.splitlines()]
        titles = {alert["rule"]["title"] for alert in alerts}
        self.assertLessEqual({"Planted file read", "Falco sees the planted file",
                              "Connection to the port of the test"}, titles)
        read = next(alert for alert in alerts if alert["rule"]["title"] == "Planted file read")
        self.assertEqual(read["target"], str(self.folder / "planted_credential"))
        self.assertEqual(read["process_id"], str(os.getpid()))

    def test_a_recording_gives_the_same_alerts_again(self):
        stats = self.folder / "stats.json"
        process = self.start("--format", "tsv", "--record", self.capture, "--stats", stats)
        self.act()
        self.end(process)
        live = json.loads(stats.read_text())
        self.assertEqual(self.capture.stat().st_mode & 0o777, 0o600)
        again = self.folder / "again.json"
        replayed = self.replay("--format", "tsv", "--stats", again, "--threads", "2")
        counts = json.loads(again.read_text())
        self.assertEqual(counts["alerts"], live["alerts"])
        self.assertEqual(counts["events"], live["events"])
        self.assertEqual(counts["skipped"], 0)
        self.assertEqual({rule["id"]: rule["hits"] for rule in counts["rules"]},
                         {rule["id"]: rule["hits"] for rule in live["rules"]})
        self.assertEqual(len(replayed.stdout.splitlines()), counts["alerts"])

    def test_falco_output_names_the_host(self):
        process = self.start("--format", "falco")
        self.act()
        output = self.end(process)
        alerts = [json.loads(line) for line in output.splitlines()]
        read = next(alert for alert in alerts if alert["rule"] == "Falco sees the planted file")
        self.assertEqual(read["output_fields"]["container.id"], "host")
        self.assertEqual(read["priority"], "Warning")
        self.assertIn(f"read {self.folder}/planted_credential by python3", read["output"])

    def test_a_bad_flag_is_refused(self):
        done = subprocess.run([VEDETTE, "watch", "--ring-size", "3"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("power of two", done.stderr)


if __name__ == "__main__":
    unittest.main()
