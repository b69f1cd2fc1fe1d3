# SPDX-License-Identifier: Apache-2.0
"""Programs that choose their names, arguments, files and control groups to break or forge what we say
of them: nothing ends the watcher, and each format stays well-formed with as many alerts as there were."""
import contextlib
import csv
import html.parser
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import live

FORGED = "Forged rule of an attacker"
RULES = """
- rule: Hostile program
  desc: whose arguments hold the mark
  condition: evt.type in (execve, execveat) and proc.args contains {mark}
  output: program %proc.name of %proc.exepath runs %proc.cmdline in %container.id
  priority: WARNING
- rule: Hostile file
  desc: whose path holds the mark
  condition: evt.type in (open, openat, openat2) and fd.name contains {mark}
  output: >
    %proc.name opens %fd.name (%evt.arg.name) cwd %proc.cwd in %container.id %container.name
  priority: NOTICE
"""
LINE = '\n{"rule":"%s","priority":"Critical","output":"x","output_fields":{}}\n' % FORGED
TEXTS = (
    LINE.encode(),
    b'"}' + LINE.strip().encode() + b'{"',
    b'"}]}\r\n"%s"\r\n' % FORGED.encode(),
    b"\x1b[2J\x1b[31m\x1b]0;owned\x07\x9b31m",
    b"\xff\xfe\xc3\x28\xed\xa0\x80\xf5\x80\x80\x80\xc0\xaf",
    b"%proc.name %s%n%d%(rule)s {0} {rule} ${HOME} %fd.name %%",
    b"\",\"rule\":\"%s\",\"x\":\"" % FORGED.encode(),
    b"=cmd|' /C calc'!A0,\"a\nb\";\tx",
    b"</script><script id=forged>forged()</script><img src=x onerror=forged()>",
    "\u202e\u2066\u200b\u0085\u2028\ufeff right to left".encode(),
    b"\\u0000\\ud800\\x00\\",
)
HEX = "d0" * 32
CALLS_WHILE_STOPPED = 150_000
STOPPED_RULE = """
- rule: Made a link
  desc: or tried to
  condition: evt.type = symlink and evt.arg.target = {mark}
  output: made
  priority: NOTICE
"""


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forged = []

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        if names.get("id") == "forged" or "onerror" in names:
            self.forged.append((tag, attributes))


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="vedette-hostile-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.mark = f"hostile-{os.getpid()}-{time.monotonic_ns()}"
        (cls.folder / "rules.yaml").write_text(RULES.format(mark=cls.mark))

    def setUp(self):
        self.capture = self.folder / f"{self.id()}.capture"
        try:
            self.watcher = live.Watcher(self.folder, [self.folder / "rules.yaml"], "--record", self.capture,
                                        "--record-matching")
        except live.CannotWatch as reason:
            self.skipTest(str(reason))
        self.addCleanup(self.watcher.kill)
        self.files = self.folder / f"{self.mark}-{self._testMethodName}"
        self.files.mkdir()

    def end(self, least):
        """Ends the watcher and looks at the alerts, live and replayed in each format."""
        self.assertIsNone(self.watcher.process.poll(), "the watcher ended")
        statistics = self.watcher.stop()
        self.assertIn(self.watcher.process.returncode, (0, 3), self.watcher.errors.read_text())
        self.assertEqual(statistics["skipped"], 0)
        raw = self.watcher.alerts.read_bytes()
        self.check_lines(raw, statistics["alerts"], lambda alert: alert["rule"])
        self.assertGreaterEqual(statistics["alerts"], least)
        for form, check in (("falco", lambda raw, count: self.check_lines(raw, count, lambda alert: alert["rule"])),
                            ("ndjson", lambda raw, count: self.check_lines(raw, count, lambda a: a["rule"]["title"])),
                            ("ocsf", lambda raw, count: self.check_lines(raw, count, lambda a: a["finding_info"]["title"])),
                            ("json", self.check_json), ("csv", self.check_csv), ("tsv", self.check_tsv),
                            ("table", self.check_table), ("html", self.check_html), ("sarif", self.check_sarif)):
            with self.subTest(form=form):
                raw, counts = self.replay(form)
                self.assertEqual(counts["alerts"], statistics["alerts"])
                text = raw.decode("utf-8")
                self.assertNotIn("\x1b", text)
                self.assertNotIn("\x00", text)
                check(raw, counts["alerts"])
        return [json.loads(line) for line in self.watcher.alerts.read_bytes().splitlines()]

    def replay(self, form):
        counts = self.folder / "replayed.json"
        done = subprocess.run([live.VEDETTE, "detect", "--rules", self.folder / "rules.yaml", "--rules",
                               self.folder / "ready.yaml", "--format", form, "--stats", counts, self.capture],
                              capture_output=True, check=False, timeout=120)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        return done.stdout, json.loads(counts.read_text())

    def check_title(self, title):
        self.assertIn(title, ("Hostile program", "Hostile file", "The watcher is ready"))

    def check_lines(self, raw, count, title):
        raw.decode("utf-8")
        lines = raw.split(b"\n")
        self.assertEqual(lines.pop(), b"")
        self.assertEqual(len(lines), count)
        for line in lines:
            self.check_title(title(json.loads(line)))

    def check_json(self, raw, count):
        alerts = json.loads(raw)["alerts"]
        self.assertEqual(len(alerts), count)
        for alert in alerts:
            self.check_title(alert["rule"]["title"])

    def check_csv(self, raw, count):
        rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))
        self.assertEqual(len(rows), count)
        for row in rows:
            self.assertNotIn(None, row)
            self.check_title(row["rule_title"] if "rule_title" in row else row["title"])
            for cell in row.values():
                self.assertFalse(cell.startswith(("=", "+", "-", "@")), cell)

    def check_tsv(self, raw, count):
        rows = [line.split("\t") for line in raw.decode("utf-8").splitlines()]
        self.assertEqual(len(rows), count)
        self.assertEqual({len(row) for row in rows}, {3})

    def check_table(self, raw, _):
        text = raw.decode("utf-8")
        for character in text:
            self.assertTrue(character == "\n" or (ord(character) >= 32 and not 127 <= ord(character) < 160),
                            repr(character))
            self.assertNotIn(character, "\u202e\u2066\u2028")

    def check_html(self, raw, _):
        page = Page()
        page.feed(raw.decode("utf-8"))
        self.assertEqual(page.forged, [])

    def check_sarif(self, raw, count):
        self.assertEqual(len(json.loads(raw)["runs"][0]["results"]), count)

    def act(self, *arguments, executable="/bin/true"):
        subprocess.run([executable, *arguments], executable=executable, check=False, stdout=subprocess.DEVNULL)

    def test_texts_of_all_kinds(self):
        for number, text in enumerate(TEXTS):
            subprocess.run([b"true" + text.replace(b"\0", b""), self.mark.encode(), text], executable="/bin/true",
                           check=True)
            name = text.replace(b"/", b"\\")[:200]
            folder = os.fsencode(self.files) + b"/%d" % number + name[:100]
            os.mkdir(folder)
            path = folder + b"/" + name
            with open(path, "wb"):
                pass
            program = folder + b"/t" + name[:12]
            shutil.copy("/bin/true", program)
            subprocess.run([program, self.mark.encode()], check=True, cwd=folder)
        alerts = self.end(3 * len(TEXTS))
        shown = [alert for alert in alerts if alert["rule"] == "Hostile file"]
        self.assertTrue(any(FORGED in alert["output"] for alert in shown), "the attack did not arrive")

    def test_a_megabyte_of_arguments(self):
        self.act("true", self.mark, *(["x" * 100_000] * 10))
        self.act("true", self.mark, *(["y"] * 100_000))
        self.act("true", self.mark, "", "", "\n" * 100_000)
        self.end(3)

    def test_deep_paths(self):
        here = os.open(self.files, os.O_PATH)
        part = "d" * 200
        for _ in range(40):
            os.mkdir(part, dir_fd=here)
            below = os.open(part, os.O_PATH, dir_fd=here)
            os.close(here)
            here = below
        for _ in range(3):
            os.close(os.open("deep", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        os.close(here)
        with self.assertRaises(OSError):
            os.open(f"{self.files}/" + "/".join(["e" * 200] * 40), os.O_RDONLY)
        (self.files / "plain").write_text("")
        alerts = self.end(1)
        self.assertTrue(any(str(alert["output_fields"].get("fd.name")).endswith("/plain") for alert in alerts))

    def test_a_path_that_is_swapped_while_it_is_opened(self):
        (self.files / "a").write_text("a")
        (self.files / "b").write_text("b")
        place = self.files / "place"
        stop = threading.Event()

        def swap():
            while not stop.is_set():
                for name in ("a", "b"):
                    (self.files / "link").symlink_to(self.files / name)
                    os.rename(self.files / "link", place)

        place.symlink_to(self.files / "a")
        swapper = threading.Thread(target=swap)
        swapper.start()
        seen = []
        for _ in range(2000):
            with open(place, encoding="ascii") as file:
                seen.append(file.read())
        stop.set()
        swapper.join()
        alerts = self.end(2000)
        opened = [alert["output_fields"]["fd.name"][-1] for alert in alerts
                  if alert["output_fields"].get("evt.arg.name") == str(place)]
        # What the kernel opened, not what the name led to before or after.
        self.assertEqual(opened, seen)

    def test_a_storm_of_programs(self):
        subprocess.run(["sh", "-c", f"i=0; while [ $i -lt 500 ]; do /bin/true {self.mark} & "
                        f"/bin/true {self.mark} & /bin/true {self.mark} & /bin/true {self.mark}; "
                        "i=$((i+1)); done; wait"], check=True)
        alerts = self.end(0)
        lost = json.loads(self.watcher.statistics.read_text()).get("lost", 0)
        seen = sum(alert["rule"] == "Hostile program" for alert in alerts)
        self.assertGreaterEqual(seen + lost, 2001)  # the shell's own arguments hold the mark too

    def test_thousands_of_sockets_and_a_name_like_ours(self):
        pairs = [socket.socketpair() for _ in range(2000)]
        program = self.files / "vedette"
        shutil.copy("/bin/true", program)
        self.act("vedette", "watch", self.mark, executable=str(program))
        for pair in pairs:
            for end in pair:
                end.close()
        alerts = self.end(1)
        ours = [alert for alert in alerts if alert["rule"] == "Hostile program"]
        self.assertEqual(ours[0]["output_fields"]["proc.exepath"], str(program))

    def test_a_stopped_watcher_counts_what_it_lost(self):
        # A call that hardly anybody else makes, so that the sum must close to the last event.
        self.watcher.stop()
        rule = self.folder / "stopped.yaml"
        rule.write_text(STOPPED_RULE.format(mark=self.mark))
        self.watcher = live.Watcher(self.folder, [rule], "--record", self.capture, "--record-matching")
        self.addCleanup(self.watcher.kill)
        place = str(self.files / "link")
        os.symlink(self.mark, place)
        self.watcher.process.send_signal(signal.SIGSTOP)
        for _ in range(CALLS_WHILE_STOPPED):
            with contextlib.suppress(FileExistsError):
                os.symlink(self.mark, place)
        self.watcher.process.send_signal(signal.SIGCONT)
        statistics = self.watcher.stop()
        symlink = 88
        delivered, lost = live.delivered_and_lost(self.capture, symlink, os.getpid())
        self.assertGreater(lost, 0)
        # A link that somebody else made meanwhile may be among the losses.
        self.assertGreaterEqual(delivered + lost, CALLS_WHILE_STOPPED + 1)
        self.assertLess(delivered + lost, CALLS_WHILE_STOPPED + 50)
        self.assertGreaterEqual(statistics["lost"], lost)  # and perhaps of the programs of others
        self.assertIn(str(statistics["lost"]), self.watcher.errors.read_text().replace(",", ""))
        seen = sum(b'"Made a link"' in line for line in self.watcher.alerts.read_bytes().splitlines())
        self.assertEqual(seen, delivered)

    def in_group(self, path):
        os.makedirs(path)
        self.addCleanup(live.remove_cgroups, path)
        child = f"echo $$ > '{path}/cgroup.procs' && exec cat '{self.files}/planted'"
        subprocess.run(["sh", "-c", child], check=True, stdout=subprocess.DEVNULL)

    def test_forged_control_groups(self):
        root = next((path for path in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")
                     if os.path.exists(f"{path}/cgroup.procs")), None)
        if root is None or not os.access(root, os.W_OK):
            self.skipTest("no unified hierarchy of control groups that can be written")
        (self.files / "planted").write_text("")
        top = f"{root}/{live.CGROUPS}"
        self.addCleanup(live.remove_cgroups, top)
        self.in_group(f"{top}/docker-{HEX}.scope")
        self.in_group(f"{top}/docker-{HEX}.scope.x/crio-{'e1' * 32}.scope")
        self.in_group(f"{top}/\x1b[31m\"}}{FORGED}%s")
        self.in_group(f"{top}/..docker-..%2f{'f2' * 32}")
        alerts = self.end(4)
        read = [alert["output_fields"] for alert in alerts
                if str(alert["output_fields"].get("fd.name")).endswith("/planted")
                and alert["output_fields"]["proc.name"] == "cat"]
        self.assertEqual(len(read), 4, alerts)
        # A group that looks like a container's has the id of its name; no runtime vouches for it.
        self.assertEqual(read[0]["container.id"], HEX[:12])
        for fields in read:
            self.assertIn(fields["container.name"], (None, "", "<NA>", "host"), fields)

    def test_a_group_within_a_container_names_no_other(self):
        root = next((path for path in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")
                     if os.path.exists(f"{path}/cgroup.procs")), None)
        if root is None:
            self.skipTest("no unified hierarchy of control groups")
        try:
            containers = live.Containers(self.folder / "containers")
        except live.CannotWatch as reason:
            self.skipTest(str(reason))
        self.addCleanup(containers.close)
        name = f"{self.mark}-real"
        path = f"/inside/{self.mark}"
        mounts = [{"destination": "/inside", "type": "bind", "source": str(self.files), "options": ["rbind"]},
                  {"destination": "/groups", "type": "bind", "source": root, "options": ["rbind"]}]
        (self.files / self.mark).write_text("")
        own = f"/groups/{live.CGROUPS}/{containers.id_of(name)}"
        script = (f"mkdir -p {own}/docker-{HEX}.scope && echo $$ > {own}/docker-{HEX}.scope/cgroup.procs && "
                  f"cat {path}; echo $$ > {own}/cgroup.procs; true")
        containers.run(name, script, "registry.example/real:1", mounts)
        alerts = self.end(1)
        read = [alert["output_fields"] for alert in alerts
                if alert["rule"] == "Hostile file" and alert["output_fields"]["fd.name"] == path]
        self.assertEqual(len(read), 1)
        self.assertEqual(read[0]["container.id"], containers.id_of(name)[:12])
        self.assertEqual(read[0]["container.name"], name)


if __name__ == "__main__":
    unittest.main()
