# SPDX-License-Identifier: Apache-2.0
"""`vedette-agent` as a whole, on the live kernel: alerts reach a receiver, rules are exchanged under
way, status and metrics answer, losses are told; and after `kill -9` at random moments nothing that
was acknowledged is missing or comes more than once again.

Skips where the kernel cannot be watched, with the reason that the program gives. The number of
kills is 20, or VEDETTE_KILLS.
"""
import collections
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parents[2]
AGENT = os.environ.get("VEDETTE_AGENT", str(PROJECT / "build" / "release" / "bin" / "vedette-agent"))
KILLS = int(os.environ.get("VEDETTE_KILLS", "20"))
RULE = """
- rule: {name}
  desc: a planted file is opened
  condition: evt.type in (open, openat, openat2) and fd.name endswith {file}
  output: read %fd.name by %proc.name
  priority: WARNING
"""


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what it acknowledged: (instance, sequence) -> how often, and the lines."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.times = collections.Counter()
        self.batches = []  # first and last number of each, as they came
        self.lines = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that was killed is what is tested."""

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/in"

    def close(self):
        self.shutdown()
        self.server_close()

    def rules(self):
        with self.lock:
            return collections.Counter(
                line["rule"]["title"] for line in self.lines.values() if "rule" in line)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        instance = self.headers["Vedette-Instance"]
        numbers = []
        for part in self.headers.get("Vedette-Ids", "").split(","):
            first, _, last = part.partition("-")
            numbers += range(int(first), int(last or first) + 1)
        with self.server.lock:
            self.server.batches.append((min(numbers), max(numbers)))
            for number, line in zip(numbers, body.splitlines(), strict=True):
                self.server.times[instance, number] += 1
                self.server.lines[instance, number] = json.loads(line)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Agent(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vedette-agent-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "rules").mkdir()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)
        self.write_rule("one", "/planted_one")
        for name in ("planted_one", "planted_two"):
            (self.folder / name).write_text("planted\n")
        self.socket = self.folder / "agent.sock"
        self.process = None
        self.addCleanup(self.end)

    def write_rule(self, name, file):
        (self.folder / "rules" / f"{name}.yaml").write_text(RULE.format(name=name, file=file))

    def configure(self, spool=None, sinks="", extra=""):
        (self.folder / "agent.yaml").write_text(
            f"rules: [{self.folder}/rules]\nstatus: {self.socket}\n"
            f"spool: {{folder: {spool or self.folder / 'spool'}, segment-size: 64KiB, size-max: 4MiB}}\n{extra}"
            f"sinks:\n  - {{kind: http, url: '{self.receiver.url()}'}}\n{sinks}")

    def start(self, *flags):
        log = self.folder / "log"
        with log.open("a") as out:
            at = out.tell()
            self.process = subprocess.Popen(
                [AGENT, "run", "--config", self.folder / "agent.yaml", *flags], stderr=out)
        if self.wait(lambda: "watching with" in self.log_from(at) or self.process.poll() is not None) \
                and self.process.poll() is None:
            return
        text = self.log_from(at)
        self.process.wait()
        self.process = None
        if "kernel" in text or "BPF" in text or "root" in text:
            self.skipTest(text.strip().splitlines()[-1])
        self.fail(text)

    def log_from(self, at):
        return (self.folder / "log").read_text()[at:]

    def end(self, how=signal.SIGTERM):
        """The agent's last words."""
        if self.process is None:
            return ""
        self.process.send_signal(how)
        self.process.wait(30)
        self.process = None
        return (self.folder / "log").read_text()

    def wait(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.01)
        return False

    def read(self, name):
        (self.folder / name).read_text()

    def status(self):
        answer = subprocess.run([AGENT, "status", "--socket", self.socket, "--json"], capture_output=True, text=True,
                                check=True)
        return json.loads(answer.stdout)

    def last_ledger(self, text):
        return json.loads(re.findall(r"vedette-agent: (\{.*\})", text)[-1])

    def test_alerts_reach_the_receiver_and_the_ledger_closes(self):
        self.configure(extra="metrics: 127.0.0.1:0\n")
        self.start()
        self.read("planted_one")
        self.assertTrue(self.wait(lambda: self.receiver.rules()["one"] == 1), self.receiver.lines)
        self.assertTrue(self.wait(lambda: self.status()["ledger"]["acknowledged"] == 1))
        status = self.status()
        self.assertTrue(status["ledger"]["closes"])
        self.assertGreater(status["ledger"]["made"], 0)
        self.assertEqual([step["applied"] for step in status["confinement"]], [True] * 4, status["confinement"])
        text = self.end()
        self.assertIn("ended; the ledger closes", text)
        ledger = self.last_ledger(text)
        self.assertEqual(ledger["acknowledged"], 1)
        self.assertEqual(ledger["kernel_produced"] + ledger["made"],
                         ledger["kernel_lost"] + ledger["filtered"] + ledger["read"])

    def test_metrics_answer_over_http(self):
        with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as free:
            port = free.server_address[1]
        self.configure(extra=f"metrics: 127.0.0.1:{port}\n")
        self.start()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        self.assertRegex(text, r"(?m)^vedette_agent_read_total \d+$")
        self.assertRegex(text, r"(?m)^vedette_agent_ledger_closes 1$")
        self.assertRegex(text, r'(?m)^vedette_agent_outlet_waiting\{outlet="http"\} 0$')

    def test_rules_are_exchanged_under_way(self):
        self.configure()
        self.start()
        self.read("planted_two")
        self.write_rule("two", "/planted_two")
        self.process.send_signal(signal.SIGHUP)
        self.assertTrue(self.wait(lambda: self.status()["rules"]["reloads"] == 1))
        self.read("planted_two")
        self.assertTrue(self.wait(lambda: self.receiver.rules()["two"] == 1))
        (self.folder / "rules" / "bad.yaml").write_text(RULE.format(name="bad", file="/x and ("))
        self.process.send_signal(signal.SIGHUP)
        self.assertTrue(self.wait(lambda: "refused" in self.status()["rules"]["last_reload"]))
        self.read("planted_one")
        self.assertTrue(self.wait(lambda: self.receiver.rules()["one"] == 1))
        self.assertEqual(self.status()["rules"]["loaded"], 2)

    def test_falco_lines_for_those_who_read_falco(self):
        self.configure(sinks=f"  - {{kind: file, format: falco, path: {self.folder}/falco.json}}\n")
        self.start()
        self.read("planted_one")
        out = self.folder / "falco.json"
        self.assertTrue(self.wait(lambda: out.exists() and out.read_text().endswith("\n")))
        line = json.loads(out.read_text().splitlines()[0])
        self.assertEqual(line["rule"], "one")
        self.assertIn("planted_one", line["output_fields"]["fd.name"])

    def test_supervised_it_comes_back(self):
        self.configure()
        self.start("--supervised")
        before = self.status()["pid"]
        self.assertNotEqual(before, self.process.pid)
        os.kill(before, signal.SIGKILL)
        def is_back():
            answer = subprocess.run([AGENT, "status", "--socket", self.socket, "--json"], capture_output=True,
                                    check=False)
            return answer.returncode == 0 and json.loads(answer.stdout)["pid"] != before
        self.assertTrue(self.wait(is_back))
        self.read("planted_one")
        self.assertTrue(self.wait(lambda: self.receiver.rules()["one"] == 1))

    def crash(self, spool, kills):
        """Kills the agent again and again while a file is opened without pause."""
        self.configure(spool=spool)
        stop = threading.Event()

        def load():
            while not stop.is_set():
                for _ in range(20):
                    self.read("planted_one")
                time.sleep(0.002)

        thread = threading.Thread(target=load)
        thread.start()
        chance = random.Random(1)
        try:
            for _ in range(kills):
                self.start()
                time.sleep(chance.uniform(0, 0.3))
                self.process.kill()
                self.process.wait()
                self.process = None
        finally:
            stop.set()
            thread.join()

    def check_after(self, lost_allowed):
        self.start()
        self.assertTrue(self.wait(lambda: self.status()["ledger"]["waiting"] == 0, 60))
        text = self.end()
        self.assertIn("ended; the ledger closes", text)
        with self.receiver.lock:
            times = dict(self.receiver.times)
            batches = list(self.receiver.batches)
        instance = next(iter(times))[0]
        self.assertEqual({key[0] for key in times}, {instance}, "the spool kept its name")
        numbers = sorted(key[1] for key in times)
        # An answer is noted on the disk before the next batch is sent. So only the batch that was on its way
        # can be sent again; what a further batch followed never is.
        noted = last_before = 0
        for first, last in batches:
            if first > last_before:
                noted = last_before
            self.assertGreater(first, noted, f"records up to {noted} were acknowledged and noted")
            last_before = max(last_before, last)
        missing = set(range(1, numbers[-1] + 1)) - set(numbers)
        if not lost_allowed:
            self.assertEqual(missing, set())
        self.assertGreater(len(numbers), 100)
        return len(numbers), sum(count - 1 for count in times.values())

    def test_kill_9_loses_nothing_that_was_spooled(self):
        self.crash(None, KILLS)
        records, again = self.check_after(False)
        print(f"{KILLS} kills: {records} records delivered, {again} of them twice, none missing")

    def test_kill_9_with_a_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False,
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest("cannot mount a small disk: " + mounted.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", disk], check=False)
        self.crash(disk / "spool", max(3, KILLS // 4))
        self.check_after(True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
