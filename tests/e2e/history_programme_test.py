# SPDX-License-Identifier: Apache-2.0
"""The memory of a programme as commands: what is added once and many times, killed, damaged, and what reports say."""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

VEDETTE = os.environ["VEDETTE"]


def identity(number):
    return f"{number:032x}"


def finding(number, severity="high", **more):
    return {"class": "detection", "identity": identity(number), "severity": severity, "confidence": "high",
            "rule": {"id": "some-key", "title": "Some key", "pack": "pack", "tags": []}, "probability": 0.9,
            "message": f"a key {number}", "place": {"path": f"src/{number}.py"}, "evidence": [], "references": [], **more}


def gate(time_text, *judged, verdict="warn", scanners=None):
    judgements = [{"verdict": verdict, "new": True, "scanner": "secrets", "reasons": [], "changes": [], "finding": one,
                   **more} for one, more in judged]
    scanners = {"gate": True, "secrets": True} if scanners is None else scanners
    return {"verdict": verdict, "incomplete": not all(scanners.values()), "policy": "built in", "time": time_text,
            "compared_with_base": False, "version": "0", "counts": {}, "budgets": [], "problems": [],
            "scanners": [{"name": name, "complete": complete} for name, complete in scanners.items()],
            "judgements": judgements}


class Memory(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_vedette(self, *arguments, code=0, **more):
        ran = subprocess.run([VEDETTE, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=120, **more)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return ran

    def history(self, verb, *arguments, **more):
        return self.run_vedette("history", verb, "--store", "history.db", *arguments, **more)

    def add(self, document, *more, commit="c1", branch="main", repository="example/shop", **options):
        (self.folder / "gate.json").write_text(json.dumps(document))
        return self.history("add", "--repository", repository, "--commit", commit, "--branch", branch, *more,
                            "gate.json", **options).stdout

    def report(self, *arguments, **more):
        return json.loads(self.run_vedette("report", "--store", "history.db", "-f", "json", *arguments, **more).stdout)

    def found(self, *arguments):
        return json.loads(self.history("list", "-f", "json", *arguments).stdout)["findings"]

    def test_what_the_gate_writes_is_taken(self):
        report = {"findings": [finding(1), finding(2, "low")],
                  "summary": {"scanner": "secrets", "interrupted": False, "skipped": [], "problems": []}}
        (self.folder / "secrets.json").write_text(json.dumps(report))
        ran = self.run_vedette("gate", "--now", "2026-03-01", "-f", "json", "-o", "gate.json", "secrets.json", code=1)
        self.assertEqual(ran.stdout, "")
        said = self.history("add", "--repository", "r", "--commit", "c", "gate.json").stdout
        self.assertRegex(said, "^run [0-9a-f]{32}: 2 findings, block\n$")
        self.assertEqual({(one["finding"], one["verdict"], one["scanner"]) for one in self.found()},
                         {(identity(1), "block", "secrets"), (identity(2), "track", "secrets")})
        # By way of standard input it is the same run.
        said = self.history("add", "--repository", "r", "--commit", "c", "-",
                            input=(self.folder / "gate.json").read_text()).stdout
        self.assertIn("known already", said)
        self.assertEqual(self.report()["runs"]["judged"], 1)

    def test_a_finding_from_the_first_day_to_the_last(self):
        self.add(gate("2026-03-01T00:00:00Z", (finding(1), {}), (finding(2), {}), verdict="block"), commit="c1")
        self.add(gate("2026-03-02T00:00:00Z", (finding(1, "critical"), {}), (finding(2), {"exception": "accepted"})),
                 commit="c2")
        self.add(gate("2026-03-04T00:00:00Z", (finding(2), {"exception": "accepted"})), commit="c3")
        self.add(gate("2026-03-08T00:00:00Z", (finding(1), {}), (finding(2), {})), commit="c4")
        shown = json.loads(self.history("show", identity(1), "-f", "json").stdout)["findings"][0]
        self.assertEqual([(one["change"], one["commit"], one["severity"]) for one in shown["changes"]],
                         [("first-seen", "c1", "high"), ("severity", "c2", "critical"), ("fixed", "c3", "critical"),
                          ("reopened", "c4", "high")])
        self.assertEqual((shown["first_seen"]["commit"], shown["last_seen"]["commit"]), ("c1", "c4"))
        shown = json.loads(self.history("show", identity(2), "-f", "json").stdout)["findings"][0]
        self.assertEqual([one["change"] for one in shown["changes"]], ["first-seen", "waived", "waiver-ended"])
        report = self.report("--now", "2026-03-08")
        self.assertEqual(report["remediation"], [{"severity": "critical", "kind": "secret", "count": 1,
                                                  "mean_seconds": 259200, "median_seconds": 259200}])
        self.assertEqual(report["runs"], {"judged": 4, "blocked": 1, "warned": 3, "passed": 0, "blocked_share": 0.25,
                                          "warned_share": 0.75})
        # As it was before.
        report = self.report("--now", "2026-03-05")
        self.assertEqual((report["open"]["total"], report["open"]["waived"]), (0, 1))
        table = self.history("show", identity(1)[-40:], "-f", "table").stdout
        self.assertIn("there again, high", table)

    def test_the_order_of_adding_does_not_count(self):
        runs = [(f"c{day}", gate(f"2026-03-{day:02}T00:00:00Z",
                                 *[(finding(number), {}) for number in range(day % 4, 6)])) for day in range(1, 20)]
        texts = set()
        for seed in range(3):
            random.Random(seed).shuffle(runs)
            for commit, document in runs + runs[:5]:
                self.add(document, commit=commit)
            texts.add(json.dumps(self.report("--now", "2026-04-01")))
            (self.folder / "history.db").unlink()
        self.assertEqual(len(texts), 1)

    def test_dismissed_findings(self):
        self.add(gate("2026-03-01T00:00:00Z", (finding(1), {}), (finding(0x10000001), {})))
        self.history("dismiss", identity(1), "--reason", "false-positive", "--by", "ada", "--note", "a test key",
                     "--now", "2026-03-02")
        report = self.report("--now", "2026-03-03")
        self.assertEqual((report["open"]["total"], report["open"]["dismissed"]), (1, 1))
        self.assertEqual(report["false_positives"]["rate"], 0.5)
        self.assertEqual([one["standing"] for one in self.found("--now", "2026-03-03")], ["open", "dismissed"])
        self.assertIn("dismissed as false-positive", self.history("show", identity(1), "-f", "table").stdout)
        self.history("dismiss", identity(1), "--take-back", "--by", "ben", "--now", "2026-03-04")
        self.assertEqual(self.report("--now", "2026-03-05")["open"]["total"], 2)
        self.history("dismiss", "0000", "--reason", "accepted", "--by", "ada", code=2)
        self.history("dismiss", "ffff", "--reason", "accepted", "--by", "ada", code=2)
        self.history("dismiss", identity(1), "--by", "ada", code=2)

    def test_others_reports(self):
        result = {"ruleId": "B1", "level": "error", "message": {"text": "bad"},
                  "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}}}]}
        sarif = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "bandit"}}, "results": [result]}]}
        (self.folder / "a.sarif").write_text(json.dumps(sarif))
        sarif["runs"][0]["tool"]["driver"]["name"] = "bandit"
        (self.folder / "b.sarif").write_text(json.dumps(sarif))
        taken = ("--repository", "r", "--branch", "main", "--time")
        self.history("import", *taken, "2026-03-01", "a.sarif", "b.sarif")
        self.assertIn("known already", self.history("import", *taken, "2026-03-01", "b.sarif", "a.sarif").stdout)
        (one,) = self.found()
        self.assertEqual((one["kind"], one["scanner"], one["standing"]), ("code", "bandit", "open"))
        sarif["runs"][0]["results"] = []
        (self.folder / "a.sarif").write_text(json.dumps(sarif))
        self.history("import", *taken, "2026-03-05", "a.sarif")
        report = self.report("--now", "2026-03-06")
        self.assertEqual(report["remediation"][0]["median_seconds"], 4 * 86400)
        self.assertEqual((report["runs"]["judged"], report["repositories"][0]["imported"]), (0, 2))

    def test_stages_tell_what_it_cost(self):
        stages = {"stages": [{"scanner": "secrets", "seconds": 1.5}, {"scanner": "secrets", "seconds": 0.5},
                             {"scanner": "packages", "seconds": 4, "complete": False}]}
        (self.folder / "stages.json").write_text(json.dumps(stages))
        self.add(gate("2026-03-01T00:00:00Z"), "--stages", "stages.json", "--release", "v1")
        report = self.report("--now", "2026-03-02")
        self.assertEqual({one["scanner"]: one["median_seconds"] for one in report["costs"]},
                         {"secrets": 2, "packages": 4})
        self.assertEqual({one["scanner"]: one["complete"] for one in report["coverage"]},
                         {"packages": 0, "secrets": 1})
        self.assertEqual(report["releases"][0]["release"], "v1")
        runs = json.loads(self.history("runs", "-f", "json").stdout)["runs"]
        self.assertEqual(runs[0]["scanners"][1], {"name": "packages", "complete": False, "seconds": 4})

    def test_wrong_input_is_refused(self):
        for verb in ("list", "runs", "check"):
            self.assertIn("expected a history", self.history(verb, code=2).stderr)
        self.run_vedette("report", "--store", "nowhere.db", code=2)
        self.assertFalse((self.folder / "history.db").exists())
        good = gate("2026-03-01T00:00:00Z", (finding(1), {}))
        for broken in ({}, [], {**good, "verdict": "fine"}, {**good, "time": "yesterday"},
                       {**good, "judgements": [{**good["judgements"][0], "finding": {}}]},
                       {**good, "judgements": [{**good["judgements"][0], "exception": "because"}]}):
            self.add(broken, code=2)
        self.add(good, "--time", "soon", code=2)
        self.add(good, "--time", "2999-01-01", code=2)
        self.add({**good, "time": "2999-01-01T00:00:00Z"}, code=2)
        self.add(good, repository="", code=2)
        self.add(good, repository="a\nb", code=2)
        self.history("add", "--repository", "r", "gate.json", code=2)
        self.history("add", "--repository", "r", "--commit", "c", code=2)
        self.assertFalse((self.folder / "history.db").exists())
        self.add(good)
        self.run_vedette("report", "--store", "history.db", "--since", "2099-01-01", code=2)
        self.run_vedette("report", "--store", "history.db", "--since", "soon", code=2)

    def test_a_damaged_file_is_never_an_empty_history(self):
        for day in range(1, 6):
            self.add(gate(f"2026-03-0{day}T00:00:00Z", *[(finding(number), {}) for number in range(40)]),
                     commit=f"c{day}")
        self.assertIn("whole", self.history("check").stdout)
        store = self.folder / "history.db"
        whole = store.read_bytes()
        before = self.report("--now", "2026-04-01")
        chance = random.Random(7)
        refused = 0
        for turn in range(60):
            changed = bytearray(whole)
            if turn % 3 == 0:
                changed = changed[:chance.randrange(len(whole))]
            elif turn % 3 == 1:
                for _ in range(20):
                    changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
            else:
                start = chance.randrange(len(whole) - 600)
                changed[start:start + 600] = bytes(600)
            store.write_bytes(bytes(changed))
            ran = subprocess.run([VEDETTE, "report", "--store", str(store), "-f", "json", "--now", "2026-04-01"],
                                 capture_output=True, text=True, timeout=60)
            self.assertIn(ran.returncode, (0, 2), ran.stderr)
            if ran.returncode == 0:
                self.assertEqual(json.loads(ran.stdout), before)
            else:
                self.assertEqual(ran.stdout, "")
                refused += 1
            for suffix in ("-wal", "-shm"):
                pathlib.Path(str(store) + suffix).unlink(missing_ok=True)
        self.assertGreater(refused, 30)

    def test_killed_at_any_moment(self):
        chance = random.Random(3)
        stored = set()
        for turn in range(40):
            document = gate(f"2026-03-01T00:00:{turn:02}Z", *[(finding(number), {}) for number in range(300)])
            (self.folder / "gate.json").write_text(json.dumps(document))
            command = [VEDETTE, "history", "add", "--store", "history.db", "--repository", "r", "--commit", f"c{turn}",
                       "gate.json"]
            with subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True) as adding:
                time.sleep(chance.random() * 0.03)
                adding.send_signal(signal.SIGKILL)
                said = adding.communicate()[0]
            if said.startswith("run "):
                stored.add(said.split()[1].rstrip(":"))
        if (self.folder / "history.db").exists():
            self.assertIn("whole", self.history("check").stdout)
            runs = json.loads(self.history("runs", "--limit", "1000", "-f", "json").stdout)["runs"]
            self.assertLessEqual(stored, {one["run"] for one in runs})
            self.assertEqual({one["findings"] for one in runs} - {300}, set())
        self.add(gate("2026-03-02T00:00:00Z"), commit="last")

    def test_many_at_once(self):
        adding = []
        for number in range(16):
            (self.folder / f"{number}.json").write_text(json.dumps(gate(f"2026-03-01T00:00:{number:02}Z",
                                                                        (finding(number), {}))))
            adding.append(subprocess.Popen(
                [VEDETTE, "history", "add", "--store", "history.db", "--repository", f"r{number % 3}", "--commit",
                 "c", f"{number}.json"], cwd=self.folder, stdout=subprocess.DEVNULL))
        self.assertEqual([one.wait(120) for one in adding], [0] * 16)
        self.assertEqual(self.report("--now", "2026-03-02")["runs"]["judged"], 16)

    def test_formats(self):
        hostile = "</title><script>alert(1)</script>\"\\'"
        self.add(gate("2026-03-01T00:00:00Z", (finding(1), {"scanner": hostile}), scanners={hostile: True}),
                 "--release", hostile, repository=hostile)
        page = self.run_vedette("report", "--store", "history.db", "-f", "html", "--now", "2026-03-02").stdout
        self.assertNotIn("<script", page)
        self.assertIn("&lt;/title&gt;", page)
        self.assertNotRegex(page, r"(src|href)=")
        table = self.run_vedette("report", "--store", "history.db", "-f", "table", "--now", "2026-03-02").stdout
        self.assertIn("Open findings", table)
        for _ in range(2):
            text = self.run_vedette("report", "--store", "history.db", "-f", "prometheus", "--now", "2026-03-02").stdout
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) .+|[a-z_0-9]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? [-+.e0-9]+)$')
        self.assertIn('severity="high"', text)
        if shutil.which("promtool"):
            checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_the_usual_place(self):
        (self.folder / "gate.json").write_text(json.dumps(gate("2026-03-01T00:00:00Z")))
        data = self.folder / "data"
        self.run_vedette("history", "add", "--repository", "r", "--commit", "c", "gate.json",
                         env={**os.environ, "XDG_DATA_HOME": str(data)})
        self.assertTrue((data / "vedette" / "history.db").exists())
        self.assertTrue(re.search("r .*1", self.run_vedette("report", "-f", "table", env={
            **os.environ, "XDG_DATA_HOME": str(data)}).stdout))


if __name__ == "__main__":
    unittest.main()
