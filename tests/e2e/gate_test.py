# SPDX-License-Identifier: Apache-2.0
"""The gate as a program: exit codes, outputs, waivers that are written and merged, and that nothing broken passes."""
import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

VEDETTE = os.environ["VEDETTE"]
NOW = "2026-11-27"


def finding(number, severity="high", **more):
    return {"class": "detection", "identity": f"{number:032x}", "severity": severity, "confidence": "high",
            "rule": {"id": "some-key", "title": "Some key", "pack": "pack", "tags": []}, "probability": 0.9,
            "message": f"a key {number}", "place": {"path": f"src/{number}.py", "line": 3, "column": 1, "end_line": 3,
                                                    "end_column": 9, "offset": 0, "size": 8},
            "evidence": [], "references": [], "remediation": "Take it back.", **more}


def vulnerable(number, **more):
    facts = {"ecosystem": "npm", "package": "left-pad", "version": "1.0", "names": [f"CVE-2026-{number}"],
             "advisories": [f"X-{number}"], "exploited": False, "ransomware": False, "exploits": [], "fixed": "1.1",
             "upgrade": "1.1", "upgrade_fixes": 1, "command": "npm install left-pad@1.1", **more}
    return finding(number, **{"class": "vulnerability"}) | {"vulnerability": facts, "severity": "critical",
                                                           "rule": {"id": f"CVE-2026-{number}", "title": "Bad",
                                                                    "pack": "x", "tags": ["vulnerability"]}}


def summary(**more):
    return {"scanner": "secrets", "interrupted": False, "skipped": [], "problems": [], **more}


class Gate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def report(self, *findings, name="report.json", **more):
        path = self.folder / name
        path.write_text('{"findings":' + json.dumps(list(findings)) + ',"summary":' + json.dumps(summary(**more)) + "}")
        return name

    def run_vedette(self, *arguments, **more):
        return subprocess.run([VEDETTE, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60,
                              **more)

    def gate(self, *arguments, **more):
        return self.run_vedette("gate", "--now", NOW, *arguments, **more)

    def test_exit_codes_say_the_verdict(self):
        self.assertEqual(self.gate(self.report()).returncode, 0)
        self.assertEqual(self.gate(self.report(finding(1))).returncode, 1)
        self.assertEqual(self.gate(self.report(finding(1, "low"))).returncode, 0)
        lost = [{"reason": "no permission", "count": 1, "bytes": 0, "loss": True, "examples": [{"place": "a"}]}]
        problem = {"place": "pack.toml:7", "message": "no expression"}
        for kind, code in (({"kind": "warning"}, 0), ({"kind": "error"}, 3), ({}, 3)):
            ran = self.gate("-f", "json", self.report(problems=[problem | kind]))
            self.assertEqual(ran.returncode, code, kind)
            self.assertIn("no expression", json.loads(ran.stdout)["problems"][0]["message"])
        self.assertEqual(self.gate(self.report(rules_refused=2)).returncode, 3)
        ran = self.gate(self.report(skipped=lost))
        self.assertEqual(ran.returncode, 3)
        self.assertIn("no permission", json.loads(ran.stdout)["problems"][0]["message"])
        self.assertEqual(self.gate(self.report(finding(1), skipped=lost)).returncode, 1)
        self.assertEqual(self.gate(self.report(interrupted=True)).returncode, 3)

    def test_reports_are_read_from_standard_input_and_by_lines(self):
        ran = self.gate("-", input=json.dumps(finding(1)) + "\n" + json.dumps(finding(2, "low")) + "\n")
        verdicts = {one["finding"]["identity"]: one["verdict"] for one in json.loads(ran.stdout)["judgements"]}
        self.assertEqual(verdicts, {f"{1:032x}": "block", f"{2:032x}": "track"})

    def test_who_looked_is_told(self):
        lost = [{"reason": "no permission", "count": 1, "bytes": 0, "loss": True, "examples": []}]
        self.report(finding(1), name="a.json")
        self.report(vulnerable(2), name="b.json", scanner="packages", skipped=lost)
        got = json.loads(self.gate("a.json", "b.json").stdout)
        self.assertEqual(got["scanners"], [{"name": "gate", "complete": True}, {"name": "packages", "complete": False},
                                           {"name": "secrets", "complete": True}])
        self.assertEqual({one["finding"]["identity"]: one["scanner"] for one in got["judgements"]},
                         {f"{1:032x}": "secrets", f"{2:032x}": "packages"})
        # Lines do not tell what was missed.
        got = json.loads(self.gate("-", input=json.dumps(finding(1)) + "\n").stdout)
        self.assertEqual(got["scanners"][1], {"name": "secrets", "complete": False})

    def test_the_kind_of_an_exception_is_told(self):
        self.report(finding(1), finding(2))
        self.waive(f"{1:032x}", "--kind", "false-positive")
        got = json.loads(self.gate("report.json").stdout)["judgements"]
        self.assertEqual([one.get("exception") for one in got], [None, "false-positive"])

    def test_many_reports_keep_their_rules(self):
        names = [self.report(finding(number), name=f"{number}.json") for number in range(9)]
        rules = {one["finding"]["rule"]["title"] for one in json.loads(self.gate(*names).stdout)["judgements"]}
        self.assertEqual(rules, {"Some key"})

    def test_a_report_comes_back_as_it_was(self):
        facts = {"score": 9.8, "vector": "CVSS:3.1/AV:N", "exploited": True, "exploited_since": "2026-01-01",
                 "probability": 0.5, "percentile": 0.9, "published": "2026-01-01T00:00:00Z", "direct": True,
                 "development": True, "used": False, "watched_seconds": 3.5, "through": "a > b",
                 "dependents": [{"depth": 0, "name": "a 1", "cut": True}], "purl": "pkg:npm/left-pad@1.0"}
        place = {"path": "a", "layer": {"digest": "sha256:1", "instruction": "RUN x", "hidden": True, "base": True}}
        commit = {"id": "ab", "author": "Ada", "email": "a@example.com", "time": "2026-01-01T00:00:00Z",
                  "subject": "x"}
        one = vulnerable(1, **facts) | {"place": place, "also_at": [{"path": "b", "commit": commit}],
                                        "evidence": [{"name": "n", "text": "t", "weight": 0.5}]}
        got = json.loads(self.gate(self.report(one)).stdout)["judgements"][0]["finding"]
        for key, value in one["vulnerability"].items():
            self.assertEqual(got["vulnerability"][key], value, key)
        for key in ("place", "also_at", "evidence", "identity", "remediation", "rule"):
            self.assertEqual(got[key], one[key], key)

    def test_what_is_broken_never_passes(self):
        whole = (self.folder / self.report(finding(1))).read_bytes()
        cases = {"empty.json": b"", "cut.json": whole[:-20], "other.json": b'{"version":1}', "list.json": b"[]",
                 "text.json": b"all is well\n", "class.json": whole.replace(b"detection", b"nothing"),
                 "level.json": whole.replace(b'"high"', b'"grave"'), "id.json": whole.replace(b"0" * 31, b"0"),
                 "summary.json": whole.replace(b"summary", b"summery")}
        for name, content in cases.items():
            (self.folder / name).write_bytes(content)
            ran = self.gate(name)
            self.assertEqual(ran.returncode, 2, name)
            self.assertIn(name, ran.stderr)
        self.assertEqual(self.gate("nowhere.json").returncode, 2)
        self.assertEqual(self.gate().returncode, 2)

    def test_a_damaged_report_never_passes(self):
        whole = (self.folder / self.report(finding(1), finding(2))).read_bytes()
        chance = random.Random(8)
        for _ in range(60):
            (self.folder / "damaged.json").write_bytes(whole[:chance.randrange(len(whole) - 1)])
            self.assertIn(self.gate("damaged.json").returncode, (2,))

    def test_a_broken_policy_gives_no_verdict(self):
        self.report()
        (self.folder / "vedette.yaml").write_text("version: 1\ngate:\n  tier: []\n")
        ran = self.gate("report.json")
        self.assertEqual((ran.returncode, ran.stdout), (2, ""))
        self.assertIn("vedette.yaml:3:3", ran.stderr)
        self.assertIn('did you mean "tiers"?', ran.stderr)
        lint = self.run_vedette("gate", "lint")
        self.assertEqual(lint.returncode, 2)
        (self.folder / "vedette.yaml").write_text("version: 1\ngate: {waivers: {signers: nowhere}}\n")
        self.assertEqual(self.gate("report.json").returncode, 2)
        (self.folder / "vedette.yaml").write_text(self.run_vedette("gate", "default").stdout)
        self.assertEqual(self.run_vedette("gate", "lint").returncode, 0)
        self.assertEqual(self.gate("report.json").returncode, 0)
        self.assertEqual(self.gate("--policy", "nowhere.yaml", "report.json").returncode, 2)

    def test_a_broken_waiver_gives_no_verdict(self):
        self.report()
        (self.folder / ".vedette-waivers.yaml").write_text("- {finding: x}\n")
        self.assertEqual(self.gate("report.json").returncode, 2)
        self.assertEqual(self.gate("--waivers", "nowhere.yaml", "report.json").returncode, 2)

    def waive(self, *arguments):
        return self.run_vedette("waive", "--reason", "known", "--approver", "ada", "--expires", "2027-01-31", "--now",
                                NOW, *arguments)

    def test_waive_writes_what_the_gate_reads(self):
        self.report(finding(1), finding(2), finding(3))
        for number in (2, 1):
            self.assertEqual(self.waive(f"{number:032x}").returncode, 0)
        lines = (self.folder / ".vedette-waivers.yaml").read_text().splitlines()
        self.assertEqual(sorted(lines[1:]), lines[1:])
        self.assertTrue(lines[0].startswith("#"))
        verdicts = [one["verdict"] for one in json.loads(self.gate("report.json").stdout)["judgements"]]
        self.assertEqual(verdicts, ["block", "allow", "allow"])
        self.assertEqual(self.waive("--rule", "some-*", "--path", "src/3.*").returncode, 0)
        self.assertEqual(self.gate("report.json").returncode, 0)
        self.assertEqual(self.waive("--rule", "some-*", "--path", "src/3.*", "--revoke").returncode, 0)
        self.assertEqual(self.gate("report.json").returncode, 1)

    def test_waive_refuses_what_the_gate_would(self):
        for arguments in ((), ("x",), ("1" * 32, "--rule", "a"), ("1" * 32, "--expires", "soon")):
            self.assertEqual(self.waive(*arguments).returncode, 2, arguments)
        self.assertFalse((self.folder / ".vedette-waivers.yaml").exists())

    def test_signed_waivers(self):
        key = self.folder / "key"
        try:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
        except FileNotFoundError:
            self.skipTest("ssh-keygen is not installed")
        self.report(finding(1))
        (self.folder / "vedette.yaml").write_text(
            "version: 1\ngate: {waivers: {signers: signers, approvers: [{who: ada, signed: true}]}}\n")
        (self.folder / "signers").write_text("ada " + (self.folder / "key.pub").read_text())
        text = self.waive(f"{1:032x}", "--to-sign").stdout
        signed = subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "vedette-waiver", "-f", key], input=text,
                                capture_output=True, text=True, check=True).stdout
        self.assertEqual(self.waive(f"{1:032x}").returncode, 0)
        ran = self.gate("report.json")
        self.assertEqual(ran.returncode, 1)
        self.assertIn("waiver-signature", ran.stdout)
        (self.folder / ".vedette-waivers.yaml").unlink()
        self.assertEqual(self.waive(f"{1:032x}", "--signature", signed).returncode, 0)
        self.assertEqual(self.gate("report.json").returncode, 0)

    def test_a_clock_that_is_behind_gives_no_verdict(self):
        self.report(finding(1))
        self.assertEqual(self.waive(f"{1:032x}").returncode, 0)
        ran = self.run_vedette("gate", "--now", "2020-01-01", "report.json")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("clock", ran.stderr)
        (self.folder / ".vedette-waivers.yaml").unlink()
        self.report(vulnerable(1, published="2026-06-01T00:00:00Z"))
        self.assertEqual(self.run_vedette("gate", "--now", "2020-01-01", "report.json").returncode, 2)

    def test_the_base_makes_findings_known(self):
        self.report(finding(1), name="base.json")
        self.report(finding(1), finding(2), name="branch.json")
        got = json.loads(self.gate("--base", "base.json", "branch.json").stdout)
        self.assertEqual([(one["verdict"], one["new"]) for one in got["judgements"]], [("block", True), ("warn", False)])

    def test_what_the_base_has_and_is_gone_is_fixed(self):
        self.report(finding(1), finding(2), vulnerable(3), name="base.json")
        self.report(finding(2), finding(4), name="branch.json")

        def fixed(*arguments):
            return [one["identity"][-1] for one in
                    json.loads(self.gate("-f", "json", *arguments, "branch.json").stdout)["fixed"]]
        self.assertEqual(fixed("--base", "base.json"), ["1", "3"])
        self.assertEqual(fixed(), [])
        text = self.gate("-f", "markdown", "--base", "base.json", "branch.json").stdout
        self.assertIn("Against the base: 1 new, 1 known, 2 fixed.", text)
        # Who has not looked again, or not at everything, does not know.
        self.report(finding(1), name="base.json", scanner="packages")
        self.assertEqual(fixed("--base", "base.json"), [])
        self.report(finding(1), name="base.json")
        lost = [{"reason": "no permission", "count": 1, "bytes": 0, "loss": True, "examples": [{"place": "a"}]}]
        self.report(finding(2), name="branch.json", skipped=lost)
        self.assertEqual(fixed("--base", "base.json"), [])

    def test_writes_more_than_one_format(self):
        self.report(finding(1))
        (self.folder / "summary.md").write_text("of another\n")
        ran = self.gate("-f", "github", "--report", "sarif=gate.sarif", "--report", "summary=summary.md",
                        "--report", "summary=new.md", "report.json")
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.assertTrue(ran.stdout.startswith("::error file=src/1.py,line=3,"))
        results = json.loads((self.folder / "gate.sarif").read_text())["runs"][0]["results"]
        self.assertEqual([one["level"] for one in results], ["error"])
        text = (self.folder / "summary.md").read_text()
        self.assertEqual(text, "of another\n\n" + (self.folder / "new.md").read_text())
        for wrong in ("sarif", "sarif=", "=x", "nothing=x", "sarif=no/such/folder"):
            self.assertEqual(self.gate("--report", wrong, "report.json").returncode, 2, wrong)

    def test_the_same_input_gives_the_same_bytes(self):
        self.report(*(finding(number) for number in range(50)), *(vulnerable(number) for number in range(50, 90)))
        for output in ("json", "markdown", "summary", "table", "github", "azure", "sarif", "junit", "codequality",
                       "gitlab-dependencies", "gitlab-secrets"):
            self.assertEqual(self.gate("-f", output, "report.json").stdout,
                             self.gate("-f", output, "report.json").stdout, output)

    def test_a_comment_goes_by_what_to_do(self):
        self.report(vulnerable(1, exploited=True, score=9.8, probability=0.94), vulnerable(2, exploited=True),
                    finding(3, message="evil | <img src=x> @all [x](http://y) `z`"), finding(4, "low"))
        text = self.gate("-f", "markdown", "report.json").stdout
        self.assertTrue(text.startswith("<!-- vedette:gate:main -->\n"))
        self.assertEqual(text.count("`npm install left-pad@1.1`"), 1)
        self.assertIn("| left-pad (npm) in src/1.py&#58;3&#58;1 | 1.0 | 1.1 | CVE-2026-1, CVE-2026-2 | "
                      "**exploited**, CVSS 9.8, EPSS 94.0 % |", text)
        self.assertNotIn("<img", text)
        self.assertNotIn("@all", text)
        self.assertNotIn("src/4.py", text)

    def test_a_comment_fits(self):
        self.report(*(finding(number, remediation=f"Do {number} " + "x" * 250) for number in range(2000)))
        text = self.gate("-f", "markdown", "report.json").stdout
        self.assertLess(len(text), 65_000)
        self.assertRegex(text, r"\d+ more to do")

    def test_annotations_cannot_be_forged(self):
        self.report(finding(1, message="a\n::error::forged", place={"path": "a,b:c\n.py", "line": 3, "end_line": 3}))
        lines = self.gate("-f", "github", "report.json").stdout.splitlines()
        self.assertEqual(len(lines), 1)
        self.assertTrue(lines[0].startswith("::error file=a%2Cb%3Ac"), lines[0])

    def test_code_quality_of_gitlab(self):
        same = finding(1, place={"path": "./src/1.py"})
        self.report(finding(1), same, finding(2, message="a\x1b[2Jb"), finding(3, "low"), vulnerable(4))
        ran = self.gate("-f", "codequality", "report.json")
        self.assertEqual(ran.returncode, 1)
        got = json.loads(ran.stdout)
        self.assertEqual(sorted((one["check_name"], one["severity"]) for one in got),
                         [("CVE-2026-4", "blocker")] + [("some-key", "blocker")] * 3)
        self.assertEqual(len({one["fingerprint"] for one in got}), len(got))
        self.assertEqual({one["location"]["path"] for one in got} & {"./src/1.py", "src/3.py"}, set())
        self.assertTrue(all(one["location"]["lines"]["begin"] >= 1 for one in got))
        self.assertNotIn("\\u001b", ran.stdout)

    def test_a_terminal_obeys_nothing(self):
        self.report(finding(1, message="\x1b[2Jgone", place={"path": "\x1b]0;x\x07.py"}))
        self.assertNotIn("\x1b", self.gate("-f", "table", "report.json").stdout)


class Merge(unittest.TestCase):
    """Waivers and baselines of two branches, merged by git as .gitattributes says."""

    def git(self, *arguments, check=True):
        return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments],
                              cwd=self.folder, capture_output=True, text=True, check=check)

    def waive(self, number, *more):
        ran = subprocess.run([VEDETTE, "waive", f"{number:032x}", "--reason", f"why {number}", "--approver", "ada",
                              "--expires", "2027-01-31", "--now", NOW, *more], cwd=self.folder, capture_output=True,
                             text=True, timeout=60, check=False)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def change(self, chance, known):
        """Some waivers more, some revoked; what holds afterwards."""
        revoked = set()
        for _ in range(chance.randrange(1, 4)):
            if known and chance.random() < 0.3:
                number = chance.choice(sorted(known))
                self.waive(number, "--revoke")
                revoked.add(number)
            else:
                number = chance.randrange(40)
                self.waive(number)
                known.add(number)
        self.git("add", "-A")
        self.git("commit", "-qm", "change")
        return known, revoked

    def history(self, chance):
        self.git("init", "-q", "-b", "main")
        (self.folder / ".gitattributes").write_text(".vedette-waivers.yaml merge=union\n")
        (self.folder / "report.json").write_text(
            '{"findings":' + json.dumps([finding(number) for number in range(40)]) + ',"summary":' +
            json.dumps(summary()) + "}")
        base, gone = self.change(chance, set())
        self.git("checkout", "-qb", "other")
        theirs, theirs_gone = self.change(chance, set(base))
        self.git("checkout", "-q", "main")
        ours, ours_gone = self.change(chance, set(base))
        merged = self.git("merge", "-q", "--no-edit", "other", check=False)
        self.assertEqual(merged.returncode, 0, merged.stdout + merged.stderr)
        return (ours | theirs) - gone - ours_gone - theirs_gone

    def test_no_conflict_and_no_loss(self):
        for seed in range(100):
            with self.subTest(seed=seed), tempfile.TemporaryDirectory() as folder:
                self.folder = pathlib.Path(folder)
                expected = self.history(random.Random(seed))
                ran = subprocess.run([VEDETTE, "gate", "--now", NOW, "report.json"], cwd=folder, capture_output=True,
                                     text=True, timeout=60, check=False)
                found = {int(one["finding"]["identity"], 16) for one in json.loads(ran.stdout)["judgements"]
                         if one["verdict"] == "allow"}
                self.assertEqual(found, expected)


if __name__ == "__main__":
    unittest.main()
